#!/usr/bin/env bash
# Whether the worlds of some seeds are the same in every process: what depends on
# an address or on the order of a hash table differs between them.
#
#   replay_test.sh ENRICH_SIM
set -euo pipefail

first="$("$1" --seeds 31..70)"
for _ in 1 2 3; do
  diff <(echo "$first") <("$1" --seeds 31..70)
done
echo "four processes, the same worlds"
