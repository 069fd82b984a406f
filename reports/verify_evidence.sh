#!/bin/sh
# verify_evidence.sh DIR [JOBS]: checks again what evidence.sh has collected, offline and with the
# build of the same commit, BUILD (build/). `make verify-evidence DIR=...`:
#
#   1. each file is as MANIFEST says, and there is no other;
#   2. the page is made again of the evidence, and is the same to the byte;
#   3. each certificate's list of images is counted again, and a part of its states is judged again;
#   4. one seed of a hundred runs again, in all scenarios, and each run has the same trace hash.
#
# Exit status: 0 all is as it says, 1 something is not, 2 it cannot be checked.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
[ -f "$1/MANIFEST" ] || { echo "verify-evidence: $1: no MANIFEST, expected a directory of \`make evidence\`" >&2; exit 2; }
directory=$(cd "$1" && pwd)
jobs=${2:-2}
build=${BUILD:-$root/build}
export BUILD="$build"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

differs() {
	echo "verify-evidence: $*" >&2
	failed=1
}

# 1
(cd "$directory" && sha256sum --quiet --check MANIFEST) >"$work/sums" 2>&1 || differs "$(head -n 1 "$work/sums")"
(cd "$directory" && find . -type f ! -name MANIFEST | LC_ALL=C sort) >"$work/there"
sed 's/^[0-9a-f]*  //' "$directory/MANIFEST" | LC_ALL=C sort >"$work/listed"
LC_ALL=C comm -3 "$work/there" "$work/listed" >"$work/other"
[ ! -s "$work/other" ] || differs "$(head -n 1 "$work/other" | tr -d '\t'): not both there and in MANIFEST"
[ "$failed" -eq 0 ] || exit 1
echo "$(wc -l <"$work/listed") files are as MANIFEST says"

# 2
if [ ! -x "$build/aftershock" ] || [ ! -x "$build/acceptance" ]; then
	echo 'verify-evidence: there is no build, expected one by "make build"' >&2
	exit 2
fi
sh "$root/reports/page.sh" "$directory/evidence" "$work/page" >/dev/null 2>"$work/messages" ||
	[ $? -eq 1 ] || { cat "$work/messages" >&2; exit 2; }
pages='acceptance.md acceptance.html'
[ ! -f "$directory/evidence/qualification.yaml" ] || pages="$pages qualification.md qualification.html"
for page in $pages; do
	cmp -s "$work/page/$page" "$directory/page/$page" || {
		diff "$directory/page/$page" "$work/page/$page" >"$work/diff" || :
		differs "$page comes out otherwise: $(sed -n 's/^> //p' "$work/diff" | head -n 1 | cut -c1-120)"
	}
done
[ "$failed" -eq 0 ] || exit 1
echo 'the page comes out the same'

# 3
for file in "$directory"/evidence/*.certificate; do
	[ -f "$file" ] || continue
	"$build/aftershock" verify-certificate "$file" >"$work/certificate" 2>&1 || differs "$(tail -n 1 "$work/certificate")"
done
[ "$failed" -eq 0 ] || exit 1
echo 'the certificates are as they say'

# 4: which seeds, is drawn from the manifest.
chance=$(cksum <"$directory/MANIFEST" | cut -d' ' -f1)
mkdir "$work/again"
total=0
while read -r name seeds; do
	parts=$((seeds < 100 ? seeds : 100))
	folder=$([ "$name" = library ] || echo "$name")
	"$build/aftershock" run ${folder:+"$folder"} --library "$root/scenarios" --seeds "$seeds" --jobs "$jobs" \
		--partition "$((chance % parts + 1))/$parts" --results "$work/again/$name" >"$work/messages" 2>&1 ||
		[ $? -eq 1 ] || [ $? -eq 5 ] || { tail -n 1 "$work/messages" >&2; exit 2; }
	"$build/acceptance" --results "$directory/evidence/sweeps/$name" --runs "$work/then" || exit 2
	"$build/acceptance" --results "$work/again/$name" --runs "$work/now" || exit 2
	LC_ALL=C sort "$work/then" >"$work/then.sorted"
	LC_ALL=C sort "$work/now" | LC_ALL=C comm -13 "$work/then.sorted" - >"$work/other"
	[ ! -s "$work/other" ] || differs "$name: $(head -n 1 "$work/other") now, and another trace hash in the evidence"
	total=$((total + $(wc -l <"$work/now")))
done <"$directory/evidence/product"
[ "$failed" -eq 0 ] || exit 1
echo "$total runs have the same trace hash again"
