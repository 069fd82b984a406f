#!/bin/sh
# python.sh BUILD SOURCE: the Python package on the built library: its structures are those of the
# headers, classes as subjects, and the pytest plug-in, whose line shows a planted mistake again.
set -eu
build=$1
source_dir=$2
python=$(command -v /usr/bin/python3 || command -v python3 || :)
if [ -z "$python" ] || ! "$python" -c 'import pytest, sqlite3' 2>/dev/null; then
	echo 'skipped: no python3 with pytest and sqlite3'
	exit 77
fi
# A sanitizer's library would have to come first, in an interpreter without one.
if grep -q '^AFTERSHOCK_SANITIZE:[A-Z]*=.' "$build/CMakeCache.txt"; then
	echo 'skipped: this build has a sanitizer'
	exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed() { echo "python: $*"; exit 1; }
unset AFTERSHOCK_REPLAY AFTERSHOCK_TRACE AFTERSHOCK_SCENARIOS PYTEST_ADDOPTS || :
export AFTERSHOCK_LIBRARY="$build/libaftershock.so.0" PYTHONPATH="$source_dir/python" PYTHONDONTWRITEBYTECODE=1
# The plug-in is named: what is installed names itself.
tests() { "$python" -m pytest -p aftershock.pytest_plugin -p no:cacheprovider -q "$@"; }

# ---- structures ---------------------------------------------------------------------------------

PYTHONPATH="$source_dir/python" "$python" - "$work/layout.c" <<'END'
import sys
from aftershock import _c
pairs = {"subject_config": _c.Config, "subject_step": _c.Step, "subject_reply": _c.Reply, "subject_sink": _c.Sink,
         "subject_operation": _c.Operation, "aftershock_subject": _c.Subject, "aftershock_options": _c.Options,
         "aftershock_result": _c.Result}
lines = ["#include <aftershock.h>", "#include <assert.h>", "#include <stddef.h>"]
for name, kind in pairs.items():
    for field, _ in kind._fields_:
        place = getattr(kind, field)
        lines.append(f'static_assert(offsetof(struct {name}, {field}) == {place.offset}, "{name}.{field}");')
        lines.append(f'static_assert(sizeof ((struct {name} *)0)->{field} == {place.size}, "{name}.{field}");')
whole = {"subject_reply", "subject_operation", "aftershock_subject", "aftershock_options", "aftershock_result"}
lines += [f'static_assert(sizeof(struct {n}) == {__import__("ctypes").sizeof(pairs[n])}, "{n}");' for n in sorted(whole)]
for name, value in (("SUBJECT_INTERFACE_VERSION", _c.INTERFACE_VERSION), ("SUBJECT_REASON_SIZE", _c.REASON_SIZE),
                    ("SUBJECT_OPERATION_SIZE", _c.OPERATION_SIZE), ("SUBJECT_TAKES_OPERATIONS", _c.TAKES_OPERATIONS),
                    ("SUBJECT_START_DAMAGED", _c.START_DAMAGED), ("SUBJECT_STOPPED", _c.STOPPED),
                    ("SUBJECT_IN_DOUBT", _c.IN_DOUBT), ("AFTERSHOCK_FAILED", _c.OUTCOMES.index("failed"))):
    lines.append(f'static_assert({name} == {value}, "{name}");')
open(sys.argv[1], "w").write("\n".join(lines) + "\n")
END
${CC:-cc} -std=gnu17 -fsyntax-only -I"$source_dir/sim/aftershock" -I"$source_dir/sim/subject" "$work/layout.c" ||
	failed 'the structures of python/aftershock/_c.py are not those of the headers'

# ---- classes ------------------------------------------------------------------------------------

tests "$source_dir/tests/python" || failed 'a test of the package fails'

# ---- the plug-in --------------------------------------------------------------------------------

cd "$work"
cp "$source_dir/examples/python/test_store.py" .
tests test_store.py >held 2>&1 || { cat held; failed 'the example does not hold'; }
# Without a transaction: as somebody forgets it.
sed 's/with self.db:/if not setattr(self.db, "isolation_level", None):/' test_store.py >test_mistaken.py
cmp -s test_store.py test_mistaken.py && failed 'the mistake does not apply'
if tests test_mistaken.py >red 2>&1; then
	failed 'the mistake is not found'
