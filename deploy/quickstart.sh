#!/usr/bin/env bash
# The main job, end to end, on a fresh Debian 12: installs what is needed,
# builds, starts the provider simulator and the gateway on loopback, enriches
# deploy/quickstart/contacts.csv, and leaves results.csv in the current folder.
#
#   deploy/quickstart.sh          stops what it started
#   deploy/quickstart.sh --keep   leaves simulator and gateway running
set -euo pipefail

keep=false
case "${1:-}" in
  "") ;;
  --keep) keep=true ;;
  *) echo "usage: deploy/quickstart.sh [--keep]" >&2; exit 2 ;;
esac

here="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
out="$PWD/results.csv"
state="$here/build/quickstart"
bin="$here/build/release/src"
say() { echo "quickstart: $*" >&2; }

say "checking Debian packages"
"$here/deploy/install-deps.sh"

say "building (Release); the first time takes some minutes"
cd "$here"
cmake --preset release >"$here/build-configure.log" 2>&1 \
  || { cat "$here/build-configure.log" >&2; exit 1; }
rm -f "$here/build-configure.log"
cmake --build --preset release --target enrich-gateway enrich-simulator enrichctl -- --quiet

# A run starts from nothing, so that it shows the whole job each time.
rm -rf "$state"
mkdir -p "$state"
cd "$state"

pids=()
stop() {
  for pid in "${pids[@]}"; do kill -TERM "$pid" 2>/dev/null || continue; done
  for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null || continue; done
}
trap stop EXIT

# Waits until `command` succeeds, or shows `log` and gives up.
wait_for() {
  local what="$1" log="$2"
  shift 2
  for _ in $(seq 100); do
    "$@" >/dev/null 2>&1 && return 0
    sleep 0.1
  done
  say "$what does not answer; its log:"
  tail -20 "$log" >&2
  exit 1
}

export ENROW_API_KEY=simulated-enrow-key FULLENRICH_API_KEY=simulated-fullenrich-key

say "starting the provider simulator on 127.0.0.1:8090"
"$bin/enrich-simulator" --listen 127.0.0.1:8090 --latency 500ms --time-scale 60 \
  --enrow-key "$ENROW_API_KEY" --fullenrich-key "$FULLENRICH_API_KEY" \
  2>simulator.log &
pids+=($!)
wait_for "the simulator" simulator.log grep -q 'listening on' simulator.log

say "starting the gateway on 127.0.0.1:8080"
"$bin/enrich-gateway" --config "$here/deploy/config/simulator.yaml" 2>gateway.log &
pids+=($!)
wait_for "the gateway" gateway.log "$bin/enrich-gateway" healthcheck

say "enriching deploy/quickstart/contacts.csv"
rm -f "$out" "$out.enrich-state"
rc=0
"$bin/enrichctl" enrich --in "$here/deploy/quickstart/contacts.csv" --out "$out" \
  --fields work_email,phone || rc=$?
# 3: some contacts ended without an answer (the file has invalid ones).
[[ $rc -eq 0 || $rc -eq 3 ]] || { say "failed; see $state/gateway.log"; exit "$rc"; }

say "results: $out"
if $keep; then
  trap - EXIT
  disown -a
  cat >&2 <<TEXT
quickstart: simulator (pid ${pids[0]}) and gateway (pid ${pids[1]}) keep running. Try:

  $bin/enrichctl batch list
  grpcurl -plaintext -d '{
      "request_id": "try-1", "fields": ["CONTACT_FIELD_WORK_EMAIL"],
      "contacts": [{"contact_ref": "1", "first_name": "Nadia",
                    "last_name": "Lambert", "company_domain": "example.com"}]}' \\
    127.0.0.1:8080 enrich.v1.EnrichmentService/EnrichBatch

Stop them with: kill ${pids[*]}
TEXT
fi
