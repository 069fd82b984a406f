"""Lives of a subject: the four functions of subject.h around a class, in a fork of this process.

Nothing here runs in the process that asks. Each run is a fork of it, and in a run each life is a new
instance of the class.
"""

import ctypes
import gc
import os
import random
import sqlite3
import sys
import traceback
import urllib.parse
import weakref

from . import _c


class Later(Exception):
    """Raised by step: not done, ask again. By start: the storage fails, start again."""


class Refused(Exception):
    """Raised by step: not done, and never will be."""


class InDoubt(Exception):
    """Raised by step: it may be stored, and only the next start knows."""


class Damaged(Exception):
    """Raised by start: what is stored is damaged."""


class Config:
    """How a life is to be run. A model has no path, and no vfs."""

    def __init__(self, raw):
        def text(value):
            return value.decode() if value is not None else None

        self.path = text(raw.path)
        self.vfs = text(raw.vfs_name)
        self.journal_mode = text(raw.journal_mode)
        self.synchronous = text(raw.synchronous)
        self.page_size = raw.page_size_bytes
        self.cache_pages = raw.cache_pages
        self.checkpoint_frames = raw.checkpoint_frames
        self.busy_timeout = raw.busy_timeout_ms / 1000

    def apply(self, connection):
        """Sets the connection as the scenario says: page size, journal mode, synchronous."""
        for pragma in (f"page_size={self.page_size}", f"journal_mode={self.journal_mode}",
                       f"synchronous={self.synchronous}"):
            connection.execute("PRAGMA " + pragma).fetchall()


class Life:
    def __init__(self, config):
        self.config = config
        self.instance = None
        self.connections = weakref.WeakSet()


class _State:
    """Of this process: whether it is a run, and its lives."""

    def __init__(self):
        self.owner = os.getpid()  # whoever has loaded this module runs nothing
        self.library = None  # the path of libaftershock
        self.door = None  # a connection that brings the disk into another SQLite; None: it is there
        self.run = None
        self.lives = {}
        self.next = 1
        self.current = None


STATE = _State()


class Connection(sqlite3.Connection):
    """What connect() makes when nobody asks for another class. It can be referred to weakly."""


def connect(path, **keywords):
    """An ordinary connection to a file on the simulated disk of the life that is on."""
    life = STATE.current
    if life is None or life.config.vfs is None:
        raise RuntimeError("aftershock.connect: there is a disk in start, step, observe and stop of a subject only")
    uri = f"file:{urllib.parse.quote(str(path))}?vfs={urllib.parse.quote(life.config.vfs)}"
    keywords.setdefault("timeout", life.config.busy_timeout)
    keywords.setdefault("factory", Connection)
    if STATE.door is not None:
        _bring_in()
    try:
        connection = sqlite3.connect(uri, uri=True, **keywords)
    except sqlite3.OperationalError as error:
        if STATE.door is not None or not str(error).startswith("no such vfs"):
            raise
        _bring_in()
        connection = sqlite3.connect(uri, uri=True, **keywords)
    try:
        life.connections.add(connection)
    except TypeError:
        pass  # a class of the caller's own that cannot be referred to: it closes its connections itself
    return connection


def _bring_in():
    """This Python has a SQLite of its own: libaftershock is an extension that brings the disk into it."""
    try:
        if STATE.door is None:
            STATE.door = sqlite3.connect(":memory:")
            STATE.door.enable_load_extension(True)
        STATE.door.load_extension(STATE.library)
    except AttributeError:
        _no_disk("this Python cannot load extensions")
    except sqlite3.Error as error:
        _no_disk(str(error).rsplit("error during initialization: ", 1)[-1])


def _no_disk(why):
    _die(f"SQLite {sqlite3.sqlite_version} of this Python", f"has no simulated disk, and takes none: {why} "
         "(docs/python.md)")


def _begin_run():
    """The first call in a run: what this process had is nobody's garbage, and chance is the same."""
    if STATE.run == os.getpid():
        return
    STATE.run = os.getpid()
    gc.disable()
    gc.freeze()
    random.seed(0)


def _die(name, what):
    """A mistake of the class, not of the disk: the run ends here, with one line that says so."""
    os.write(2, f"{name}: {what}\n".encode(errors="replace"))
    os._exit(1)


def _wrong(name, error):
    """An exception that no disk makes: where it came from."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" ({os.path.basename(frames[-1].filename)}:{frames[-1].lineno})" if frames else ""
    _die(name, f"{type(error).__name__}: {' '.join(str(error).split())}{place}")


def _code(error):
    return getattr(error, "sqlite_errorcode", None) or (7 if isinstance(error, MemoryError) else 1)


def _text(error, size):
    return " ".join(str(error).split()).encode(errors="replace")[:size - 1].decode(errors="ignore").encode()


def _is_of_disk(error):
    """SQLite's word for a failed allocation is MemoryError."""
    return isinstance(error, (sqlite3.Error, MemoryError))


_BUSY, _LOCKED, _CORRUPT, _NOTADB = 5, 6, 11, 26


