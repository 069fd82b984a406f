"""A program that keeps its state in SQLite, run over a disk that fails.

    class Store:
        operations = ["put {1-20} {letters 1-40}"]
        def start(self, config):        # begins a life: open, load
            self.db = aftershock.connect(config.path)
            config.apply(self.db)
        def step(self, operation): ...  # done and durable when it returns; the answer, or None
        def observe(self): ...          # the whole state, as lines
        def stop(self): ...             # may be missing

    aftershock.run(Store, scenario="program-kill", seeds=100).check()

docs/python.md explains it, and docs/library.md what a run is.
"""

import ctypes
import gc
import os
import sqlite3
import types

from . import _c, _life
from ._life import Config, Damaged, InDoubt, Later, Refused, connect

__all__ = ["Config", "Damaged", "InDoubt", "Later", "Refused", "Result", "connect", "replay", "run"]
__version__ = "0.1.0"

_library = None


def _lib():
    global _library
    if _library is None:
        _library = _c.load()
        _life.STATE.library = _library.aftershock_path
    return _library


class Result:
    """What came of the seeds. It is true when all held.

    outcome is "held", "violated", "undecided" (too little was shown), "refused" (subject or options
    are wrong) or "failed" (the test bed). message is one line. Counts are runs, held_runs,
    violated_runs, restarts, crash_states, faults, steps. Of the first violation: scenario, seed,
    invariant, detail, trace_hash, and replay, a line for the shell.
    """

    def __init__(self, raw):
        self.outcome = _c.OUTCOMES[raw.outcome]
        self.runs, self.held_runs, self.violated_runs = raw.runs, raw.held, raw.violated
        self.restarts, self.crash_states = raw.restarts, raw.crash_states
        self.faults, self.steps, self.seed = raw.faults, raw.steps, raw.seed
        for name in ("message", "scenario", "invariant", "detail", "trace_hash", "replay"):
            setattr(self, name, getattr(raw, name).decode(errors="replace"))

    def __bool__(self):
        return self.outcome == "held"

    def __repr__(self):
        return f"<aftershock.Result {self.outcome}: {self.message}>"

    def check(self):
        """Raises AssertionError with message and replay unless all held. Returns the result."""
        if not self:
            raise AssertionError(self.message + ("\n" + self.replay if self.replay else ""))
        return self


# ---- the class ----------------------------------------------------------------------------------


def _check_class(kind, what):
    if not isinstance(kind, type):
        expected = "a class" if what == "the subject" else "a class, or a function of lines and operation"
        raise TypeError(f"{kind!r}: {what} is {type(kind).__name__}, expected {expected}")
    for method, arguments in (("start", "config"), ("step", "operation"), ("observe", "")):
        if not callable(getattr(kind, method, None)):
            signature = f"{method}(self{', ' if arguments else ''}{arguments})"
            raise TypeError(f"{kind.__name__}: has no method {signature}")
    if not callable(getattr(kind, "stop", lambda self: None)):
        raise TypeError(f"{kind.__name__}.stop: is {type(kind.stop).__name__}, expected a method stop(self)")


def _operations(kind):
    listed = getattr(kind, "operations", None)
    if listed is None:
        return None
    expected = f'{kind.__name__}.operations: expected a list of "text" or ("text", weight)'
    if isinstance(listed, (str, bytes)) or not hasattr(listed, "__iter__"):
        raise TypeError(f"{expected}, it is {type(listed).__name__}")
    rows = []
    for number, entry in enumerate(listed):
        text, weight = (entry, 1) if isinstance(entry, str) else (entry if isinstance(entry, tuple) and len(entry) == 2
                                                                  else (None, None))
        if not isinstance(text, str) or not isinstance(weight, int) or not 0 < weight < 1 << 32:
            raise TypeError(f"{expected}, [{number}] is {entry!r}")
        rows.append(_c.Operation(text.encode(), weight))
    return (_c.Operation * (len(rows) + 1))(*rows, _c.Operation(None, 0))


