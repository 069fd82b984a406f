"""pytest: a fixture `aftershock`, whose run() fails the test with the line that runs the seed again.

    def test_store_survives_kills(aftershock):
        aftershock.run(Store, scenario="program-kill", seeds=100)
"""

import os
import shlex

import pytest

import aftershock as _aftershock

_NOTES = pytest.StashKey()
_RUNS = pytest.StashKey()


def pytest_addoption(parser):
    group = parser.getgroup("aftershock")
    group.addoption("--aftershock-seed", metavar="SEED",
                    help="run this seed alone: a number, or SCENARIO@SEED[,VERDICT,HASH]")
    group.addoption("--aftershock-seeds", metavar="N", type=int, help="so many seeds, whatever the tests say")
    group.addoption("--aftershock-trace", metavar="FILE", help="with SCENARIO@SEED: every event goes there")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    runs = item.stash.get(_RUNS, None)
    if call.when == "call" and report.passed and runs is not None and runs.is_skipped():
        report.outcome = "skipped"
        report.longrepr = (str(item.path), item.location[1] + 1, "Skipped: not about --aftershock-seed")


def pytest_terminal_summary(terminalreporter, config):
    notes = config.stash.get(_NOTES, [])
    if notes:
        terminalreporter.section("aftershock")
    for note in notes:
        terminalreporter.line(note)


class Runs:
    """What the fixture is."""

    connect = staticmethod(_aftershock.connect)

    def __init__(self, request):
        self._command = "pytest " + shlex.quote(request.node.nodeid)
        self._seed = request.config.getoption("--aftershock-seed")
        self._seeds = request.config.getoption("--aftershock-seeds")
        self._trace = request.config.getoption("--aftershock-trace")
        self._passed_over = self._has_run = False
        self._node = request.node.nodeid
        self._notes = request.config.stash.setdefault(_NOTES, [])

    def run(self, subject, **options):
        """As aftershock.run(), and it fails the test unless all held. Returns the result."""
        __tracebackhide__ = True
        result = self.result(subject, **options)
        if not result and not _is_passed_over(result):
            pytest.fail(result.message + ("\n" + result.replay if result.replay else ""), pytrace=False)
        return result

    def result(self, subject, **options):
        """The same, and it fails nothing."""
        if self._seeds is not None:
            options["seeds"] = self._seeds
        if self._seed is None:
            return self._line(_aftershock.run(subject, command=self._command, **options))
        if "@" not in self._seed:
            options["seeds"] = 1
            options["first_seed"] = self._number()
            return self._line(_aftershock.run(subject, command=self._command, **options))
        wanted = {"AFTERSHOCK_REPLAY": self._seed, "AFTERSHOCK_TRACE": self._trace, "AFTERSHOCK_ONLY": "1"}
        before = {name: os.environ.get(name) for name in wanted}
        try:
            _set(wanted)
            result = self._line(_aftershock.run(subject, command=self._command, **options))
        finally:
            _set(before)
        if result.outcome == "refused" and result.message.startswith("$AFTERSHOCK_REPLAY: "):
            pytest.exit(f"--aftershock-seed {self._seed}: {result.message[20:]}", 4)
        if _is_passed_over(result):
            self._passed_over = True
            self._say(result.message)
            return result
        self._has_run = True
        if result:
            self._say(result.message)
        return result

    def _say(self, text):
        """What a test that passes, or runs nothing, would keep to itself."""
        self._notes.append(f"{self._node}: {text}")

    def is_skipped(self):
        """Whether no call of the test was about the seed."""
        return self._passed_over and not self._has_run

    def _number(self):
        try:
            return int(self._seed, 0)
        except ValueError:
            raise pytest.UsageError(f"--aftershock-seed {self._seed}: expected a number, or SCENARIO@SEED") from None

    def _line(self, result):
        """Of the line for the shell, an option."""
        words = shlex.split(result.replay)
        if words and words[0].startswith("AFTERSHOCK_REPLAY="):
            what = words[0].split("=", 1)[1]
            result.replay = f"{self._command} --aftershock-seed {shlex.quote(what)}"
        return result


def _is_passed_over(result):
    # Said of nothing else: a sweep that had no time for a run is undecided, too.
    return result.outcome == "undecided" and result.message.startswith("nothing was run: ")


def _set(variables):
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


@pytest.fixture
def aftershock(request):
    """Runs a subject over a failing disk: aftershock.run(Class, scenario=..., seeds=...)."""
    runs = request.node.stash[_RUNS] = Runs(request)
    return runs
