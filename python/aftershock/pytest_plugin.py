"""pytest: a fixture `aftershock`, whose run() fails the test with the line that runs the seed again.

    def test_store_survives_kills(aftershock):
        aftershock.run(Store, scenario="program-kill", seeds=100)
"""

import os
import shlex

import pytest

import aftershock as _aftershock


def pytest_addoption(parser):
    group = parser.getgroup("aftershock")
    group.addoption("--aftershock-seed", metavar="SEED",
                    help="run this seed alone: a number, or SCENARIO@SEED[,VERDICT,HASH]")
    group.addoption("--aftershock-seeds", metavar="N", type=int, help="so many seeds, whatever the tests say")
    group.addoption("--aftershock-trace", metavar="FILE", help="with SCENARIO@SEED: every event goes there")


class Runs:
    """What the fixture is."""

    connect = staticmethod(_aftershock.connect)

    def __init__(self, request):
        self._command = "pytest " + shlex.quote(request.node.nodeid)
        self._seed = request.config.getoption("--aftershock-seed")
        self._seeds = request.config.getoption("--aftershock-seeds")
        self._trace = request.config.getoption("--aftershock-trace")

    def run(self, subject, **options):
        """As aftershock.run(), and it fails the test unless all held. Returns the result."""
        __tracebackhide__ = True
        result = self.result(subject, **options)
        if not result:
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
        wanted = {"AFTERSHOCK_REPLAY": self._seed, "AFTERSHOCK_TRACE": self._trace}
        before = {name: os.environ.get(name) for name in wanted}
        try:
            _set(wanted)
            return self._line(_aftershock.run(subject, command=self._command, **options))
        finally:
            _set(before)

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


def _set(variables):
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


@pytest.fixture
def aftershock(request):
    """Runs a subject over a failing disk: aftershock.run(Class, scenario=..., seeds=...)."""
    return Runs(request)
