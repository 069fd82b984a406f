#!/bin/sh
# `--sanitize` becomes the program in sanitize/ beside this one, with the same arguments; where it
# is not built, one line says so. What it then finds: tests/sanitize/twin.sh.
. "$(dirname "$0")/lib/lib.sh"

mkdir "$scratch/build"
cp "$aftershock" "$scratch/build/aftershock"
for verb in 'run steady-trading' 'replay steady-trading@1' 'explain steady-trading@1' 'shrink steady-trading@1'; do
	# shellcheck disable=SC2086
	expect 2 "$scratch/build/aftershock" $verb --sanitize --library "$library"
	says 'sanitize/aftershock: No such file or directory, expected a build with sanitizers: `make sanitize`'
	[ "$(wc -l <"$scratch/err")" -eq 1 ] || fail "more or less than one line on stderr: $verb"
	[ ! -s "$scratch/out" ] || fail "something on stdout: $verb"
done

mkdir "$scratch/build/sanitize"
printf '#!/bin/sh\necho "sanitized: $*"\nexit 7\n' >"$scratch/build/sanitize/aftershock"
chmod +x "$scratch/build/sanitize/aftershock"
expect 7 "$scratch/build/aftershock" run steady-trading --seeds 3 --sanitize --json
says 'sanitized: run steady-trading --seeds 3 --sanitize --json'
expect 0 "$scratch/build/aftershock" replay steady-trading@1 --library "$library"
expect 2 "$scratch/build/aftershock" list --sanitize
says 'no such option'
finish
