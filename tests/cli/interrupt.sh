#!/bin/sh
# Ctrl-C, SIGTERM, a terminal that closes: workers end, what is finished is reported and stored,
# status 130. And what a terminal
# sees: progress, no colours.
. "$(dirname "$0")/lib/lib.sh"

for signal in INT TERM HUP; do
	"$aftershock" run steady-trading --library "$library" --seeds 1000000 --results "$scratch/$signal" >"$scratch/out" 2>"$scratch/err" &
	pid=$!
	sleep 1
	kill -$signal "$pid"
	wait "$pid"
	status=$?
	[ "$status" -eq 130 ] || fail "status $status after $signal, expected 130"
	says 'interrupted: what is above is what was finished'
	[ ! -s "$scratch/err" ] || fail "something on stderr after $signal: $(cat "$scratch/err")"
	runs=$(awk '$1 == "all" { print $2 }' "$scratch/out")
	[ "${runs:-0}" -gt 0 ] || fail 'nothing was finished in a second'
	# The first seed, for workers finish theirs in any order.
	expect 0 "$aftershock" replay steady-trading@1 --library "$library" --results "$scratch/$signal"
	says reproduced
	! pgrep -P "$pid" aftershock >/dev/null || fail 'a worker is left'
done

# Under nohup the terminal may close.
nohup "$aftershock" run steady-trading --library "$library" --seeds 1000000 >"$scratch/out" 2>"$scratch/err" &
pid=$!
sleep 1
kill -HUP "$pid"
sleep 1
kill -0 "$pid" 2>/dev/null || fail 'ended by a closed terminal in spite of nohup'
kill -INT "$pid"
wait "$pid"
says 'interrupted: what is above is what was finished'

# Progress is for terminals only; there are no colours with or without NO_COLOR.
if script -q -c true /dev/null >/dev/null 2>&1 </dev/null; then
	for environment in NO_COLOR=1 NO_COLOR=; do
		env "$environment" script -q -c "'$aftershock' run steady-trading --library '$library' --seeds 1500 --jobs 1" \
			"$scratch/out" >/dev/null 2>"$scratch/err" </dev/null
		says ' of 1500 runs'
		! grep -q "$(printf '\033')" "$scratch/out" || fail "an escape sequence with $environment"
	done
else
	echo 'skipped: what a terminal sees; script(1) can make no pseudo-terminal here'
fi
expect 0 "$aftershock" run steady-trading --library "$library" --seeds 1500 --jobs 1
[ ! -s "$scratch/err" ] || fail 'progress without a terminal'
finish
