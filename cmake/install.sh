#!/bin/sh
# install.sh TARGET PACKAGE...: installs the Debian packages that are missing. Without root it
# prints the one command to run first (`make TARGET` as root) and fails.
set -eu
target=$1
shift

missing=
for package in "$@"; do
	status=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
	[ "$status" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -ne 0 ]; then
	echo "missing packages:$missing" >&2
	echo "run this first:   sudo make $target" >&2
	exit 1
fi

export DEBIAN_FRONTEND=noninteractive
# Packages of another architecture, as in libsqlite3-dev:arm64, need it to be known.
for package in $missing; do
	case $package in
	*:*)
		dpkg --print-foreign-architectures | grep -qx "${package##*:}" && continue
		dpkg --add-architecture "${package##*:}"
		apt-get update
		;;
	esac
done
if ! ls /var/lib/apt/lists/*_Packages* >/dev/null 2>&1; then
	apt-get update
fi
# $missing is a list of words. Lists that are too old name packages that are gone: refresh them
# once and try again.
# shellcheck disable=SC2086
apt-get install -y --no-install-recommends $missing || {
	apt-get update
	apt-get install -y --no-install-recommends $missing
}