class _Subject:
    """The structure for a class, and all that it points to."""

    def __init__(self, kind, what="the subject"):
        _check_class(kind, what)
        self.functions = _life.Functions(kind)
        self.operations = _operations(kind)
        model = getattr(kind, "model", None)
        if isinstance(model, types.FunctionType):
            model = _life.class_of_rule(model)
        self.model = _Subject(model, "its model") if model is not None else None
        self.raw = _c.Subject(_c.INTERFACE_VERSION, kind.__name__.encode(), self.functions.start,
                              self.functions.step, self.functions.observe, self.functions.stop,
                              _c.TAKES_OPERATIONS, self.operations,
                              ctypes.pointer(self.model.raw) if self.model is not None else None)


# ---- calls --------------------------------------------------------------------------------------

_LIMITS = {"first_seed": (1 << 64) - 1, "seeds": (1 << 64) - 1, "run_seconds": (1 << 32) - 1,
           "total_seconds": (1 << 32) - 1, "processes": (1 << 32) - 1}


def _options(given):
    options = _c.Options(begin_run=ctypes.cast(ctypes.pythonapi.PyOS_AfterFork_Child, ctypes.c_void_p))
    for name, value in given.items():
        if name in _LIMITS:
            if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _LIMITS[name]:
                raise TypeError(f"aftershock: {name} is {value!r}, expected a whole number from 0 to {_LIMITS[name]}")
            setattr(options, name, value)
        elif name in ("scenario", "library", "command"):
            if value is not None and not isinstance(value, (str, os.PathLike)):
                raise TypeError(f"aftershock: {name} is {value!r}, expected a str")
            setattr(options, name, os.fsencode(value) if value is not None else None)
        else:
            known = ", ".join(list(_LIMITS) + ["scenario", "library", "command"])
            raise TypeError(f"aftershock: {name} is no option, expected one of {known}")
    return options


def _call(function, *arguments):
    """A copy of this process must destroy nothing of it: SQLite there knows nothing of it. So no
    collector runs until a run has set these objects aside, and each has one reference more."""
    if _life.is_run():
        raise RuntimeError("aftershock: a subject cannot run another one")
    _life.flush()
    collects = gc.isenabled()
    gc.disable()
    try:
        kept = [item for item in gc.get_objects() if isinstance(item, (sqlite3.Connection, sqlite3.Cursor))]
        function(*arguments)
        del kept
    finally:
        if collects:
            gc.enable()


def run(subject, **options):
    """Runs seeds of a scenario with a class. Options are those of aftershock.h: scenario, seeds,
    first_seed, run_seconds, total_seconds, processes, library, command."""
    made = _Subject(subject)
    raw = _c.Result()
    _call(_lib().aftershock_run, ctypes.byref(made.raw), ctypes.byref(_options(options)), ctypes.byref(raw))
    return Result(raw)


def replay(subject, seed, trace=None, **options):
    """Runs one seed of one scenario. Every event goes to the file that `trace` names."""
    made = _Subject(subject)
    raw = _c.Result()
    if not isinstance(seed, int) or not 0 <= seed < 1 << 64:
        raise TypeError(f"aftershock: seed is {seed!r}, expected a whole number from 0 to {(1 << 64) - 1}")
    stream = None
    if trace is not None:
        libc = ctypes.PyDLL(None)
        libc.fopen.restype = ctypes.c_void_p
        libc.fclose.argtypes = [ctypes.c_void_p]
        stream = libc.fopen(os.fsencode(trace), b"w")
        if not stream:
            raise OSError(f"{trace}: cannot be written")
    _call(_lib().aftershock_replay, ctypes.byref(made.raw), ctypes.byref(_options(options)), seed, stream,
          ctypes.byref(raw))
    if stream:
        libc.fclose(stream)
    return Result(raw)


def library_version():
    """The version of libaftershock."""
    library = _lib()
    library.aftershock_version.restype = ctypes.c_char_p
    return library.aftershock_version().decode()
