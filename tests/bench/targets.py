"""What the gateway is to reach, and whether it did.

A target compares a figure of the gateway, or its ratio to another figure of the
same run, with a bound.
"""

from typing import NamedTuple, Optional

GATEWAY = "gateway"
FLOOR = "floor"
PEERS = ("Redis", "PostgreSQL", "etcd", "NATS")

RATE = "contacts/s"
P50 = "p50 ms"
P99 = "p99 ms"
CPU = "server CPU us/contact"
MICRO = "ns per contact or file"


class Figure(NamedTuple):
    """One median of the run."""
    work: str
    metric: str
    subject: str = GATEWAY


class Target(NamedTuple):
    # Such as "P1"; several together make up one.
    name: str
    measured: Figure
    # None for a bound on the figure itself.
    over: Optional[Figure]
    # "≥" or "≤".
    relation: str
    bound: float


def beside(name, work, metric, subject, relation, bound):
    """A target for the ratio of the gateway to `subject`."""
    return Target(name, Figure(work, metric), Figure(work, metric, subject),
                  relation, bound)


def absolute(name, work, metric, relation, bound):
    return Target(name, Figure(work, metric), None, relation, bound)


TARGETS = [
    beside("P1", "accept 1000", RATE, FLOOR, "≥", 0.4),
    beside("P1", "accept 1000", RATE, "etcd", "≥", 1),
    absolute("P1", "accept 1000, one caller", P99, "≤", 10),
    beside("P2", "push 100", RATE, FLOOR, "≥", 0.5),
    *(beside("P2", "push 100", RATE, peer, "≥", 1) for peer in PEERS),
    beside("P3", "push 1", RATE, FLOOR, "≥", 0.6),
    beside("P4", "push 1 at 2000/s", P50, FLOOR, "≤", 1.5),
    beside("P4", "push 1 at 2000/s", P99, FLOOR, "≤", 2),
    beside("P5", "push 100", RATE, FLOOR, "≥", 0.6),
    *(beside("P5", f"push 100 to {watchers} watchers", RATE, FLOOR, "≥", 0.6)
      for watchers in (10, 100, 1000)),
    beside("P5", "replay 1,000,000", "events/s", FLOOR, "≥", 0.6),
    absolute("P5", "replay 1,000,000", "events/core-second", "≥", 1_000_000),
    *(Target("P6", Figure(f"ParseFetch/{body}", MICRO),
             Figure(f"JsonParse/{body}", MICRO), "≤", 1.5)
      for body in ("FullEnrich", "Enrow")),
    Target("P6", Figure("ParseFetchDeclared/FullEnrich", MICRO),
           Figure("ParseFetch/FullEnrich", MICRO), "≤", 1.3),
    beside("P7", "ingress 690 B", "requests/s", "nginx", "≥", 0.85),
    beside("P7", "ingress 67 kB", "requests/s", "nginx", "≥", 0.85),
    beside("P8", "idle watchers", "resident kB/stream", FLOOR, "≤", 1.2),
    absolute("P8", "idle watchers", "streams served", "≥", 10_000),
    absolute("P9", "10,000 calls of one contact", "provider requests", "≤",
             110),
    Target("P10", Figure("accept 1000, 1,000,000 open", CPU),
           Figure("accept 1000", CPU), "≤", 1.2),
    Target("P10", Figure("push 100, 1,000,000 open", CPU),
           Figure("push 100", CPU), "≤", 1.2),
    absolute("P10", "1,000,000 open", "resident bytes/open contact", "≤", 200),
    absolute("P10", "start, 1,000,000 open", "exec to serving ms", "≤", 5000),
    absolute("P11", "start", "resident MB", "≤", 40),
    absolute("P11", "start", "exec to serving ms", "≤", 200),
]


def measured(target, medians):
    """The value the bound is for; None where it was not measured."""
    value = medians.get(target.measured)
    if target.over is None or value is None:
        return value
    over = medians.get(target.over)
    return value / over if over else None


def met(target, value):
    if target.relation == "≥":
        return value >= target.bound
    return value <= target.bound


def number(value):
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def over_what(target):
    """The other figure of a ratio, as short as it is clear."""
    if target.over is None:
        return ""
    if target.over.work == target.measured.work:
        return target.over.subject
    return target.over.work


def print_targets(medians):
    """`medians` by Figure."""
    print("| target | work | metric | over | required | measured | met |")
    print("| --- | --- | --- | --- | ---: | ---: | --- |")
    for target in TARGETS:
        value = measured(target, medians)
        if value is None:
            result = "| | not measured"
        else:
            figure = f"{value:.2f}" if target.over else number(value)
            result = f"| {figure} | {'yes' if met(target, value) else 'NO'}"
        print(f"| {target.name} | {target.measured.work} "
              f"| {target.measured.metric} | {over_what(target)} "
              f"| {target.relation} {number(target.bound)} {result} |")
