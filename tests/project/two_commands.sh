#!/bin/sh
# two_commands.sh [ROOT]: the README's two commands on a fresh clone, with time and last lines of
# each. With ROOT, an empty Debian 12 (as root: `debootstrap bookworm ROOT && chroot ROOT apt-get
# install -y git make`), the clone is made and the commands run in there. Not part of `make test`,
# which it calls. Only what is committed counts.
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)
root=${1:-}
seeds=${SEEDS:-1000}

if [ -n "$root" ]; then
	clone=$root/aftershock
	inside() { chroot "$root" sh -c "cd /aftershock && $1"; }
else
	clone=$(mktemp -d)/aftershock
	inside() { (cd "$clone" && sh -c "$1"); }
fi
rm -rf "$clone"
git clone --quiet --no-hardlinks "$here" "$clone"

command_number=0
for command in "make run SEEDS=$seeds" 'make test'; do
	command_number=$((command_number + 1))
	log=$clone/two_commands.$command_number.log
	started=$(date +%s)
	status=0
	inside "$command" >"$log" 2>&1 || status=$?
	echo "==== $command: exit status $status after $(($(date +%s) - started)) s; last lines:"
	tail -n 40 "$log"
	[ "$status" -eq 0 ] || exit "$status"
done
