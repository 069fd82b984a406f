# shellcheck shell=sh
# texts.sh: sourced by the checks of texts.

# The files that people write, one per line: those that git knows, or in a tree without git all.
texts() {
	if git ls-files --error-unmatch CMakeLists.txt >/dev/null 2>&1; then
		git ls-files
	else
		find . -type f | sed 's#^\./##' | LC_ALL=C sort
	fi | grep -E '\.(c|h|cc|md|sh|awk|yaml|patch|cmake)$|(^|/)(Makefile|CMakeLists\.txt|run|nightly)$|\.(left|words)$' |
		grep -v '^tests/fuzz/corpus/' | while read -r file; do [ ! -f "$file" ] || echo "$file"; done
}
