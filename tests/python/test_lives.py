"""A class as a subject: lives, mistakes, and what a run does to this process."""

import os
import random
import sqlite3
import sys
import threading
import time

import pytest

import aftershock

REPEATS = int(os.environ.get("AFTERSHOCK_REPEATS", "12"))
OTHER_SQLITE = bool(os.environ.get("AFTERSHOCK_TEST_OTHER_SQLITE"))
FEW = {"scenario": "program-kill", "seeds": 10, "processes": 2}


class Store:
    operations = [("put {1-20} {letters 1-40}", 3), "delete {1-20}", "get {1-20}"]

    def start(self, config):
        self.db = aftershock.connect(config.path)
        config.apply(self.db)
        self.db.execute("CREATE TABLE IF NOT EXISTS pair(key INTEGER PRIMARY KEY, value TEXT)")

    def step(self, operation):
        word, key, *value = operation.split()
        if word == "get":
            row = self.db.execute("SELECT value FROM pair WHERE key = ?", (key,)).fetchone()
            return row[0] if row else ""
        with self.db:
            self.db.execute("DELETE FROM pair WHERE key = ?", (key,))
            if word == "put":
                self.db.execute("INSERT INTO pair VALUES(?, ?)", (key, value[0]))

    def observe(self):
        return [f"{key} {value}" for key, value in self.db.execute("SELECT * FROM pair ORDER BY key")]


def held(result):
    assert result.outcome in ("held", "undecided"), result.message
    assert result.held_runs == result.runs
    return result


def test_a_sound_class_holds():
    result = held(aftershock.run(Store, **FEW))
    assert result.runs == 10 and result.faults > 0 and result.steps > 0
    assert result.replay == "" and result.seed == 0


def test_a_missing_transaction_is_found_and_replayed(monkeypatch):
    class Careless(Store):
        def step(self, operation):
            self.db.isolation_level = None
            return Store.step(self, operation)

    result = aftershock.run(Careless, scenario="program-kill", seeds=60, processes=2)
    assert result.outcome == "violated" and not result
    assert result.invariant == "loaded_equals_committed"
    assert len(result.trace_hash) == 32
    with pytest.raises(AssertionError, match="AFTERSHOCK_REPLAY="):
        result.check()
    monkeypatch.setenv("AFTERSHOCK_REPLAY", result.replay.split()[0].split("=", 1)[1])
    again = aftershock.run(Careless, scenario="program-kill")
    assert again.message.startswith("reproduced: ") and again.trace_hash == result.trace_hash


def test_a_seed_is_the_same_run_every_time(tmp_path):
    hashes = set()
    for number in range(REPEATS):
        random.random()
        held_memory = [object() for _ in range(number * 100)]
        result = aftershock.replay(Store, 3, scenario="program-power-loss")
        hashes.add((result.outcome, result.trace_hash))
        del held_memory
    assert len(hashes) == 1 and len(result.trace_hash) == 32
    trace = tmp_path / "trace"
    traced = aftershock.replay(Store, 3, trace=trace, scenario="program-power-loss")
    assert {(traced.outcome, traced.trace_hash)} == hashes
    assert "xWrite" in trace.read_text()


def test_several_processes_of_python_agree():
    import subprocess

    here = os.path.dirname(__file__)
    code = ("import sys; sys.path.insert(0, sys.argv[1]); import test_lives, aftershock;"
            "print(aftershock.replay(test_lives.Store, 3, scenario='program-power-loss').trace_hash)")
    told = {subprocess.run([sys.executable, "-c", code, here], check=True, capture_output=True, text=True,
                           env={**os.environ, "PYTHONHASHSEED": seed}).stdout for seed in ("1", "2")}
    assert len(told) == 1 and len(told.pop().strip()) == 32


LIVES = []


def test_a_life_is_a_new_instance_and_a_run_a_new_memory():
    class Remembering(Store):
        seen = 0

        def start(self, config):
            assert not hasattr(self, "db")
            Store.start(self, config)
            LIVES.append(id(self))
            if len(LIVES) > 400:
                raise ValueError("memory of other runs")

        def stop(self):
            self.db.close()

    held(aftershock.run(Remembering, **FEW))
    assert LIVES == []


