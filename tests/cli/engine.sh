#!/bin/sh
# The program `engine`: what it prints, and one clear line with the documented status for whatever
# stops it.
. "$(dirname "$0")/lib/lib.sh"
engine=$build_dir/engine
cd "$scratch" || exit 2

cat >units <<-'END'
	instrument AAA 0.01 0.001   # tick, lot
	currency USDT 0.00000001
END

# fills FROM TO: a fill of 0.5 each, of one order each.
fills() {
	seq "$1" "$2" | while read -r i; do
		printf '{"exec_id":"e%d","order_id":"o%d","symbol":"AAA","side":"buy","exec_type":"trade",' "$i" "$i"
		printf '"order_qty":"1","last_qty":"0.5","last_px":"100.25","cum_qty":"0.5"}\n'
	done
}

# wrong TEXT STATUS ARGUMENT...: one line on stderr that says TEXT, nothing on stdout.
wrong() {
	text=$1
	wanted=$2
	shift 2
	expect "$wanted" "$engine" "$@" </dev/null
	[ "$(wc -l <"$scratch/err")" -eq 1 ] || fail "more or less than one line on stderr: $*: $(cat "$scratch/err")"
	[ ! -s "$scratch/out" ] || fail "something on stdout: $*"
	says "$text"
}

# ---- usage
wrong 'expected ingest, positions' 2
wrong 'expected ingest, positions' 2 injest
wrong 'expected a database' 2 ingest
wrong 'no such option: --fromat' 2 ingest db --fromat fix
wrong 'no such option: --batch' 2 positions db --batch 3
wrong 'a value is missing: --format' 2 ingest db --format
wrong 'no such format: xml' 2 ingest db --format xml
wrong 'expected a number' 2 ingest db --batch many
wrong 'expected a number' 2 ingest db --batch 65
wrong 'at least 1' 2 ingest db --batch 0
wrong 'one argument too many' 2 ingest db in more
wrong 'unknown protocol' 2 ingest db --protocol none-such
wrong 'unknown journal mode' 2 ingest db --journal-mode none-such
wrong 'no such database' 2 positions db2
wrong 'no instruments are known' 2 ingest db
wrong 'none-such: No such file' 2 ingest db none-such
wrong 'Is a directory' 2 ingest db .
wrong 'none-such: No such file' 2 ingest db --instruments none-such
echo 'instrument AAA 0.01' >bad
wrong 'bad:1: expected instrument SYMBOL TICK LOT' 2 ingest db --instruments bad
expect 0 "$engine" help
says 'exit status'
expect 0 "$engine" ingest --help
says 'exit status'
expect 0 "$engine" --version
rm -f db db-lock

# ---- a run, and the same again (G2: only the database remembers)
fills 1 3 >input
second=$(sed -n 2p input)
{
	printf '%s\n' "$second"
	echo 'rubbish' # G3: one bad message costs no other
	fills 4 4 | sed 's/100.25/100.255/'
} >>input
expect 1 "$engine" ingest db input --instruments units
says '3 applied version 3'
says '4 duplicate version 3'
says '5 refused at 5:1 not_json'
says '6 refused at 6:125 order o4 too_many_decimals: last_px 100.255'
says '3 applied, 1 in already, 0 skipped, 2 refused'
expect 1 "$engine" ingest db input
says '3 duplicate version 3'
says '0 applied, 4 in already, 0 skipped, 2 refused'
expect 1 "$engine" ingest db input --json
says '"line":5,"outcome":"refused","at_line":5,"at_column":1,"reason":"not_json"'
expect 1 "$engine" ingest db input --stop-on-refusal
says '5 refused'
grep -q '^6 ' "$scratch/out" && fail 'went on after a refusal'
expect 0 "$engine" positions db
says 'AAA                                    1.5             100.25'
expect 0 "$engine" positions db --json
says '"quantity":"1.5","average_price":"100.25","cost":"150.375","realised":"0"'
expect 0 "$engine" orders db
says 'partially_filled external'
expect 0 "$engine" orders db --json
says '"status":"partially_filled","order_qty":"1"'
expect 0 "$engine" verify db
says 'verified: version 3'
fills 1 1 | expect 0 "$engine" ingest db
fills 1 1 | expect 0 "$engine" ingest db -

