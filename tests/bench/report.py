#!/usr/bin/env python3
"""Joins what enrich_bench and enrich_micro wrote into one file and prints it.

    report.py LOAD_JSON MICRO_JSON RESULTS_JSON
"""

import datetime
import json
import os
import statistics
import sys

sys.dont_write_bytecode = True
import targets  # noqa: E402
from targets import GATEWAY, number  # noqa: E402


def summary(rounds):
    """The median of the rounds and half their range, as a share of it."""
    median = statistics.median(rounds)
    spread = (max(rounds) - min(rounds)) / 2 / median if median else 0.0
    return median, spread


def load_rows(measurements):
    """One row per work and metric: the gateway, then each limit."""
    rows = {}
    for entry in measurements:
        median, spread = summary(entry["rounds"])
        row = rows.setdefault((entry["work"], entry["metric"]), {})
        row[entry["subject"]] = {"median": median, "spread": spread}
    return [
        {"work": work, "metric": metric, "subjects": subjects,
         "ratios": {name: subjects[GATEWAY]["median"] / value["median"]
                    for name, value in subjects.items()
                    if GATEWAY in subjects and name != GATEWAY
                    and value["median"]}}
        for (work, metric), subjects in rows.items()
    ]


def print_load(rows):
    print("| work | metric | gateway | ± | limit | its value | ratio |")
    print("| --- | --- | ---: | ---: | --- | ---: | ---: |")
    for row in rows:
        gateway = row["subjects"].get(GATEWAY)
        if gateway is None:
            continue
        head = (f"| {row['work']} | {row['metric']} "
                f"| {number(gateway['median'])} | {gateway['spread']:.0%} ")
        if not row["ratios"]:
            print(head + "| | | |")
        for name, ratio in sorted(row["ratios"].items()):
            limit = row["subjects"][name]["median"]
            print(head + f"| {name} | {number(limit)} | {ratio:.2f} |")
            head = "| | | | "


def print_threads(rows):
    print("| work | thread | us/contact |")
    print("| --- | --- | ---: |")
    for row in rows:
        if not row["work"].endswith(", by thread"):
            continue
        for thread, used in sorted(row["subjects"].items()):
            print(f"| {row['work']} | {thread} | {number(used['median'])} |")


def micro_rows(report):
    """Nanoseconds of CPU time per contact or provider file, by benchmark."""
    rows = {}
    for run in report["benchmarks"]:
        if run.get("aggregate_name", "median") == "median":
            rows[run["run_name"]] = 1e9 / run["items_per_second"]
    return rows


def print_micro(rows):
    print(f"| part | {targets.MICRO} | times its JSON parse |")
    print("| --- | ---: | ---: |")
    for name, value in sorted(rows.items()):
        part, _, body = name.partition("/")
        parse = rows.get(f"JsonParse/{body}")
        ratio = f"{value / parse:.2f}" if parse and part != "JsonParse" else ""
        print(f"| {name} | {value:,.0f} | {ratio} |")


def medians(rows, micro):
    """Every median of the run by its Figure."""
    found = {targets.Figure(row["work"], row["metric"], subject): value["median"]
             for row in rows for subject, value in row["subjects"].items()}
    found.update((targets.Figure(name, targets.MICRO), value)
                 for name, value in micro.items())
    return found


def main():
    load_path, micro_path, results_path = sys.argv[1:]
    with open(load_path, encoding="utf-8") as file:
        measurements = json.load(file)["measurements"]
    with open(micro_path, encoding="utf-8") as file:
        micro = micro_rows(json.load(file))
    rows = load_rows(measurements)
    results = {
        "time": datetime.datetime.now(datetime.timezone.utc).isoformat(
            timespec="seconds"),
        "processors": os.cpu_count(),
        "load_average": os.getloadavg(),
        "load": rows,
        "micro_ns": micro,
        "measurements": measurements,
    }
    with open(results_path, "w", encoding="utf-8") as file:
        json.dump(results, file, indent=1)

    noise = next(row["subjects"]["spin"] for row in rows
                 if row["work"] == "machine")
    print(f"{results['time']}, {results['processors']} processors, load average "
          f"{results['load_average'][0]:.1f}; a fixed loop takes "
          f"{noise['median']:.0f} ms ± {noise['spread']:.0%}\n")
    print_load(rows)
    print()
    print_threads(rows)
    print()
    print_micro(micro)
    print()
    targets.print_targets(medians(rows, micro))


if __name__ == "__main__":
    main()
