#!/bin/sh
# static.sh LD OBJCOPY AR OUT ENGINE OBJECT...: makes one object of them all, in which only what
# aftershock.h declares is global, and puts it into the archive OUT.
set -eu
ld=$1
objcopy=$2
ar=$3
out=$4
engine=$5
shift 5
object=$out.o
"$ld" -r -o "$object" "$@" --whole-archive "$engine"
"$objcopy" --keep-global-symbol=aftershock_run --keep-global-symbol=aftershock_replay \
	--keep-global-symbol=aftershock_version "$object"
rm -f "$out"
"$ar" rcs "$out" "$object"
rm -f "$object"
