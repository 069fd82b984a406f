#!/bin/sh
# test_printed.sh BUILD SOURCE: what Markdown pages print is what their commands print, but for the
# pages of docs/figures/ that take minutes; .ci/run has those. First the negative twin: a page that
# is wrong fails, says where, and is renewed.
set -eu
build=$1
cd "$2"
if grep -q '^AFTERSHOCK_SANITIZE:[A-Z]*=.' "$build/CMakeCache.txt"; then
	echo "printed: skipped, the build without sanitizers is the one to look at"
	exit 0
fi
printed=tests/project/printed.sh
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat >"$work/page.md" <<'END'
```text file=numbers
1
2
```

```console
$ wc -l <numbers
2

$ false
$ echo $?
1
```

```console speed
$ date
yesterday
```

<!-- printed: cat numbers -->
1
2
<!-- printed end -->

```sh
echo not run
```
END
status=0
sh $printed check "$build" "$work/page.md" >"$work/said" 2>&1 || status=$?
if [ $status -ne 0 ]; then
	cat "$work/said" >&2
	[ $status -eq 77 ] || exit 1
	exit 0
fi
# The output is wrong, not the file of the same content.
awk '/^\$/ { after = 1 } after && /^2$/ { $0 = "3" } { print }' "$work/page.md" >"$work/wrong.md"
cp "$work/wrong.md" "$work/before.md"
if sh $printed check "$build" "$work/wrong.md" 2>"$work/said"; then
	echo "a wrong page is not reported" >&2
	exit 1
fi
cmp -s "$work/wrong.md" "$work/before.md" || { echo "check has changed the page" >&2; exit 1; }
grep -q "wrong.md: prints something else" "$work/said" || { cat "$work/said" >&2; exit 1; }
sh $printed write "$build" "$work/wrong.md" >/dev/null
sh $printed check "$build" "$work/wrong.md"
# As Markdown, too.
sed 's/^1$/4/' "$work/page.md" | awk '/^```text/ { first = 1 } first && /^4$/ { $0 = 1; first = 0 } { print }' >"$work/markdown.md"
if sh $printed check "$build" "$work/markdown.md" 2>"$work/said"; then
	echo "wrong Markdown is not reported" >&2
	exit 1
fi
sh $printed write "$build" "$work/markdown.md" >/dev/null
sh $printed check "$build" "$work/markdown.md"
! grep -q yesterday "$work/wrong.md" || { echo "not renewed: the block of speeds" >&2; exit 1; }

# shellcheck disable=SC2046 # no name has a space
sh $printed check "$build" $(git ls-files '*.md' | grep -v -E '^docs/figures/(library|contracts|processes|damage|speed)\.md$')
