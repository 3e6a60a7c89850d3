#!/usr/bin/env bash
# Builds what is shipped and runs it at scale against the simulator. Prints a
# table; build/bench/scale has the samples and a picture. docs/sizing.md says
# what each run does, and what it came to.
#
#   tests/scale/run.sh csv [CONTACTS]        1,000,000 from CSV to CSV
#   tests/scale/run.sh watchers [STREAMS]    10,000 that see every result
#   tests/scale/run.sh history [RESULTS]     10,000,000 kept, replayed, deleted
#   tests/scale/run.sh mixed [SECONDS]       3,600 of load of many kinds
set -euo pipefail

[[ $# -ge 1 && $# -le 2 && "${2:-1}" =~ ^[1-9][0-9]*$ ]] \
  && [[ "$1" =~ ^(csv|watchers|history|mixed)$ ]] \
  || { sed -n '2,9s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2; }

here="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
cd "$here"
deploy/install-deps.sh --test
mkdir -p build/bench
cmake --preset bench >build/bench/configure.log 2>&1 \
  || { cat build/bench/configure.log >&2; exit 1; }
cmake --build --preset bench \
  --target enrich-gateway enrich-simulator enrichctl enrich_scale -- --quiet
exec python3 tests/scale/runner.py "$@" --build build/bench
