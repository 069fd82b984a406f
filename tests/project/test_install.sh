#!/bin/sh
# test_install.sh BUILD SOURCE: cmake/install.sh against a machine made of five small programs: as
# root it installs what is missing and nothing else, fetches lists only when there are none or they
# are too old, and without root it names the one command.
set -eu
source_dir=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin"

# dpkg-query knows `present`; apt-get notes how it was called and, told so, fails once.
cat >"$work/bin/dpkg-query" <<'END'
#!/bin/sh
for last in "$@"; do :; done
[ "$last" = present ] && echo installed
END
cat >"$work/bin/apt-get" <<'END'
#!/bin/sh
echo "$*" >>"$WORK/calls"
if [ -e "$WORK/fail_once" ] && [ "$1" = install ]; then
	rm "$WORK/fail_once"
	exit 100
fi
END
printf '#!/bin/sh\necho "$FAKE_USER"\n' >"$work/bin/id"
printf '#!/bin/sh\n[ -e "$WORK/lists" ]\n' >"$work/bin/ls"
chmod +x "$work"/bin/*

install() {
	: >"$work/calls"
	# shellcheck disable=SC2086 # words, on purpose
	WORK=$work FAKE_USER=$1 PATH="$work/bin:$PATH" sh "$source_dir/cmake/install.sh" deps present $2 >"$work/output" 2>&1
}
called() {
	printf '%s' "$1" | cmp -s - "$work/calls" || { echo "expected: $1"; echo "calls:"; cat "$work/calls"; exit 1; }
}

# Nothing missing: nothing called, root or not.
install 1000 ''
called ''

# Missing, no root: fails, names packages and command, calls nothing.
if install 1000 'absent other'; then
	echo 'without root and with missing packages it must fail'
	exit 1
fi
grep -q 'missing packages: absent other' "$work/output"
grep -q 'sudo make deps' "$work/output"
called ''

# Missing, root, no lists: lists first.
install 0 absent
called 'update
install -y --no-install-recommends absent
'

# Missing, root, lists there.
touch "$work/lists"
install 0 'absent other'
called 'install -y --no-install-recommends absent other
'

# Lists too old: once more with new ones.
touch "$work/fail_once"
install 0 absent
called 'install -y --no-install-recommends absent
update
install -y --no-install-recommends absent
'
echo 'cmake/install.sh: 5 cases'
