#!/usr/bin/env python3
"""Measures the simulated figures over ten seeds each, and writes docs/figures/simulated.md.

Messages per operation are the mean of the seeds, with their range. Median latencies are the median of the
seeds' medians, longest latencies the longest of all seeds. A row is reached if all its figures are.

Run it with `make figures`, which builds what it needs.
"""

import statistics

from bench import DOCUMENTS, Results
from simulation import broadcast, simulate

MARKDOWN = DOCUMENTS / "simulated.md"
SEEDS = range(1, 11)
RECEIVERS = ["blocking", "independent"]


def verdict(*limits):
    """"yes" if every figure is at most its limit, else "no"."""
    return "yes" if all(figure <= limit for figure, limit in limits) else "no"


def spread(values):
    return f"{statistics.mean(values):.2f} ({min(values):.2f} to {max(values):.2f})"


# Broadcast.


def measure_broadcast(results):
    results.table(
        "Broadcast: 25 nodes, 100 operations per second, 100 ms, 20 s", "what", "receivers",
        "messages per operation", "median", "longest", "at most", "reached")
    for name, node_flags, most, median, longest in [
        ("3d, `--window 400`", [], 1.1, 400, 600),
        ("3e, `--window 1550`", ["--window", 1550], 0.4, 1000, 2000),
        ("`--direct`", ["--direct"], 13, 110, 120),
    ]:
        for receivers in RECEIVERS:
            cost = broadcast(SEEDS, node_flags, receivers=receivers)
            results.row(
                name, receivers, f"{cost.messages_per_operation:.2f} ({cost.least:.2f} to {cost.most:.2f})",
                f"{cost.median:.0f} ms", f"{cost.longest:,} ms",
                f"{most}, {median:,} ms, {longest:,} ms",
                verdict((cost.messages_per_operation, most), (cost.median, median), (cost.longest, longest)))


def measure_partitions(results):
    """The latencies are connected latencies: they count only time in which the nodes concerned were connected."""
    results.table(
        "Broadcast under partitions, a new one every 5 s, otherwise the same", "partitions", "receivers",
        "messages per operation", "longest while connected", "values lost", "at most", "reached")
    for name, kinds in [
        ("whole components", "one,majority,minority-third"),
        ("rings of majorities too", "one,majority,minority-third,majorities-ring"),
    ]:
        for receivers in RECEIVERS:
            runs = [
                simulate(
                    "broadcast", seed, node_count=25, rate=100, latency=100, time_limit=20, nemesis="partition",
                    nemesis_interval=5, partitions=kinds, receivers=receivers)
                for seed in SEEDS
            ]
            longest = max(run.latency("1", "connected-latencies") for run in runs)
            lost = sum(run.results["workload"]["lost-count"] for run in runs)
            results.row(
                name, receivers, spread([run.messages_per_operation for run in runs]), f"{longest:,} ms", lost,
                "1,000 ms, 0", verdict((longest, 1000), (lost, 0)))


# Other workloads.


def measure_others(results):
    results.table("Other workloads, 20 s", "what", "messages per operation", "availability", "at most", "reached")
    counter = {"node_count": 3, "rate": 100, "nemesis": "partition"}
    pair = {"node_count": 2, "concurrency": "2n"}
    transactions = {**pair, "nemesis": "partition", "consistency_models": "read-committed", "availability": "total"}
    for name, workload, most, flags in [
        ("g-counter, `--concurrency 1n`", "g-counter", 0.2, {**counter, "concurrency": "1n"}),
        ("g-counter, `--concurrency 10n`", "g-counter", 0.2, {**counter, "concurrency": "10n"}),
        ("pn-counter, `--concurrency 1n`", "pn-counter", 0.3, {**counter, "concurrency": "1n"}),
        ("pn-counter, `--concurrency 10n`", "pn-counter", 0.2, {**counter, "concurrency": "10n"}),
        ("g-set, `--concurrency 1n`", "g-set", 0.3, {**counter, "concurrency": "1n"}),
        ("g-set, `--concurrency 10n`", "g-set", 0.2, {**counter, "concurrency": "10n"}),
        ("kafka 5c", "kafka", 0.5, {**pair, "rate": 1000}),
        ("txn 6c, rate 100", "txn-rw-register", 0.2, {**transactions, "rate": 100}),
        ("txn 6c, rate 1,000", "txn-rw-register", 0.2, {**transactions, "rate": 1000}),
    ]:
        runs = [simulate(workload, seed, time_limit=20, **flags) for seed in SEEDS]
        costs = [run.messages_per_operation for run in runs]
        availability = min(run.results["availability"]["ok-fraction"] for run in runs)
        results.row(name, spread(costs), f"{availability:.4g}", most, verdict((statistics.mean(costs), most)))


def main():
    results = Results()
    results.say("# Results of `make figures`\n")
    results.say(
        "Simulated with the seeds 1 to 10; the figures do not depend on the machine. Messages per operation are those "
        "between servers: the mean of the seeds, with minimum and maximum. A median latency is the median of the "
        "seeds' medians, a longest latency the longest of all seeds.")
    measure_broadcast(results)
    measure_partitions(results)
    measure_others(results)
    MARKDOWN.write_text("\n".join(results.lines) + "\n")


if __name__ == "__main__":
    main()
