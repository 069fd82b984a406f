#!/bin/sh
# plant.sh SOURCE_DIR PATCH OUT_DIR: copies engine/ and the engine's subject to OUT_DIR and plants one bug in the copy.
# A patch that no longer applies stops the build: a planted bug that silently is not there proves nothing.
set -eu
source_dir=$1
patch_file=$2
out_dir=$3

rm -rf "$out_dir/engine" "$out_dir/sim"
mkdir -p "$out_dir/engine" "$out_dir/sim"
cp "$source_dir"/engine/*.[ch] "$out_dir/engine/"
cp "$source_dir"/sim/subject_engine.c "$source_dir"/sim/subject.h "$out_dir/sim/"
if ! patch -d "$out_dir" -p1 --fuzz=3 --silent --no-backup-if-mismatch <"$patch_file"; then
	echo "$patch_file: does not apply to engine/ any more; adapt the patch to the code" >&2
	exit 1
fi
touch "$out_dir"/engine/* "$out_dir"/sim/*
