#!/bin/sh
# test_installed.sh BUILD SOURCE: what `cmake --install` puts into a prefix is whole, wherever the
# prefix goes: the program knows its scenarios and planted bugs, and examples/project, which is
# nobody's but its own, is built with CMake and with pkg-config, shared and static. It holds; its
# planted mistake goes red, and the line that the test prints shows it again.
set -eu
build=$1
source_dir=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset AFTERSHOCK_SCENARIOS AFTERSHOCK_REPLAY AFTERSHOCK_TRACE DESTDIR LD_LIBRARY_PATH || :
# What is built with a sanitizer is no package.
if grep -q '^AFTERSHOCK_SANITIZE:[A-Z]*=.' "$build/CMakeCache.txt"; then
	echo 'skipped: this build has a sanitizer'
	exit 77
fi
failed() { echo "test_installed: $*"; exit 1; }
expects() { grep -q -F -e "$2" "$work/$1" || { cat "$work/$1"; failed "$1 does not say: $2"; }; }

DESTDIR="$work/stage" cmake --install "$build" --prefix /usr >"$work/install" 2>&1 || { cat "$work/install"; exit 1; }
# The prefix moves, twice.
mkdir "$work/some where"
mv "$work/stage/usr" "$work/some where/else"
prefix="$work/some where/else"
cd "$work"

# ---- the program --------------------------------------------------------------------------------

"$prefix/bin/aftershock" list scenarios >known
expects known power-loss-wal
"$prefix/bin/aftershock" run power-loss-wal program-kill --seeds 40 --json >runs || [ $? -eq 5 ]
"$build/aftershock" run power-loss-wal program-kill --seeds 40 --json >built || [ $? -eq 5 ]
hashes() { sed 's/.*"trace_hash":"\([0-9a-f]*\)".*/\1/;/[^0-9a-f]/d' "$1"; }
hashes runs >hashes.runs
hashes built >hashes.built
[ -s hashes.runs ] || failed 'no hashes'
cmp hashes.runs hashes.built || failed 'the installed program runs something else'
if [ -d "$prefix/lib/aftershock/bugs" ]; then
	for bug in memory-before-save temp-write-not-failed; do
		"$prefix/bin/aftershock" list bugs | grep -q "^$bug" || failed "the bug $bug is not known"
	done
	status=0
	"$prefix/bin/aftershock" run disk-full --seeds 20 --bug memory-before-save >bug || status=$?
	[ "$status" -eq 1 ] || failed "the planted bug has status $status"
	line=$(sed -n 's/^  aftershock replay /replay /p' bug)
	# shellcheck disable=SC2086 # words
	"$prefix/bin/aftershock" $line >replayed || [ $? -eq 1 ]
	expects replayed reproduced
fi

# ---- the library --------------------------------------------------------------------------------

find "$prefix" -name libaftershock.so -exec nm -D --defined-only {} + | sed -n 's/.* T //p' | LC_ALL=C sort >shown
find "$prefix" -name libaftershock.a -exec nm -g --defined-only {} + | sed -n 's/.* T //p' | LC_ALL=C sort >shown_static
printf 'aftershock_replay\naftershock_run\naftershock_version\n' >names
cmp names shown_static || failed 'the static library shows other names'
# What SQLite loads is the shared one.
echo sqlite3_aftershock_init >>names
cmp names shown || failed 'it shows other names'

holds() {
	"$1" >held 2>&1 || { cat held; failed "$1 does not hold"; }
	expects held '50 runs held'
}
# The mistake goes red, and again as somebody pastes the line.
goes_red() {
	if "$1" >red 2>&1; then
		failed "$1: the mistake is not found"
	fi
	expects red ': violated '
	line=$(sed -n 's/.*\(AFTERSHOCK_REPLAY=.*\)/\1/p' red | head -1)
	[ -n "$line" ] || failed 'no line that replays'
	AFTERSHOCK_TRACE="$work/trace" sh -c "$line" >again 2>&1 || :
	expects again reproduced
	[ -s trace ] || failed 'no trace of the replay'
}

cp -R "$source_dir/examples/project" project
for kind in OFF.OFF OFF.ON ON.OFF; do
	cmake -S project -B "cmake.$kind" -DCMAKE_PREFIX_PATH="$prefix" -DSTOCK_STATIC=${kind%.*} \
		-DSTOCK_MISTAKE=${kind#*.} >configured 2>&1 || { cat configured; failed 'cmake'; }
	cmake --build "cmake.$kind" >made 2>&1 || { cat made; failed 'cmake --build'; }
done
holds cmake.OFF.OFF/test_stock
goes_red cmake.OFF.ON/test_stock
holds cmake.ON.OFF/test_stock

# pkg-config and LD_PRELOAD know no prefix with a space.
mv "$prefix" "$work/prefix"
printf '#!/bin/sh\nsqlite3 shop.db "CREATE TABLE IF NOT EXISTS t(x); INSERT INTO t VALUES(1)"\n' >shop.sh
chmod +x shop.sh
"$work/prefix/bin/aftershock" record --output shop.rec -- ./shop.sh >recorded 2>&1 || { cat recorded; failed 'record'; }
pc=$(dirname "$(find "$work/prefix" -name aftershock.pc)")
make -C project PKG_CONFIG_PATH="$pc" test test_stock_static >made 2>&1 || { cat made; failed 'make'; }
expects made '50 runs held'
cp -R project mistaken
rm -f mistaken/test_stock mistaken/test_stock_static
make -C mistaken PKG_CONFIG_PATH="$pc" MISTAKE=1 test_stock_static >made 2>&1 || { cat made; failed 'make'; }
goes_red mistaken/test_stock_static

# ---- C++, and what it throws --------------------------------------------------------------------

cat >throws.cc <<'END'
#include <aftershock.h>
#include <cstring>
#include <stdexcept>
static subject_start_status start(const subject_config *, void **instance, char *) {
	static int none;
	*instance = &none;
	return SUBJECT_STARTED;
}
static void step(void *, const subject_step *, subject_reply *) { throw std::runtime_error("thrown"); }
static void observe(void *, const subject_sink *) {}
static void stop(void *) {}
int main() {
	static const subject_operation operations[] = {{"add {1-9}", 1}, {nullptr, 0}};
	struct aftershock_subject subject = {};
	aftershock_options options = {};
	static aftershock_result result;
	subject.interface_version = SUBJECT_INTERFACE_VERSION;
	subject.name = "throws";
	subject.start = start;
	subject.step = step;
	subject.observe = observe;
	subject.stop = stop;
	subject.takes = SUBJECT_TAKES_OPERATIONS;
	subject.operations = operations;
	options.scenario = "program-kill";
	options.seeds = 3;
	try {
		aftershock_run(&subject, &options, &result);
	} catch (const std::exception &) {
		std::puts("caught in a copy");
		return 0;
	}
	std::puts(result.message);
	return result.outcome == AFTERSHOCK_VIOLATED && std::strcmp(result.invariant, "subject_crashed") == 0 ? 0 : 1;
}
END
export PKG_CONFIG_PATH="$pc"
# shellcheck disable=SC2046 # words
c++ -Wall throws.cc -o throws $(pkg-config --cflags --libs aftershock) -Wl,-rpath,"$(pkg-config --variable=libdir aftershock)"
./throws >thrown 2>&1 || { cat thrown; failed 'an exception is no violation'; }
expects thrown 'violated subject_crashed in 3 of 3 runs'
echo 'all as expected'
