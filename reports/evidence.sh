#!/bin/sh
# evidence.sh OUT: collects what the acceptance page of this commit was made of in the new directory
# OUT, `make evidence`: results of all sweeps, tests, coverage, certificates with their images, the
# criteria, the page, and MANIFEST with a hash of each file. Expects that acceptance.sh has run.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
evidence=$root/build/evidence
out=$1
if [ ! -f "$evidence/junit.xml" ] || [ ! -f "$root/reports/out/acceptance.md" ]; then
	echo "evidence: nothing was collected, expected \`make acceptance\` before" >&2
	exit 2
fi
[ ! -e "$out" ] || { echo "evidence: $out is there, expected a new directory" >&2; exit 2; }
mkdir -p "$out/evidence" "$out/page"
cp -r "$evidence"/. "$out/evidence"
find "$out/evidence" \( -name '*.log' -o -name '*.json' \) -exec rm {} +
for page in acceptance qualification; do
	cp "$root/reports/out/$page.md" "$root/reports/out/$page.html" "$out/page"
done
{
	printf 'commit  %s\n' "$(git -C "$root" rev-parse HEAD 2>/dev/null || echo unknown)"
	printf 'changed files  %s\n' "$(git -C "$root" status --porcelain 2>/dev/null | wc -l)"
	"$root/build/aftershock" doctor
} >"$out/about"
cd "$out"
sums=$(find . -type f ! -name MANIFEST -exec sha256sum {} + | LC_ALL=C sort -k 2)
printf '%s\n' "$sums" >MANIFEST
echo "evidence: $(wc -l <MANIFEST) files, $(du -sk . | cut -f1) KiB: $out"