def class_of_rule(rule):
    """A model that is a pure function: from the lines of the state before, and an operation, to the
    lines after it, or to these and the answer."""
    name = getattr(rule, "__name__", "rule")

    class Rule:
        operations = None

        def start(self, config):
            self.lines = ()

        def step(self, operation):
            result = rule(self.lines, operation)
            answer = None
            if isinstance(result, tuple) and len(result) == 2 and not isinstance(result[0], str):
                result, answer = result
            if isinstance(result, (str, bytes)) or not hasattr(result, "__iter__"):
                _die(name, f"returned {type(result).__name__}, expected the lines of the state, or lines and answer")
            self.lines = tuple(result)
            return answer

        def observe(self):
            return self.lines

    Rule.__name__ = name
    return Rule


class Functions:
    """The four functions for one class, as ctypes can call them."""

    def __init__(self, kind):
        self.kind = kind
        self.start = _c.START(self._start)
        self.step = _c.STEP(self._step)
        self.observe = _c.OBSERVE(self._observe)
        self.stop = _c.STOP(self._stop)

    def _name(self, method):
        return f"{self.kind.__name__}.{method}"

    # -- start ------------------------------------------------------------------------------------

    def _start(self, raw, instance, reason):
        _begin_run()
        life = Life(Config(raw.contents))
        STATE.current = life
        try:
            life.instance = self.kind()
            life.instance.start(life.config)
        except BaseException as error:
            status = self._start_status(error)
            text = _text(error, _c.REASON_SIZE)
            ctypes.memmove(reason, text + b"\0", len(text) + 1)
            del error
            self._end(life)
            return status
        number = STATE.next
        STATE.next += 1
        STATE.lives[number] = life
        instance[0] = number
        return _c.STARTED

    def _start_status(self, error):
        if isinstance(error, Damaged):
            return _c.START_DAMAGED
        if isinstance(error, Later):
            return _c.START_LATER
        if not _is_of_disk(error):
            _wrong(self._name("start"), error)
        return _c.START_DAMAGED if _code(error) & 0xff in (_CORRUPT, _NOTADB) else _c.START_LATER

    # -- step -------------------------------------------------------------------------------------

    def _step(self, instance, step, reply):
        life = self._enter(instance)
        out = reply.contents
        try:
            answer = life.instance.step(step.contents.operation.decode())
        except BaseException as error:
            self._answer_error(out, error)
            return
        if answer is not None and not isinstance(answer, str):
            _die(self._name("step"), f"returned {type(answer).__name__}, expected str or None")
        encoded = (answer or "").encode()
        if len(encoded) >= _c.OPERATION_SIZE or b"\n" in encoded or b"\0" in encoded:
            _die(self._name("step"), f"returned {len(encoded)} bytes, expected one line below {_c.OPERATION_SIZE}")
        ctypes.memmove(step.contents.answer, encoded + b"\0", len(encoded) + 1)
        out.outcome = _c.ACKNOWLEDGED

    def _answer_error(self, out, error):
        code = _code(error) if _is_of_disk(error) else 0
        if isinstance(error, Later) or code & 0xff in (_BUSY, _LOCKED):
            out.outcome = _c.LATER
        elif isinstance(error, (Refused, sqlite3.IntegrityError)):
            out.outcome = _c.REFUSED
        elif isinstance(error, InDoubt) or _is_of_disk(error):
            out.outcome = _c.IN_DOUBT
            out.must_restart = True
        else:
            _wrong(self._name("step"), error)
        out.sqlite_code = code
        out.reason = _text(error, _c.REASON_SIZE)

    # -- observe ----------------------------------------------------------------------------------

    def _observe(self, instance, sink):
        life = self._enter(instance)
        out = sink.contents
        try:
            shown = life.instance.observe()
            if isinstance(shown, (str, bytes)):
                _die(self._name("observe"), f"returned {type(shown).__name__}, expected lines, each a str")
            for line in shown:
                out.line(out.context, self._line(line))
        except BaseException as error:
            if not _is_of_disk(error):
                _wrong(self._name("observe"), error)
            out.unavailable(out.context, _code(error), _text(error, _c.REASON_SIZE))

    def _line(self, line):
        if not isinstance(line, str):
            _die(self._name("observe"), f"showed {type(line).__name__}, expected lines, each a str")
        if "\n" in line or "\0" in line:
            _die(self._name("observe"), "showed a text of several lines, expected one line")
        return line.encode()

    # -- stop -------------------------------------------------------------------------------------

    def _stop(self, instance):
        life = self._enter(instance)
        stop = getattr(life.instance, "stop", None)
        try:
            if stop is not None:
                stop()
        except BaseException as error:
            if not _is_of_disk(error):
                _wrong(self._name("stop"), error)
        del STATE.lives[instance]
        self._end(life)

    def _enter(self, instance):
        STATE.current = STATE.lives[instance]
        return STATE.current

    def _end(self, life):
        """Memory dies: the instance goes, and what it has left open."""
        life.instance = None
        for connection in list(life.connections):
            try:
                connection.close()
            except sqlite3.Error:
                pass
        STATE.current = None
        gc.collect()


def is_run():
    return STATE.run == os.getpid()


def flush():
    """What this process has not written would be written by nobody else; but soon is better."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (AttributeError, ValueError, OSError):
            pass
