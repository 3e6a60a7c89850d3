#!/usr/bin/env bash
# Prints the Debian packages that hold the shared libraries the given binaries
# load, one a line. So that an image need not name versions of libraries.
#
#   deploy/runtime-packages.sh BINARY...
set -euo pipefail
[[ $# -gt 0 ]] || { echo "usage: deploy/runtime-packages.sh BINARY..." >&2; exit 2; }

libraries="$(ldd "$@")"
if grep -F 'not found' <<<"$libraries" >&2; then
  exit 1
fi
# ldd may say /lib where the package says /usr/lib.
patterns=()
for path in $(awk '$3 ~ "^/" {print $3}' <<<"$libraries" | sort -u); do
  patterns+=("*${path#/usr}")
done
owners="$(dpkg-query --search "${patterns[@]}")"
sed -n 's/^\([^:]*\):[^ ]* .*/\1/p' <<<"$owners" | sort -u
