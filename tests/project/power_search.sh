#!/bin/sh
# power_search.sh: how scripts look for a bug in ranges of seeds; they source it. They set `build`,
# `work`, a folder for files, `script`, their own name, and `wanted`, what was asked for (empty:
# all). Of what is looked for they set `names`, the scenarios, `stop`, where a sweep ends, `bug`,
# which is planted, `what`, its name for people, `branches`, how many crash states are judged beside
# each run (empty: as the scenario says), and `library`, where the SQLite under test is (empty: the
# system's).
# shellcheck disable=SC2034,SC2154 # so they are set there, and used there
range_seeds=1048576
: "${branches:=}" "${bug:=}" "${library:=}"

# is_wanted NAME: whether it is among the names that were asked for, if any were.
is_wanted() {
	[ -z "$wanted" ] && return 0
	for name in $wanted; do [ "$name" = "$1" ] && return 0; done
	return 1
}

# checksum FILE...: what a row was measured with: the bytes of the program, read once, and of these
# files.
own_checksum=$(cksum <"$build/aftershock" | tr ' ' '-')
checksum() {
	echo "$own_checksum$(for file in "$@"; do cksum <"$file"; done | awk '{ printf "-%s-%s", $1, $2 }')"
}

# field NAME: of the JSON object on standard input.
field() {
	sed -n "s/.*\"$1\":\"\{0,1\}\([^\",}]*\).*/\1/p"
}

# holds SCENARIO SEED: whether the sound program holds there, or is excused.
holds() {
	LD_LIBRARY_PATH=$library "$build/aftershock" run "$1" --library scenarios --seeds "$2..$2" --jobs 1 --json \
		2>/dev/null | sed -n '/"type":"run"/{p;q;}' >"$work/sound"
	grep -q '"verdict":"held"' "$work/sound" || ! grep -q '"finding":""' "$work/sound"
}

# search FIRST LAST SECONDS: one sweep. Sets found, and adds to runs and spent.
search() {
	# shellcheck disable=SC2086 # names are words
	LD_LIBRARY_PATH=$library "$build/aftershock" run $names --library scenarios --seeds "$1..$2" --by-seed \
		--stop-at "$stop" --processor-time "${3}s" --jobs 1 --json ${bug:+--bug "$bug"} \
		${branches:+--branches "$branches"} 2>"$work/messages" |
		grep -e '"verdict":"violated"' -e '"type":"summary"' >"$work/sweep" || :
	grep '"type":"summary"' "$work/sweep" >"$work/summary" || {
		echo "$script: $what: $(head -n 1 "$work/messages")" >&2
		exit 3
	}
	[ "$(field exit_status <"$work/summary")" != 130 ] || exit 130
	runs=$((runs + $(field runs <"$work/summary")))
	spent=$(echo "$spent $(field processor_s <"$work/summary")" | awk '{ printf "%.3f", $1 + $2 }')
	case $stop in
	violation) grep '"type":"run"' "$work/sweep" | grep '"finding":""' >"$work/found" || : ;;
	*) grep "\"finding\":\"${stop}[-\"]" "$work/sweep" | grep '"type":"run"' >"$work/found" || : ;;
	esac
	tail -n 1 "$work/found" >"$work/last"
	found=$(field seed <"$work/last")
}

# seek RANGE LIMIT: the first detection in that range, before LIMIT processor seconds. A violation
# is one only if the sound program holds on the same seed; else the search goes on behind it. Sets
# first, found (empty: there is none), runs, spent, passed, scenario and invariant.
seek() {
	first=$(($1 * range_seeds + 1))
	last=$((first + range_seeds - 1))
	at=$first
	runs=0
	spent=0
	passed=0
	while :; do
		left=$(echo "$2 $spent" | awk '{ print int($1 - $2 + 0.999) }')
		found=
		[ "$left" -le 0 ] || search "$at" "$last" "$left"
		[ -n "$found" ] || return 0
		cell=$(sed -n 's/.*"cell":"\([^"]*\)".*/\1/p' "$work/last")
		scenario=$(field scenario <"$work/last")${cell:+:$cell}
		invariant=$(field invariant <"$work/last")
		if [ "$stop" != violation ] || holds "$scenario" "$found"; then
			return 0
		fi
		passed=$((passed + 1))
		at=$((found + 1))
	done
}
