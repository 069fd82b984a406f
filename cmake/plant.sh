#!/bin/sh
# plant.sh SOURCE_DIR PATCH OUT_DIR FILE...: copies the files, named from SOURCE_DIR on, to OUT_DIR
# and plants one bug in the copy. A patch that no longer applies stops the build: a planted bug that
# silently is not there proves nothing.
set -eu
source_dir=$1
patch_file=$2
out_dir=$3
shift 3

rm -rf "$out_dir"
for file in "$@"; do
	mkdir -p "$out_dir/$(dirname "$file")"
	cp "$source_dir/$file" "$out_dir/$file"
done
if ! patch -d "$out_dir" -p1 --fuzz=3 --silent --no-backup-if-mismatch <"$patch_file"; then
	echo "$patch_file: does not apply any more; adapt the patch to the code" >&2
	exit 1
fi
for file in "$@"; do
	touch "$out_dir/$file"
done