# ---- a FIX stream has no lines: order, byte and message number say which message is meant
printf '%s%s%s%s' \
	'8=FIX.4.4|9=67|35=8|34=1|37=o1|11=c1|17=e1|55=AAA|54=1|38=2|150=0|39=0|14=0|151=2|10=071|' \
	'8=FIX.4.4|9=107|35=8|34=2|37=o1|11=c1|17=e2|55=AAA|54=1|38=2|150=F|39=4|32=0.5|31=100.25|14=0.5|151=0|60=19700101-00:00:00|10=229|' \
	'8=FIX.4.4|9=88|35=8|34=3|37=o2|11=c1|17=e3|55=AAA|54=8|38=2|150=F|39=1|32=0.5|31=100.25|14=0.5|151=1.5|10=048|' \
	'8=FIX.4.4|9=45|35=9|34=4|37=o1|11=c2|41=c1|39=4|434=1|102=0|10=086|' >stream
expect 1 "$engine" ingest fixed stream --instruments units --format fix
says '1 applied version 4 order o1 byte 0 message 1'
says '1 applied version 4 order o1 byte 89 message 2; left out: 60 is not a time'
says '1 applied version 4 order o1 byte 329 message 4'
says '1 refused at 1:273 order o2 byte 219 message 3 no_direction: 54 8 is no side that buys or sells'
says '4 applied, 0 in already, 0 skipped, 1 refused'
expect 0 "$engine" orders fixed
says 'canceled'
expect 1 "$engine" ingest fixed stream --format fix --json
says '"outcome":"duplicate","version":4,"order_id":"o1","exec_id":"e2",'
says '"left_out":"60 is not a time","byte":89,"sequence":2'
expect 1 "$engine" ingest strict stream --instruments units --format fix --strict
says 'refused at 1:195 order o1 byte 89 message 2 bad_time: 60 is not a time'
# A venue answers for an order that the book has never seen.
{
	printf '{"exec_id":"0","order_id":"o1","symbol":"AAA","side":"buy","exec_type":"order_status",'
	printf '"ord_status":"partially_filled","order_qty":1,"price":1,"cum_qty":0.4}\n'
} >answer
expect 1 "$engine" ingest never_adopts answer --instruments units --no-adoption
says '1 gap version 0 order o1: earlier fills'
expect 0 "$engine" ingest adopts answer --instruments units
says '1 applied version 1 order o1: adopted as it stands: what it filled before moves no position'
expect 0 "$engine" orders adopts --json
says '"cum_qty":"0.4","leaves_qty":"0.6"'
says '"adopted":true'
expect 0 "$engine" positions adopts --json
[ ! -s "$scratch/out" ] || fail "an adopted order moves a position"
# The fill of a spread moves the order. Its own position it moves if nobody reports its legs.
{
	printf '{"exec_id":"s1","order_id":"o1","symbol":"SPR","side":"buy","exec_type":"multileg_trade",'
	printf '"order_qty":1,"last_qty":1,"last_px":0.5,"cum_qty":1}\n'
} >spread
{ cat units; echo 'instrument SPR 0.01 1'; } >spread_units
expect 0 "$engine" ingest spreads spread --instruments spread_units
expect 0 "$engine" orders spreads
says ' filled'
expect 0 "$engine" positions spreads --json
[ ! -s "$scratch/out" ] || fail "the fill of a spread moves a position"
sed 's/SPR.*/& no-legs/' spread_units >no_legs
expect 2 "$engine" ingest spreads spread --instruments no_legs
says 'instrument SPR: the database has it without no-legs'
whole='8=FIX.4.4|9=98|35=8|34=7|37=2|17=f4|150=F|39=2|55=SPR|54=1|38=1|32=1|31=0.5|14=1|151=0|442=3|'
printf '%s' "$whole" | awk '{ sub(/^8=FIX.4.4.9=98./, ""); sum = 0; printf "8=FIX.4.4|9=%d|%s", length($0), $0 }' >body
sum=$(tr '|' '\001' <body | od -An -v -tu1 | awk '{ for (i = 1; i <= NF; i++) s += $i } END { printf "%03d", s % 256 }')
{ cat body; printf '10=%s|' "$sum"; } >whole.fix
expect 0 "$engine" ingest legless whole.fix --format fix --instruments no_legs
expect 0 "$engine" positions legless --json
says '"symbol":"SPR"'
expect 0 "$engine" ingest legless whole.fix --format fix
says 'duplicate'
expect 0 "$engine" ingest legs whole.fix --format fix --instruments spread_units
expect 0 "$engine" positions legs --json
[ ! -s "$scratch/out" ] || fail "the fill of a spread with legs moves a position"
# Commissions are summed by currency.
fills 1 2 | sed 's/}$/,"commission":"0.25","comm_currency":"USDT"}/' >paid
expect 0 "$engine" ingest commissioned paid --instruments units
expect 0 "$engine" commissions commissioned --json
says '{"currency":"USDT","total":"0.5","total_units":50000000}'
expect 0 "$engine" commissions commissioned
says 'USDT                                       0.5'
# Money is quantity times price times the multiplier.
sed 's/^instrument AAA.*/instrument AAA 0.01 0.001 multiplier 0.01/' units >by_hundred
fills 1 1 >one
expect 0 "$engine" ingest multiplied one --instruments by_hundred
expect 0 "$engine" positions multiplied --json
says '"quantity":"0.5","average_price":"100.25","cost":"0.50125","realised":"0"'
expect 0 "$engine" ingest multiplied one --instruments by_hundred
expect 2 "$engine" ingest multiplied one --instruments units
says 'instrument AAA: the database counts with multiplier 0.01'
echo 'instrument AAA 0.01 0.001 multiplier 0' >bad
expect 2 "$engine" ingest never one --instruments bad
says 'bad:1: not a positive multiplier of at most 9 digits: 0'
echo 'instrument AAA 12345678 0.001 multiplier 123' >bad
expect 2 "$engine" ingest never one --instruments bad
says 'bad:1: tick times multiplier has more than 9 digits: AAA'
echo 'instrument AAA 0.01 0.001 no-legs multiplier 2' >bad
expect 2 "$engine" ingest never one --instruments bad
says 'bad:1: expected instrument SYMBOL TICK LOT [multiplier NUMBER] [no-legs]: multiplier'
# The same from a log of an editor that begins with a byte-order mark.
{ printf '\357\273\277'; fills 9 9; } >marked
{ printf '\357\273\277'; cat units; } >marked_units
expect 0 "$engine" ingest marked_book marked --instruments marked_units
says '1 applied version 1 order o9'

