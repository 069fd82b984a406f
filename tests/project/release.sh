#!/bin/sh
# release.sh BUILD DIR [LABEL]: builds sqlite3.c of DIR as a library of its own, unless that was
# done, and prints its release and its directory. A program of BUILD runs with it when
# LD_LIBRARY_PATH is that directory. LABEL stands for the release in its name. Nothing is
# downloaded.
set -eu
build=$1
folder=$2
if [ ! -f "$folder/sqlite3.c" ] || [ ! -f "$folder/sqlite3.h" ]; then
	echo "$folder: expected sqlite3.c and sqlite3.h there" >&2
	exit 2
fi
version=$(sed -n 's/^#define SQLITE_VERSION  *"\(.*\)"$/\1/p' "$folder/sqlite3.h")
home=$build/versions/${3:-$version}
library=$home/libsqlite3.so.0
mkdir -p "$home"
if [ ! -f "$library" ] || [ -n "$(find "$folder/sqlite3.c" -newer "$library")" ]; then
	${CC:-cc} -O1 -w -fPIC -shared -DSQLITE_THREADSAFE=1 -Wl,-soname,libsqlite3.so.0 \
		-o "$library" "$folder/sqlite3.c" -lm -ldl -lpthread
fi
echo "$version $home"
