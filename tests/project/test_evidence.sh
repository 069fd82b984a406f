#!/bin/sh
# test_evidence.sh BUILD SOURCE: what evidence.sh would collect, in small, is taken by
# verify_evidence.sh; each piece that was changed since is not (P9).
. "$(dirname "$0")/../cli/lib/lib.sh"
BUILD=$(cd "$build_dir" && pwd)
export BUILD
good=$scratch/good
mkdir -p "$good/evidence/sweeps" "$good/page"

# manifest DIR
manifest() {
	(cd "$1" && find . -type f ! -name MANIFEST -exec sha256sum {} + | LC_ALL=C sort -k 2 >"$scratch/MANIFEST" &&
		mv "$scratch/MANIFEST" MANIFEST)
}

cat >"$good/evidence/acceptance.yaml" <<'EOF'
bug_seeds_max: 200
sweeps:
  - {folder: library, scenarios: 1, runs: 250, faults: 100}
certificates:
  - {scenario: steady-trading, seed: 0x1, images: 100}
criteria:
  - id: AC3
    text: nothing is lost
    evidence: [runs, tests]
    tests: [a/test]
EOF
cat >"$good/evidence/qualification.yaml" <<'EOF'
title: The tool
bug_seeds_max: 200
limits: [only in small]
criteria:
  - id: TOR1
    text: it does what it says
    evidence: [tests]
    tests: [a/test]
EOF
echo '<testsuite><testcase name="a/test" status="run"></testcase></testsuite>' >"$good/evidence/junit.xml"
echo a/test >"$good/evidence/tests"
"$aftershock" list phases >"$good/evidence/phases"
"$aftershock" list faults | sed -n '/^[a-z]/p' >"$good/evidence/faults"
echo 'kill-anywhere 250' >"$good/evidence/product"
expect 0 "$aftershock" run kill-anywhere --seeds 250 --library "$library" --results "$good/evidence/sweeps/kill-anywhere"
expect 0 "$aftershock" explore steady-trading@1 --subsets 0 --library "$library" --certificate "$good/evidence/steady.certificate"
expect 0 sh "$source_dir/reports/page.sh" "$good/evidence" "$good/page"
manifest "$good"
verify() {
	expect "$1" sh "$source_dir/reports/verify_evidence.sh" "$2"
}
verify 0 "$good"
says 'the page comes out the same'
says 'the certificates are as they say'
grep -q '^[23] runs have the same trace hash again' "$scratch/out" || fail 'no run was run again'

# spoilt TEXT COMMAND...: in a copy, first with the old manifest, then with one that was made anew.
spoilt() {
	text=$1
	shift
	rm -rf "$scratch/bad"
	cp -r "$good" "$scratch/bad"
	(cd "$scratch/bad" && "$@") || fail "cannot spoil it: $*"
	verify 1 "$scratch/bad"
	says 'verify-evidence: '
	manifest "$scratch/bad"
	verify 1 "$scratch/bad"
	says "$text"
}
grep -q '^| TOR1 | \*\*ok\*\* | it does what it says | 1 | 1 |$' "$good/page/qualification.md" || fail 'no requirement'
grep -q '^| only in small |$' "$good/page/qualification.md" || fail 'no limit'
spoilt 'comes out otherwise' sed -i 's/only in small/in the large, too/' evidence/qualification.yaml
spoilt 'acceptance.html comes out otherwise' sed -i 's/nothing is lost/all is well/' page/acceptance.html
spoilt 'comes out otherwise' sed -i 's/runs: 250/runs: 251/' evidence/acceptance.yaml
spoilt 'comes out otherwise' sed -i 's/status="run"/status="fail"/' evidence/junit.xml
spoilt 'their check is another' sed -i 's/^states_judged .*/states_judged  1/' evidence/steady.certificate
spoilt 'images: the list has' sed -i '$d' evidence/steady.certificate.images
# Each trace hash is another one.
"$aftershock" run kill-anywhere --seeds 250 --library "$library" --json | hashes |
	sed 's/.* \(.\)\(.*\)/s!\1\2!x\2!g/' >"$scratch/swap"
spoilt 'and another trace hash in the evidence' env LC_ALL=C sed -i -f "$scratch/swap" evidence/sweeps/kill-anywhere/results.db

rm -rf "$scratch/bad"
cp -r "$good" "$scratch/bad"
echo more >"$scratch/bad/more"
verify 1 "$scratch/bad"
says 'not both there and in MANIFEST'
verify 2 "$scratch"
says 'no MANIFEST'
finish
