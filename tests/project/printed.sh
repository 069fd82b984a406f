#!/bin/sh
# printed.sh check|write BUILD FILE.md...: runs the commands that Markdown pages print, and compares
# what they print with the page.
#
# A block that begins with ```console holds commands ("$ ...") and under each what it prints,
# standard error included. The commands of one file share a directory, which has a link to
# everything in the tree and to the build as `build`. A block ```LANGUAGE file=NAME is put there
# first. What stands between <!-- printed: COMMAND --> and <!-- printed end --> is printed as
# Markdown. `check` says what differs and fails. `write` puts what is printed into the page. A block
# ```console speed holds numbers of one machine: `write` renews it, `check` leaves it alone. The
# directory is printed as /home/you/aftershock. Directories *.results that commands leave are moved
# to KEEP, when that is set.
#
# Counts and hashes depend on the release of SQLite. With any other than the one below nothing is
# done, and the status is 77.
set -eu
release=3.40.1
mode=$1
build=$(cd "$2" && pwd)
shift 2
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export LC_ALL=C NO_COLOR=1

if ! "$build/aftershock" doctor | grep -q "^SQLite  *$release,"; then
	echo "printed: skipped, the pages were printed with SQLite $release"
	exit 77
fi

# The page as a script: one call of `file` or `run` for each block or command.
to_script() {
	awk -v mode="$mode" '
	/^```/ && !fenced {
		fenced = 1; console = /^```console/; skipped = mode == "check" && /^```console speed/
		written = $0; if (sub(/^```.* file=/, "", written)) { print "file " written " <<\"PRINTED_END\""; copying = 1 }
		if (console) { block++; command = 0 }
		next
	}
	/^```/ { if (copying) print "PRINTED_END"; fenced = console = copying = 0; next }
	copying { print; next }
	!fenced && /^<!-- printed: .* -->$/ {
		sub(/^<!-- printed: /, ""); sub(/ -->$/, "")
		printf "run markdown.%d <<\"PRINTED_END\"\n%s\nPRINTED_END\n", ++markdown, $0
	}
	console && /^\$ / { command++; if (!skipped) printf "run %d.%d <<\"PRINTED_END\"\n%s\nPRINTED_END\n", block, command, substr($0, 3) }
	' "$1"
}

# The page with what was printed in the place of what it says.
renew() {
	awk -v printed="$work/printed" '
	function put(name,    line, held, any) {
		while ((getline line < name) > 0) {
			sub(/[ \t]+$/, "", line)
			if (line == "") { held = held "\n"; continue }
			printf "%s%s\n", held, line; held = ""; any = 1
		}
		close(name)
		return any
	}
	/^```/ && !fenced { fenced = 1; console = /^```console/; if (console) { block++; command = 0; shown = kept = 0 } print; next }
	/^```/ { fenced = console = 0; print; next }
	console && /^\$ / {
		if (shown && !kept) print ""
		print
		command++; name = printed "/" block "." command
		kept = (getline line < name) < 0
		close(name)
		shown = kept ? 0 : put(name)
		next
	}
	console && !kept { next }
	!fenced && /^<!-- printed: .* -->$/ { print; put(printed "/markdown." ++markdown); replaced = 1; next }
	/^<!-- printed end -->$/ { replaced = 0 }
	!replaced { print }
	' "$1"
}

# In the directory of the page.
functions='
last=0
file() { cat >"$1"; }
run() {
	command=$(cat)
	(exit "$last") || :
	status() { return "$last"; }
	set +e
	status
	eval "$command" >"$PRINTED/$1" 2>&1 </dev/null
	last=$?
	set -e
}
'

status=0
for page in "$@"; do
	grep -q -E '^(```console|<!-- printed: )' "$page" || continue
	rm -rf "$work/printed" "$work/tree"
	mkdir -p "$work/printed" "$work/tree"
	for entry in "$root"/*; do
		case ${entry##*/} in build | build-*) continue ;; esac
		ln -s "$entry" "$work/tree/${entry##*/}"
	done
	ln -s "$build" "$work/tree/build"
	{
		printf '%s' "$functions"
		to_script "$page"
	} >"$work/script"
	(cd "$work/tree" && PRINTED="$work/printed" sh "$work/script") || { echo "$page: cannot be run" >&2; exit 2; }
	find "$work/printed" -type f -exec sed -i "s|$work/tree|/home/you/aftershock|g" {} +
	for results in "$work/tree"/*.results; do
		[ -z "${KEEP:-}" ] || [ ! -d "$results" ] || { rm -rf "${KEEP:?}/${results##*/}" && mv "$results" "$KEEP"; }
	done
	renew "$page" >"$work/page"
	if cmp -s "$page" "$work/page"; then
		continue
	elif [ "$mode" = write ]; then
		cat "$work/page" >"$page"
		echo "printed: $page renewed"
	else
		diff -u "$page" "$work/page" >&2 || :
		echo "$page: prints something else than its commands; \`make figures\` renews it" >&2
		status=1
	fi
done
exit $status