# ---- a symbolic link is another name of the same book: a look at it ends no engine that runs
ln -s live linked
mkfifo slow
"$engine" ingest live slow --instruments units >"$scratch/slow.out" 2>&1 &
exec 3>slow
fills 1 1 >&3
while ! grep -q applied "$scratch/slow.out"; do sleep 0.01; done
wrong 'in use by another engine program' 4 positions linked
fills 2 2 >&3
exec 3>&-
wait $!
grep -q '2 applied' "$scratch/slow.out" || fail "the look ended the engine: $(cat "$scratch/slow.out")"
expect 0 "$engine" positions linked
ln -s nowhere astray
wrong 'astray: a symbolic link: No such file' 2 positions astray

# ---- what is no book says so
sqlite3 foreign 'CREATE TABLE t(a)'
wrong 'foreign: not a database of this program, left as it is' 3 positions foreign
echo 'these are notes, and no database at all; there are many of them' >notes
wrong 'notes: not a database of this program, left as it is' 3 ingest notes input --instruments units

# ---- accounts, instruments and days are kept apart
cat >separate <<-'END'
	{"exec_id":"1","order_id":"1","symbol":"AAA","side":"buy","exec_type":"trade","order_qty":1,"last_qty":1,"last_px":10,"cum_qty":1,"account":"A","maturity":202403}
	{"exec_id":"1","order_id":"1","symbol":"AAA","side":"sell","exec_type":"trade","order_qty":1,"last_qty":1,"last_px":11,"cum_qty":1,"account":"B","maturity":202406}
