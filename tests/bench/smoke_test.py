#!/usr/bin/env python3
"""Runs both benchmarks with next to no work and checks that every row is there.

    smoke_test.py ENRICH_BENCH ENRICH_MICRO
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
import targets  # noqa: E402

RATE = "contacts/s"
CPU = "server CPU us/contact"
P50 = "p50 ms"
ACCEPT = {(subject, metric) for subject in ("gateway", "floor", "bare gRPC")
          for metric in (RATE, CPU, P50, "p99 ms")} | {("bare SQLite", RATE)}
FAN_OUT = {(subject, metric) for subject in ("gateway", "floor")
           for metric in (RATE, CPU)}
PUSH = FAN_OUT | {("bare HTTP", RATE), ("bare SQLite", RATE)}
PACED = {(subject, metric) for subject in ("gateway", "floor")
         for metric in (CPU, P50, "p99 ms")}
IDLE = {(subject, metric) for subject in ("gateway", "floor")
        for metric in ("resident kB/stream", "streams served")}
REPLAY = {(subject, metric) for subject in ("gateway", "floor")
          for metric in ("events/s", "events/core-second")}
START = {("gateway", "exec to serving ms"), ("gateway", "resident MB")}
MEMORY = ("resident kB/stream", "resident bytes/open contact")
NGINX = ("/usr/sbin/nginx", "/usr/lib/nginx/modules/ngx_http_echo_module.so")
LISTENERS = ["gateway", "bare epoll"] + (
    ["nginx"] if all(map(os.path.exists, NGINX)) else [])
INGRESS = {(subject, metric) for subject in LISTENERS
           for metric in ("requests/s", "server CPU us/request")}
OPTIONAL = targets.PEERS + (() if "nginx" in LISTENERS else ("nginx",))

THREADS = {(thread, CPU) for thread in (
    "engine", "http-server", "reader", "store", "gRPC and others")}
WORKS = {
    "accept 1000, by thread": THREADS,
    "push 1, by thread": THREADS,
    "push 1 at 2000/s, by thread": THREADS,
    "push 100, by thread": THREADS,
    "machine": {("spin", "ms")},
    "start": START,
    "start, 1,000,000 open": START,
    "1,000,000 open": {("gateway", "resident bytes/open contact")},
    "accept 1000, 1,000,000 open": {("gateway", metric)
                                    for metric in (RATE, CPU, P50, "p99 ms")},
    "accept 1": ACCEPT,
    "accept 100": ACCEPT,
    "accept 1000": ACCEPT,
    "accept 100, one caller": ACCEPT,
    "accept 1000, one caller": ACCEPT,
    "10,000 calls of one contact": {("gateway", "provider requests"),
                                    ("full requests", "provider requests")},
    "push 1": PUSH,
    "push 100": PUSH,
    "push 100, 1,000,000 open": {("gateway", RATE), ("gateway", CPU)},
    "push 1 at 2000/s": PACED,
    "push 100 to 10 watchers": FAN_OUT,
    "push 100 to 100 watchers": FAN_OUT,
    "push 100 to 1000 watchers": FAN_OUT,
    "idle watchers": IDLE,
    "replay 1,000,000": REPLAY,
    "ingress 690 B": INGRESS,
    "ingress 67 kB": INGRESS,
}
PARTS = {"JsonParse", "ParseFetch", "ParseFetchDeclared",
         "ParseFetchDeclaredInFull", "ParseWebhook", "CompileProviderFiles",
         "ParseRequest", "ConvertRequest", "PlanBatch", "NormalizeOneContact",
         "IdentifyOneContact", "EncodeEvent", "SignBody", "NormalizeOnePhone",
         "ExpressionEvaluate", "ExpressionByHand", "VerifyWebhook",
         "ParseWebhookEnrowBulk", "ParseWebhookEnrowSingle", "TakeFromLane",
         "NextTurn", "FindNoAnswers", "FindAnswers", "KeepAnswers"}


def check(condition, text):
    if not condition:
        sys.exit(f"FAILED: {text}")


def check_load(entries):
    found = {}
    for entry in entries:
        found.setdefault(entry["work"], set()).add(
            (entry["subject"], entry["metric"]))
        # Memory may be there already when streams or contacts are few.
        positive = all(value > 0 for value in entry["rounds"])
        idle = entry["work"].endswith(", by thread")
        check(positive or entry["metric"] in MEMORY or idle,
              f"no positive value: {entry}")
    check(found == WORKS, f"rows differ: {found} instead of {WORKS}")


def main():
    bench, micro = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        load = pathlib.Path(folder, "load.json")
        parts = pathlib.Path(folder, "micro.json")
        results = pathlib.Path(folder, "results.json")
        subprocess.run(
            [bench, "--rounds=1", "--scale=0.01", f"--folder={folder}",
             f"--out={load}"], check=True, timeout=180)
        subprocess.run(
            # Filling the large stores takes longer than all else.
            [micro, "--benchmark_min_time=0", f"--benchmark_out={parts}",
             "--benchmark_filter=-/(200000|1000000)"],
            check=True, timeout=100, stdout=subprocess.DEVNULL)
        report = pathlib.Path(__file__).with_name("report.py")
        table = subprocess.run(
            [sys.executable, report, load, parts, results], check=True,
            timeout=10, stdout=subprocess.PIPE, text=True).stdout

        check_load(json.loads(load.read_text())["measurements"])
        micro_names = json.loads(results.read_text())["micro_ns"]
        check({name.split("/")[0] for name in micro_names} == PARTS,
              f"parts differ: {sorted(micro_names)}")
        for work in WORKS.keys() - {"machine"}:
            check(f"| {work} |" in table, f"{work} is not in the table")
        # Other servers are there only when they are asked for.
        missing = [line for line in table.splitlines()
                   if line.endswith("| not measured |")
                   and not any(f"| {name} |" in line for name in OPTIONAL)]
        check(not missing, f"targets are not measured: {missing}")
        check("| P11 |" in table, "there are no targets in the table")
    print("every row is there")


if __name__ == "__main__":
    main()