def test_a_connection_that_is_left_open_is_closed_at_death():
    class Leaving(Store):
        def start(self, config):
            Store.start(self, config)
            self.me = self  # a circle, which only the collector takes away

    held(aftershock.run(Leaving, **FEW))


def test_connections_and_threads_of_this_process_live_on(tmp_path):
    db = sqlite3.connect(tmp_path / "host.db")
    db.execute("CREATE TABLE kept(x)")
    db.execute("INSERT INTO kept VALUES(1)")
    ended = threading.Event()

    mine = threading.local()

    def work():
        mine.db = sqlite3.connect(tmp_path / "host.db")
        mine.db.execute("SELECT count(*) FROM sqlite_schema")
        mine.circle = [mine.db]
        mine.circle.append(mine.circle)
        while not ended.is_set():
            sqlite3.connect(":memory:").execute("SELECT 1").fetchall()
            time.sleep(0)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for _ in range(3):
        held(aftershock.run(Store, scenario="program-kill", seeds=3, processes=1))
        db.execute("INSERT INTO kept VALUES(2)")
    ended.set()
    for thread in threads:
        thread.join()
    db.commit()
    assert db.execute("SELECT count(*) FROM kept").fetchone() == (4,)
    with pytest.raises(RuntimeError, match="there is a disk in start"):
        aftershock.connect("x")


def test_chance_is_the_same_in_each_run():
    class Chancy(Store):
        def step(self, operation):
            Store.step(self, operation)
            return str(random.random())

    told = set()
    for _ in range(3):
        random.random()
        told.add(aftershock.replay(Chancy, 1, scenario="program-kill").trace_hash)
    assert len(told) == 1


# ---- words ---------------------------------------------------------------------------------------


def test_words_of_a_step():
    class Saying(Store):
        def step(self, operation):
            if operation.startswith("delete"):
                raise aftershock.Refused("nothing is deleted")
            return Store.step(self, operation)

    held(aftershock.run(Saying, **FEW))


def test_a_constraint_refuses():
    class Strict(Store):
        def step(self, operation):
            with self.db:
                self.db.execute("INSERT INTO pair VALUES(?, 'x')", (operation.split()[1],))

    held(aftershock.run(Strict, **FEW))


def test_a_model_says_what_is_right():
    class Model:
        def start(self, config):
            assert config.path is None
            self.pairs = {}

        def step(self, operation):
            word, key, *value = operation.split()
            if word == "get":
                return self.pairs.get(int(key), "")
            self.pairs.pop(int(key), None)
            if word == "put":
                self.pairs[int(key)] = value[0]

        def observe(self):
            return [f"{key} {value}" for key, value in sorted(self.pairs.items())]

    class Modelled(Store):
        model = Model

    class Wrong(Modelled):
        def step(self, operation):
            return None if operation.startswith("delete") else Store.step(self, operation)

    held(aftershock.run(Modelled, **FEW))
    assert aftershock.run(Wrong, **FEW).outcome == "violated"


def test_a_model_may_be_a_pure_function():
    def rule(lines, operation):
        pairs = dict(line.split(" ", 1) for line in lines)
        word, key, *value = operation.split()
        if word == "get":
            return lines, pairs.get(key, "")
        pairs.pop(key, None)
        if word == "put":
            pairs[key] = value[0]
        return [f"{key} {value}" for key, value in sorted(pairs.items(), key=lambda pair: int(pair[0]))]

    class Ruled(Store):
        model = rule

    class Wrong(Ruled):
        def step(self, operation):
            return None if operation.startswith("delete") else Store.step(self, operation)

    held(aftershock.run(Ruled, **FEW))
    assert aftershock.run(Wrong, **FEW).outcome == "violated"
    by_class = aftershock.replay(Store, 3, scenario="program-power-loss").trace_hash
    assert aftershock.replay(Ruled, 3, scenario="program-power-loss").trace_hash == by_class

    class Vague(Store):
        def model(lines, operation):
            return 5

    detail = aftershock.run(Vague, **{**FEW, "seeds": 1}).detail
    assert "model: returned int, expected the lines of the state, or lines and answer" in detail