END
expect 0 "$engine" ingest apart_book separate --instruments units
expect 0 "$engine" positions apart_book
says 'account=A  maturity=202403'
expect 0 "$engine" positions apart_book --json
says '"symbol":"AAA","account":"B","instrument":"maturity=202406","quantity":"-1"'

# ---- what nothing is understood of has a status of its own
expect 7 "$engine" ingest fixed stream
says 'no report in stream could be read as ndjson: all 1 were refused'
expect 7 "$engine" ingest fixed marked --format fix
expect 1 "$engine" ingest fixed stream --stop-on-refusal

# ---- a gap is held and closed, or reported
{
	fills 10 10 | sed 's/"e10"/"late"/; s/"cum_qty":"0.5"/"cum_qty":"1"/'
	fills 10 10
} >gap
expect 0 "$engine" ingest db gap
says '1 gap'
says '1 applied version 5'
fills 11 11 | sed 's/"cum_qty":"0.5"/"cum_qty":"1"/' >gap
expect 1 "$engine" ingest db gap
says '1 waiting for a missing fill'

# ---- commands: recorded, done once; a halt forbids orders and never a fill
wrong 'expected a command id' 2 halt db
wrong 'one argument too many' 2 halt db h1 h2
wrong 'not a command id' 2 halt db 01234567890123456789012345678901234567890123456789012345678901234567
wrong 'expected a whole number' 2 limits db l1 --position -1
wrong 'expected a whole number' 2 limits db l1 --open-orders 1.5
wrong 'no such option: --position' 2 halt db h1 --position 1
expect 0 "$engine" halt db h1
says 'applied version 6'
expect 0 "$engine" halt db h1 --json
says '{"outcome":"duplicate","version":6,'
expect 0 "$engine" verify db
says 'halted commanded'
expect 0 "$engine" resume db r1
expect 0 "$engine" verify db --json
says '"halted":"no"'
expect 0 "$engine" limits db l1 --position 2600
fills 20 21 >breach
expect 0 "$engine" ingest db breach
says '2 applied version 10'
expect 0 "$engine" verify db
says 'halted position'
expect 0 "$engine" resume db r2

# ---- units are kept, and nothing else may be meant by the same symbol (G4)
echo 'instrument AAA 0.01 0.01' >other
wrong 'are not those that the database counts in' 2 ingest db --instruments other
echo 'currency USDT 0.01' >other
wrong 'is not the one that the database counts in' 2 ingest db --instruments other
echo 'instrument BBB 0.5 1' >other
expect 0 "$engine" ingest db --instruments other </dev/null

# ---- standard output that nobody reads
fills 100 5000 >many
{ "$engine" ingest pipe many --instruments units 2>"$scratch/err"; echo $? >status; } | head -n 1 >"$scratch/out"
[ "$(cat status)" -eq 6 ] || fail "closed standard output: status $(cat status)"
says 'standard output: Broken pipe'
expect 6 sh -c "'$engine' positions pipe >/dev/full"
says 'standard output: No space left'
expect 0 "$engine" ingest pipe many
says '4901 applied version 4901'

