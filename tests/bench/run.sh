#!/usr/bin/env bash
# Installs what the benchmarks need, builds them, and measures the gateway
# beside what limits it. Prints a table; everything is in
# build/bench/results.json. docs/performance.md says how to read it.
#
#   tests/bench/run.sh [--peers] [ROUNDS]
#
# Without ROUNDS, 5 of them. --peers also installs other servers (etcd, NATS,
# PostgreSQL, Redis) and gives them the same work.
set -euo pipefail

install=--bench
peers=()
if [[ "${1:-}" == --peers ]]; then
  install=--peers
  peers=(--peers)
  shift
fi
rounds="${1:-5}"
[[ $# -le 1 && "$rounds" =~ ^[1-9][0-9]*$ ]] \
  || { echo "usage: tests/bench/run.sh [--peers] [ROUNDS]" >&2; exit 2; }

here="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
cd "$here"
deploy/install-deps.sh "$install"
mkdir -p build/bench
cmake --preset bench >build/bench/configure.log 2>&1 \
  || { cat build/bench/configure.log >&2; exit 1; }
cmake --build --preset bench --target enrich_bench enrich_micro -- --quiet

bin=build/bench/tests/bench
# The stores are here rather than in /tmp, which may be in memory.
"$bin/enrich_bench" --rounds "$rounds" --folder build/bench "${peers[@]}" \
  --out build/bench/load.json
TMPDIR=build/bench "$bin/enrich_micro" --benchmark_repetitions="$rounds" \
  --benchmark_enable_random_interleaving=true \
  --benchmark_report_aggregates_only=true --benchmark_min_time=0.1 \
  --benchmark_out=build/bench/micro.json >/dev/null
tests/bench/report.py build/bench/{load,micro,results}.json
