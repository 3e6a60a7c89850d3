#!/usr/bin/env bash
# Runs a fuzzer, from the bodies of the golden files, its own seeds, and what
# earlier runs kept in the build folder:
#
#   tests/fuzz/run.sh build/fuzz/tests/fuzz/json_fuzzer -max_total_time=3600
#
# An input that breaks something is left in the build folder, and its path is
# printed: give it to the fuzzer as its only argument to see it again.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
golden="$here/../golden"
fuzzer="$(realpath "$1")"
shift

corpus="$fuzzer.corpus"
mkdir -p "$corpus"
# A body stands after the first empty line of its file.
for file in "$golden"/*/{submit,fetch,webhook,balance}/*.in; do
  seed="$(sed '1,/^$/d' "$file" | sha1sum)"
  sed '1,/^$/d' "$file" >"$corpus/${seed%% *}"
done
seeds="$here/seeds/$(basename "${fuzzer%_fuzzer}")"
[[ ! -d "$seeds" ]] || cp "$seeds"/* "$corpus"
cd "$(dirname "$fuzzer")"
exec "$fuzzer" -max_len=65536 -timeout=10 -rss_limit_mb=2048 "$@" "$corpus"