# ---- signals: what was acknowledged is in, the rest follows later
for signal in TERM INT; do
	rm -f term term-*
	mkfifo fifo
	(trap - INT; exec "$engine" ingest term --instruments units <fifo >"$scratch/out" 2>"$scratch/err") &
	pid=$!
	exec 3>fifo
	fills 1 20 >&3
	while [ "$(wc -l <"$scratch/out")" -lt 20 ]; do sleep 0.01; done
	# G5: no second program takes the database meanwhile.
	status=0
	"$engine" ingest term --instruments units </dev/null >"$scratch/second" 2>&1 || status=$?
	[ "$status" -eq 4 ] || fail "beside another program: status $status"
	grep -q 'term: in use by another engine program' "$scratch/second" || fail "beside another program: $(cat "$scratch/second")"
	kill -s "$signal" "$pid"
	wait "$pid"
	status=$?
	exec 3>&-
	rm fifo
	case $signal in TERM) wanted=143 ;; INT) wanted=130 ;; esac
	[ "$status" -eq "$wanted" ] || fail "SIG$signal: status $status"
	says '20 applied, 0 in already, 0 skipped, 0 refused, 0 waiting for a missing fill, interrupted'
	[ ! -e term-wal ] || fail "SIG$signal: not closed properly"
	expect 0 "$engine" verify term
	says 'version 20'
done

# ---- storage
ulimit_f() { # in blocks of 512 or 1024 bytes, as the shell has it
	(
		ulimit -f 100
		exec "$engine" ingest limited many --instruments units
	)
}
ulimit_f >"$scratch/out" 2>"$scratch/err"
status=$?
[ "$status" -eq 4 ] || [ "$status" -eq 5 ] || fail "file size limit: status $status"
[ "$(wc -l <"$scratch/err")" -eq 2 ] || fail "file size limit: more or less than one line and the summary: $(cat "$scratch/err")"
says 'whatever was acknowledged is durable, run again to go on'
acknowledged=$(grep -c applied "$scratch/out")
[ "$acknowledged" -gt 0 ] || fail 'file size limit: nothing was ever applied'
expect 0 "$engine" ingest limited many
duplicates=$(grep -c duplicate "$scratch/out")
[ "$duplicates" -ge "$acknowledged" ] || fail "file size limit: $acknowledged acknowledged, $duplicates there"
[ "$(wc -l <"$scratch/out")" -eq 4901 ] || fail 'file size limit: not gone through afterwards'

mkfifo release
"$build_dir/tests/cli/hold" term <release >held &
exec 3>release
while [ ! -s held ] && kill -0 $!; do sleep 0.01; done
fills 21 22 >./more
wrong 'not opened: locked by another program: claim: database is locked' 4 ingest term more --busy-timeout 100
exec 3>&-
wait
expect 0 "$engine" ingest term more
says '2 applied version 22'

mkfifo fifo
"$engine" ingest term <fifo >/dev/null 2>&1 &
pid=$!
exec 3>fifo
fills 1 1 >&3
sleep 0.2
wrong 'in use by another engine program' 4 positions term
exec 3>&-
wait "$pid" || fail "the first of two programs: status $?"

mkdir sealed
cp term sealed/db
chmod 555 sealed
chmod 444 sealed/db
if [ "$(id -u)" -ne 0 ]; then
	wrong 'Permission denied' 4 ingest sealed/db more
elif command -v setpriv >/dev/null; then
	chmod 755 "$scratch"
	expect 4 setpriv --reuid=65534 --regid=65534 --clear-groups "$engine" ingest sealed/db more
	says 'sealed/db-lock: Permission denied'
else
	echo 'read-only directory: skipped, no setpriv'
fi
chmod 755 sealed

# ---- damage is named, and left as it is
cp term damaged
head -c 4000 /dev/zero | tr '\0' X | dd of=damaged bs=1 seek=4196 conv=notrunc 2>/dev/null
cp damaged before
wrong 'damaged, left as it is' 3 positions damaged
cmp -s damaged before || fail 'a damaged database was touched'

