#!/usr/bin/env bash
# Kills the gateway with SIGKILL at random moments while a client submits and
# watches, starts it again on the same database, and in the end holds it to the
# client's books and the simulator's ledger: nothing lost, nothing twice, and
# nobody's name in the logs.
#
#   tests/fault/kill_loop.sh [CYCLES] [--seed N] [--build DIR] [--keep]
#
# CYCLES is 5 by default. The seed decides the moments and the contacts. The
# folder of a run is shown, and kept, when something is wrong.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
cycles=5
seed=$(date +%s)
build="$here/build/dev"
keep=false
while [[ $# -gt 0 ]]; do
  case "$1" in
    --seed) seed="$2"; shift ;;
    --build) build="$2"; shift ;;
    --keep) keep=true ;;
    *[!0-9]*) sed -n '2,10s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
    *) cycles="$1" ;;
  esac
  shift
done

run="$(mktemp -d "${TMPDIR:-/tmp}/enrich-kill-loop-XXXXXX")"
say() { echo "kill_loop: $*" >&2; }
say "seed $seed, $cycles cycles, in $run"
RANDOM=$((seed % 32768))

pids=()
failed=true
stop() {
  for pid in "${pids[@]}"; do kill -KILL "$pid" 2>/dev/null || true; done
  if $failed || $keep; then
    say "see $run (seed $seed)"
  else
    rm -rf "$run"
  fi
}
trap stop EXIT

# Waits until `file` has a line with `text`, as long as process `pid` lives.
wait_for() {
  local file="$1" text="$2" pid="$3"
  for _ in $(seq 2000); do
    grep -q -- "$text" "$file" 2>/dev/null && return 0
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.01
  done
  say "no \"$text\" in $file:"
  tail -5 "$file" >&2
  exit 1
}

read -r grpc_port webhook_port <<<"$(python3 - <<'PY'
import socket
sockets = [socket.socket() for _ in range(2)]
for s in sockets:
    s.bind(("127.0.0.1", 0))
print(*(s.getsockname()[1] for s in sockets))
PY
)"

# Besides the kills, some answers are lost and some pushes go astray.
"$build/src/enrich-simulator" --listen 127.0.0.1:0 --latency 60ms --seed "$seed" \
  --time-scale 60 --enrow-rate 0 --fullenrich-rate 0 --fullenrich-concurrency 0 \
  --balance 100000000 --ledger-file "$run/ledger" --faults '[
    {"endpoint":"submit","action":"reset","when":"after","probability":0.02},
    {"endpoint":"webhook","action":"lost","probability":0.03},
    {"endpoint":"webhook","action":"duplicate","probability":0.05}]' \
  2>"$run/simulator.log" &
pids+=($!)
disown $!
wait_for "$run/simulator.log" "listening on" "$!"
simulator="$(sed -n 's/^listening on //p' "$run/simulator.log")"

cat >"$run/gateway.yaml" <<YAML
server:
  grpc_listen: 127.0.0.1:$grpc_port
  webhook_listen: 127.0.0.1:$webhook_port
  admin_listen: 127.0.0.1:0
  public_url: http://127.0.0.1:$webhook_port
store: {path: $run/gateway.db}
providers:
  - name: enrow
    adapter: enrow
    base_url: $simulator/enrow
    api_key: env:ENROW_KEY
    poll_first_after: 1s
    poll_interval: 1s
  - name: fullenrich
    adapter: fullenrich
    base_url: $simulator/fullenrich
    api_key: env:FULLENRICH_KEY
    poll_first_after: 1s
    poll_interval: 2s
waterfalls:
  work_email: [enrow, fullenrich]
  phone: [fullenrich, enrow]
engine: {linger: 20ms, park_unknown_after: 3s, balance_interval: 0s}
egress: {allow_plain_http: true, allow_private_addresses: true}
log_level: debug
YAML
export ENROW_KEY=enrow-key FULLENRICH_KEY=fullenrich-key

start_gateway() {
  : >"$run/gateway.log"
  "$build/src/enrich-gateway" --config "$run/gateway.yaml" 2>"$run/gateway.log" &
  gateway=$!
  disown "$gateway"
  pids[1]=$gateway
  wait_for "$run/gateway.log" serving "$gateway"
}

"$build/tests/kill_loop_driver" "$grpc_port" "$run" "$seed" &
driver=$!
pids[2]=$driver

for ((cycle = 1; cycle <= cycles; cycle++)); do
  start_gateway
  sleep "$(printf '0.%03d' $((RANDOM % 600)))"
  kill -KILL "$gateway"
  while kill -0 "$gateway" 2>/dev/null; do sleep 0.002; done
  cat "$run/gateway.log" >>"$run/gateways.log"
done
start_gateway
touch "$run/stop"
wait "$driver" || { say "FAILED"; exit 1; }
"$here/tests/fault/leaks.py" "$run" "$ENROW_KEY" "$FULLENRICH_KEY" \
  || { say "FAILED"; exit 1; }
failed=false
say "ok"
