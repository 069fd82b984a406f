#!/bin/sh
# test_unseen.sh BUILD SOURCE: in ten disjoint checks the next runs show what is expected of them.
set -eu
"$2/tests/project/unseen.sh" "$1" 24 10 disk-full
