"""The C interface: structures of subject.h and aftershock.h, and where libaftershock is.

Only those fields are named that a program of operations needs. What lies behind them is never read
or written.
"""

import ctypes
import glob
import os
from ctypes import (CFUNCTYPE, POINTER, Structure, c_bool, c_char, c_char_p, c_int, c_int32, c_int64,
                    c_uint32, c_uint64, c_void_p)

INTERFACE_VERSION = 9
REASON_SIZE = 120
OPERATION_SIZE = 256
TAKES_OPERATIONS = 1 << 22

STARTED, START_LATER, START_DAMAGED, START_MISCONFIGURED = 1, 2, 3, 4
ACKNOWLEDGED, UNCHANGED, REFUSED, LATER, IN_DOUBT, STOPPED = 1, 2, 3, 4, 5, 6
OUTCOMES = ("none", "held", "violated", "undecided", "refused", "failed")


class Config(Structure):
    _fields_ = [("vfs_name", c_char_p), ("path", c_char_p), ("protocol", c_char_p),
                ("journal_mode", c_char_p), ("synchronous", c_char_p), ("page_size_bytes", c_uint32),
                ("cache_pages", c_int32), ("checkpoint_frames", c_uint32), ("busy_timeout_ms", c_uint32)]


class Step(Structure):
    _fields_ = [("kind", c_int), ("update", c_void_p), ("transaction", c_void_p), ("command", c_void_p),
                ("update_count", c_uint32), ("updates", c_void_p), ("replies", c_void_p),
                ("hello", c_void_p), ("statement", c_void_p), ("order", c_void_p), ("checkpoint", c_int),
                ("looks", c_uint32), ("pages", c_uint32), ("hold_ns", c_int64), ("copy_path", c_char_p),
                ("journal_mode", c_char_p), ("gaps", c_void_p), ("operation", c_char_p),
                ("answer", c_void_p), ("pragma", c_char_p)]


class Reply(Structure):
    _fields_ = [("outcome", c_int), ("must_restart", c_bool), ("sqlite_code", c_int),
                ("version", c_uint64), ("held", c_bool), ("permission", c_int), ("spilled", c_bool),
                ("reason", c_char * REASON_SIZE)]


UNAVAILABLE = CFUNCTYPE(None, c_void_p, c_int, c_char_p)
LINE = CFUNCTYPE(None, c_void_p, c_char_p)


class Sink(Structure):
    _fields_ = [("context", c_void_p), ("head", c_void_p), ("position", c_void_p), ("order", c_void_p),
                ("execution", c_void_p), ("commission", c_void_p), ("digest", c_void_p),
                ("row", c_void_p), ("checked", c_void_p), ("unavailable", UNAVAILABLE), ("line", LINE)]


class Operation(Structure):
    _fields_ = [("text", c_char_p), ("weight", c_uint32)]


START = CFUNCTYPE(c_int, POINTER(Config), POINTER(c_void_p), c_void_p)
STEP = CFUNCTYPE(None, c_void_p, POINTER(Step), POINTER(Reply))
OBSERVE = CFUNCTYPE(None, c_void_p, POINTER(Sink))
STOP = CFUNCTYPE(None, c_void_p)


class Subject(Structure):
    pass


Subject._fields_ = [("interface_version", c_uint32), ("name", c_char_p), ("start", START), ("step", STEP),
                    ("observe", OBSERVE), ("stop", STOP), ("takes", c_uint32),
                    ("operations", POINTER(Operation)), ("model", POINTER(Subject))]


class Options(Structure):
    _fields_ = [("scenario", c_char_p), ("first_seed", c_uint64), ("seeds", c_uint64),
                ("run_seconds", c_uint32), ("total_seconds", c_uint32), ("processes", c_uint32),
                ("library", c_char_p), ("command", c_char_p), ("begin_run", c_void_p)]


class Result(Structure):
    _fields_ = [("outcome", c_int), ("message", c_char * 1600), ("runs", c_uint64), ("held", c_uint64),
                ("violated", c_uint64), ("restarts", c_uint64), ("crash_states", c_uint64),
                ("faults", c_uint64), ("steps", c_uint64), ("scenario", c_char * 160), ("seed", c_uint64),
                ("invariant", c_char * 40), ("detail", c_char * 340), ("trace_hash", c_char * 33),
                ("replay", c_char * 4096)]


def _candidates():
    """Where the library may be: said, in the prefix of this package, in a build beside its source."""
    said = os.environ.get("AFTERSHOCK_LIBRARY")
    if said:
        return [said]
    here = os.path.dirname(os.path.abspath(__file__))
    found = []
    for _ in range(5):
        here = os.path.dirname(here)
        for pattern in ("lib/libaftershock.so.0", "lib64/libaftershock.so.0", "lib/*/libaftershock.so.0",
                        "build/libaftershock.so.0"):
            found += sorted(glob.glob(os.path.join(here, pattern)))
    return found + ["libaftershock.so.0"]


def load():
    """The library. Calls keep the lock of the interpreter, so that a fork has it, too."""
    first = None
    for path in _candidates():
        try:
            library = ctypes.PyDLL(path)
            library.aftershock_path = path
            break
        except OSError as error:
            first = first or error
    else:
        raise ImportError(f"libaftershock: {first}; expected it installed, or its path in AFTERSHOCK_LIBRARY")
    library.aftershock_run.restype = None
    library.aftershock_run.argtypes = [POINTER(Subject), POINTER(Options), POINTER(Result)]
    library.aftershock_replay.restype = None
    library.aftershock_replay.argtypes = [POINTER(Subject), POINTER(Options), c_uint64, c_void_p,
                                          POINTER(Result)]
    return library
