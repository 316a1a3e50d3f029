#!/usr/bin/env python3
"""Measures how broadcast's cost grows with nodes and with operations, and writes docs/figures/scale.md.

Run it by `make scale`, which builds what it needs.
"""

from bench import DOCUMENTS, Results
from simulation import simulate

MARKDOWN = DOCUMENTS / "scale.md"

# Nodes, operations per second, and for how many seconds: every read returns all values, so that what
# a run writes grows with the square of its operations, and a run keeps 256 MiB of messages at most.
BY_NODES = [(5, 100, 20), (25, 100, 20), (100, 100, 20), (300, 100, 20), (1_000, 100, 10)]
BY_RATE = [(25, 10, 20), (25, 100, 20), (25, 1_000, 20), (25, 5_000, 3)]


def measure(results, title, settings):
    results.table(
        title, "nodes", "operations per second", "seconds", "messages in the first second", "per second then",
        "KiB per second then", "busiest node's share", "median", "longest", "memory per node")
    for nodes, rate, seconds in settings:
        run = simulate(
            "broadcast", with_traffic=True, node_count=nodes, rate=rate, latency=100, time_limit=seconds)
        results.row(
            f"{nodes:,}", f"{rate:,}", seconds, f"{run.traffic.first_second:,}", f"{run.traffic.messages:,.0f}",
            f"{run.traffic.octets / 1024:,.0f}", f"{run.traffic.busiest_part:.0%}", f"{run.latency('0.5')} ms",
            f"{run.latency('1'):,} ms", f"{run.peak_memory / 1024 / nodes:,.1f} MiB")


def main():
    results = Results()
    results.say("# Results of `make scale`\n")
    results.say(
        "Broadcast with its default window, simulated on Maelstrom's network, 100 ms between nodes, seed 1. "
        "Messages and bytes are those between nodes: the first second, in which nodes find a common rhythm, stands "
        "by itself. The busiest node's share is of all sendings and receipts: the relay takes part in every message, "
        "which makes it half. Memory is that of the process that simulates, divided by the nodes: the history and "
        "every message of the run are in it, a reply to a read as what it adds to the one before it.")
    measure(results, "As nodes are added", BY_NODES)
    measure(results, "As operations are added", BY_RATE)
    MARKDOWN.write_text("\n".join(results.lines) + "\n")


if __name__ == "__main__":
    main()
