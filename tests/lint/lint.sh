#!/bin/sh
# lint.sh [JOBS [texts|compilers|analyzer]]: every check of the source text (`make lint`), or those
# that take seconds (texts), those that compile (compilers), or clang's static analyzer, which takes
# minutes (analyzer, in `make nightly`). All stages run; the status is that of the worst.
set -u
jobs=${1:-2}
which=${2:-all}
cd "$(dirname "$0")/../.." || exit 2
status=0

stage() {
	name=$1
	shift
	echo "lint: $name"
	"$@" || { echo "lint: $name FAILED" >&2; status=1; }
}

c_files() {
	git ls-files -- '*.c' '*.h' '*.cc' | while read -r file; do [ ! -f "$file" ] || echo "$file"; done
}

format() {
	c_files | xargs -P "$jobs" -n 50 clang-format --dry-run -Werror
}

# Words that are names, and mistakes that tests make on purpose, are in tests/lint/spelling.words.
spelling() {
	git ls-files | grep -v -E '^tests/fuzz/corpus/|\.svg$' | while read -r file; do [ ! -f "$file" ] || echo "$file"; done |
		xargs codespell --ignore-words tests/lint/spelling.words
}

scripts() {
	git ls-files -- '*.sh' '.ci/*' | while read -r file; do [ ! -f "$file" ] || echo "$file"; done | xargs -P "$jobs" -n 10 shellcheck
}

# With clang's own command line, so that no flag of gcc disturbs. Generated sources (planted bugs)
# are not ours to judge, and examples/project has a build of its own. One file per call: clang-tidy
# 14 takes every va_list of a second file for uninitialised. tidy CHECKS: those of .clang-tidy, with
# CHECKS added or taken away.
tidy() {
	cmake --preset clang -DAFTERSHOCK_WERROR=ON >/dev/null || return 1
	git ls-files -- '*.c' ':!examples/project' | while read -r file; do [ ! -f "$file" ] || echo "$file"; done |
		xargs -P "$jobs" -n 1 clang-tidy --quiet --checks="$1" -p build-clang 2>build-clang/tidy.messages ||
		{ grep -v 'warnings\? generated' build-clang/tidy.messages >&2; return 1; }
}

check() {
	# shellcheck disable=SC2046 # words, on purpose
	cppcheck --quiet -U__clang__ --std=c11 --language=c --enable=warning,performance,portability --inline-suppr --error-exitcode=1 \
		--suppress=missingInclude --suppress=missingIncludeSystem --suppress=unknownMacro \
		--template='{file}:{line}: {severity}: {message} [{id}]' -j "$jobs" \
		-Iengine -Iengine/reader -Iengine/program -Ivfs -Ivfs/disk -Ivfs/process -Isim $(printf -- '-I%s ' sim/*/) -Ireports $(c_files | grep '\.c$')
}

if [ "$which" = texts ] || [ "$which" = all ]; then
	stage 'style rules' sh tests/lint/style.sh .
	stage 'rooms' sh tests/lint/rooms.sh
	stage 'prose' sh tests/lint/prose.sh
	stage 'width of comments' sh tests/lint/width.sh
	stage 'what is cited' sh tests/lint/cited.sh
	stage 'invariants' sh tests/lint/invariants.sh
	stage 'dead names' sh tests/lint/dead.sh
	stage 'spelling' spelling
	stage 'shellcheck' scripts
	stage 'clang-format' format
fi
if [ "$which" = compilers ] || [ "$which" = all ]; then
	stage 'cppcheck' check
	stage 'clang-tidy' tidy '-clang-analyzer-*'
fi
if [ "$which" = analyzer ] || [ "$which" = all ]; then
	stage 'static analyzer' tidy '-bugprone-*,-cert-*,-readability-*'
fi
exit $status