# ---- what is sound and older than it was is damage: the lock file vouches (G6), or the caller
fills 1 5 | expect 0 "$engine" ingest book --instruments units
says '5 applied version 5'
grep -q '^version 00000000000000000005 epoch 00000000000000000001 ' book-lock || fail "vouched: $(cat book-lock)"
expect 0 "$engine" verify book --expect-version 5
cp book kept
wrong 'version 5 of epoch 2 is older than version 6' 3 verify book --expect-version 6
wrong 'expected a number' 2 verify book --expect-version many
: >book
wrong 'book is missing or empty, it held version 5' 3 verify book
wrong 'book is missing or empty' 3 ingest book more
[ ! -s book ] || fail 'an emptied database was made anew'
rm book
wrong 'book is missing or empty' 3 positions book
fills 6 9 >./more
cp kept book
expect 0 "$engine" ingest book more
cp kept book
wrong 'damaged, left as it is: version 5 of epoch 2 is older than version 9 of epoch 3' 3 ingest book more
cmp -s book kept || fail 'an older copy was touched'
# Whoever puts an older copy in its place on purpose takes the word of the lock file back.
rm book-lock
expect 0 "$engine" verify book
says 'version 5'

# Another book that has come as far is damage, too: the lock file knows the history, or the caller.
mkdir apart
fills 1 5 | expect 0 "$engine" ingest own --instruments units
fills 11 14 | expect 0 "$engine" ingest apart/other --instruments units
fills 15 18 | expect 0 "$engine" ingest apart/other
for _ in 1 2 3; do expect 0 "$engine" verify apart/other; done
expect 0 "$engine" verify own
history=$(sed -n 's/.*history \([0-9a-f]\{32\}\),.*/\1/p' "$scratch/out")
[ "${#history}" = 32 ] || fail "no history: $(cat "$scratch/out")"
expect 0 "$engine" verify own --expect-version 5 --expect-history "$history"
wrong 'another book: it has not come to version 4' 3 verify own --expect-version 4 --expect-history "$history"
wrong 'expected 32 hexadecimal digits' 2 verify own --expect-version 5 --expect-history "${history}0"
wrong 'expected --expect-version beside it' 2 verify own --expect-history "$history"
cp own kept-own
cp apart/other own
wrong 'another book: it has not come to version 5 as this one did' 3 verify own
cmp -s own apart/other || fail 'another book was touched'
# The line of an older program knows the version, and no history.
fills 1 2 | expect 0 "$engine" ingest apart/short --instruments units
cp apart/short own
printf 'version 00000000000000000005 epoch 00000000000000000001 a1fc908ee19abd34\n' >own-lock
wrong 'is older than version 5 of epoch 1' 3 verify own
cp apart/other own
expect 0 "$engine" verify own
grep -q ' history ' own-lock || fail "no history vouched for: $(cat own-lock)"
cp kept-own own
rm own-lock
expect 0 "$engine" verify own
says "history $history"

# A program that is killed leaves a WAL. Without it the database is sound, and empty.
rm -f fifo && mkfifo fifo
"$engine" ingest killed --instruments units --checkpoint 0 <fifo >"$scratch/out" 2>"$scratch/err" &
pid=$!
exec 3>fifo
fills 1 20 >&3
while [ "$(grep -c applied "$scratch/out")" -lt 20 ]; do sleep 0.01; done
kill -s KILL "$pid"
wait "$pid"
exec 3>&-
rm fifo
mv killed-wal away
rm -f killed-shm
wrong 'is older than version 20 of epoch 1, which it held' 3 verify killed
mv away killed-wal
expect 0 "$engine" verify killed
says 'version 20'

# What a power loss may take back is not vouched for: with synchronous normal all, with delete
# and full the last commit.
fills 1 3 | expect 0 "$engine" ingest loose --instruments units --synchronous normal
[ ! -s loose-lock ] || fail "vouched without a sync: $(cat loose-lock)"
fills 1 3 | expect 0 "$engine" ingest rolls --instruments units --journal-mode delete --batch 1
grep -q '^version 00000000000000000002 ' rolls-lock || fail "vouched for the last commit: $(cat rolls-lock)"
finish