fi
line=$(grep '^pytest test_mistaken.py::test_store_survives --aftershock-seed program-' red | head -1)
[ -n "$line" ] || { cat red; failed 'no line that replays'; }
eval "tests ${line#pytest } --aftershock-trace trace" >again 2>&1 && failed 'the line does not fail'
grep -q '^reproduced: program-' again || { cat again; failed 'not reproduced'; }
[ -s trace ] || failed 'no trace'
seed=${line#*@}
tests test_mistaken.py --aftershock-seed "${seed%%,*}" >again 2>&1 && failed 'the seed alone does not fail'
grep -q 'in 1 of 1 runs' again || { cat again; failed 'one seed is not one run'; }
tests test_mistaken.py --aftershock-seed five >wrong 2>&1 && failed 'a seed that is none'
grep -q 'aftershock-seed five: expected a number, or SCENARIO@SEED' wrong || { cat wrong; failed 'a seed that is none'; }
# A scenario that there is not is no seed; calls that are about another one are skipped, and said.
tests test_store.py --aftershock-seed program-kil@3 >wrong 2>&1 && failed 'a scenario that there is not'
grep -q 'aftershock-seed program-kil@3: program-kil: no such scenario; did you mean program-kill?' wrong ||
	{ cat wrong; failed 'a scenario that there is not'; }
tests test_store.py --aftershock-seed program-locks@3 >skipped 2>&1 || { cat skipped; failed 'another scenario fails'; }
grep -q '^1 skipped' skipped || { cat skipped; failed 'another scenario is not skipped'; }
grep -q 'test_store_survives: nothing was run: program-locks is not among' skipped || { cat skipped; failed 'skipped in silence'; }
# A line of what is repaired says so.
eval "tests $(printf '%s' "${line#pytest }" | sed 's/mistaken/store/')" >again 2>&1 || { cat again; failed 'repaired'; }
grep -q 'test_store_survives: no longer reproduced: it held: program-' again || { cat again; failed 'repaired in silence'; }

# ---- a Python whose SQLite is another one -------------------------------------------------------

# The same SQLite under another name, and an interpreter that goes by that name: the loader takes
# them for two libraries.
module=$("$python" -c 'import _sqlite3; print(_sqlite3.__file__)')
own=$(ldd "$module" | sed -n 's/.*libsqlite3\.so\.0 => \([^ ]*\).*/\1/p')
if [ -n "$own" ]; then
	mkdir other
	LC_ALL=C sed 's/libsqlite3\.so\.0/libsqlite4.so.0/g' "$module" >"other/$(basename "$module")"
	LC_ALL=C sed 's/libsqlite3\.so\.0/libsqlite4.so.0/g' "$own" >other/libsqlite4.so.0
	code='import aftershock, test_store
print(aftershock.replay(test_store.Store, 3, scenario="program-power-loss").trace_hash)'
	wanted=$("$python" -c "$code")
	export LD_LIBRARY_PATH="$work/other${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" PYTHONPATH="$work/other:$PYTHONPATH"
	export AFTERSHOCK_TEST_OTHER_SQLITE=1
	"$python" -c 'import _sqlite3, sys; sys.exit("other" not in _sqlite3.__file__)' || failed 'the other SQLite is not there'
	[ "$("$python" -c "$code")" = "$wanted" ] || failed 'in another SQLite of one version a seed is another run'
	tests "$source_dir/tests/python" -k 'sound or missing or same_run or nowhere or chance' ||
		failed 'a test of the package fails with another SQLite'
	tests test_store.py >held 2>&1 || { cat held; failed 'the example does not hold with another SQLite'; }
	if tests test_mistaken.py >red 2>&1; then
		failed 'the mistake is not found with another SQLite'
	fi
	line=$(grep '^pytest test_mistaken.py::test_store_survives --aftershock-seed program-' red | head -1)
	eval "tests ${line#pytest }" >again 2>&1 && failed 'the line does not fail with another SQLite'
	grep -q '^reproduced: program-' again || { cat again; failed 'not reproduced with another SQLite'; }
	# A fault that cannot reach it: undecided, and never green.
	"$python" - <<'END' || failed 'allocations of another SQLite fail'
import aftershock, test_store
result = aftershock.run(test_store.Store, scenario="program-memory", seeds=20)
assert result.outcome == "undecided" and "fault no_memory" in result.message, result
END
fi
echo 'all as expected'
