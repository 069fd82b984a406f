#!/bin/sh
# The negative twin of test_reality: programs that lose what they acknowledged, or apply what nobody
# sent, must be found. reality_twin.sh BUILD_DIR SOURCE_DIR
set -u
build_dir=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# twin NAME SHELL_LINES: the program, but the lines run before an ingest; $3 is the database.
twin() {
	mkdir -p "$work/$1"
	cat >"$work/$1/engine" <<-END
		#!/bin/sh
		set -- engine "\$@"
		if [ "\$2" = ingest ] && [ -s "\$3" ]; then
			$2
		fi
		shift
		exec "$build_dir/engine" "\$@"
	END
	chmod +x "$work/$1/engine"
	mkdir "$work/$1/files"
	if "$build_dir/tests/program/test_reality" --kills 40 --program "$work/$1/engine" --directory "$work/$1/files" \
		>"$work/$1/out"; then
		echo "not found: $1" >&2
		cat "$work/$1/out" >&2
		exit 1
	fi
	grep -q '^violated' "$work/$1/out" || { cat "$work/$1/out" >&2; exit 1; }
	echo "$1: $(grep -m 1 '^violated' "$work/$1/out")"
}

twin forgetful 'rm -f "$3" "$3"-wal "$3"-shm "$3"-journal'
fill='{"exec_id":"extra","order_id":"extra","symbol":"AAA","side":"buy","exec_type":"trade","order_qty":1,"last_qty":1,"last_px":1,"cum_qty":1}'
twin inventive "echo '$fill' | '$build_dir/engine' ingest \"\$3\" >/dev/null 2>&1"