# ---- mistakes ------------------------------------------------------------------------------------


def crash_of(**methods):
    kind = type("Wrong", (Store,), methods)
    result = aftershock.run(kind, scenario="program-kill", seeds=1, processes=1)
    assert result.outcome == "violated" and result.invariant == "subject_crashed", result.message
    assert "\n" not in result.message
    return result.detail


def raising(self, *arguments):
    raise ValueError("of my own")


def test_mistakes_in_methods_are_named():
    assert "Wrong.step: returned int, expected str or None" in crash_of(step=lambda self, operation: 5)
    assert "Wrong.step: returned 3 bytes, expected one line below 256" in crash_of(step=lambda self, _: "a\nb")
    assert "Wrong.step: ValueError: of my own (test_lives.py:" in crash_of(step=raising)
    assert "Wrong.start: ValueError: of my own (test_lives.py:" in crash_of(start=raising)
    assert "Wrong.observe: returned str, expected lines, each a str" in crash_of(observe=lambda self: "a")
    assert "Wrong.observe: showed int, expected lines, each a str" in crash_of(observe=lambda self: [1])
    assert "Wrong.observe: TypeError: " in crash_of(observe=lambda self: None)
    assert "Wrong.stop: ValueError: of my own" in crash_of(stop=raising)
    assert "Wrong.start: TypeError: " in crash_of(start=lambda self: None)


def refused_of(match, subject, **options):
    with pytest.raises(TypeError, match=match) as caught:
        aftershock.run(subject, **options)
    assert "\n" not in str(caught.value)


def test_a_disk_that_is_nowhere_is_said_to_be():
    def start(self, config):
        config.vfs = "of-another-library"
        Store.start(self, config)

    if OTHER_SQLITE:
        assert "no such vfs" in str(aftershock.run(type("Wrong", (Store,), {"start": start}), **FEW).detail)
    else:
        assert ("of this Python: has no simulated disk, and takes none: it is the SQLite of libaftershock itself "
                "(docs/python.md)") in crash_of(start=start)


def test_a_python_that_loads_no_extension_says_so(monkeypatch):
    class Closed(sqlite3.Connection):
        def __getattribute__(self, name):
            if name == "enable_load_extension":
                raise AttributeError(name)
            return super().__getattribute__(name)

    opened = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda path, **keywords: opened(path, **{"factory": Closed, **keywords}))

    def start(self, config):
        config.vfs = "of-another-library"
        Store.start(self, config)

    assert "takes none: this Python cannot load extensions (docs/python.md)" in crash_of(start=start)


def test_mistakes_in_a_class_are_named():
    refused_of("the subject is int, expected a class", 5)
    refused_of(r"Half: has no method step\(self, operation\)", type("Half", (), {"start": lambda self, config: None}))
    refused_of(r"Wrong.stop: is int, expected a method stop\(self\)", type("Wrong", (Store,), {"stop": 3}))
    refused_of(r'Wrong.operations: expected a list of "text".*, it is str', type("Wrong", (Store,), {"operations": "a"}))
    refused_of(r"Wrong.operations: .*\[1\] is 7", type("Wrong", (Store,), {"operations": ["a", 7]}))
    refused_of("its model is str, expected a class, or a function of lines and operation", type("Wrong", (Store,), {"model": "x"}))
    refused_of("seeds is -1, expected a whole number from 0", Store, seeds=-1)
    refused_of("scenario is 5, expected a str", Store, scenario=5)
    refused_of("seed is no option, expected one of", Store, seed=5)


def test_what_the_library_refuses_is_one_line():
    result = aftershock.run(Store, scenario="program-kil")
    assert (result.outcome, result.message) == (
        "refused", "program-kil: no such scenario; did you mean program-kill?")
    result = aftershock.run(type("Wrong", (Store,), {"operations": ["put {1-"]}), scenario="program-kill")
    assert result.outcome == "refused" and "operation 0: {1-, expected" in result.message
