#!/usr/bin/env python3
"""Measures how the cost of broadcast grows with nodes and operations, and writes docs/figures/scale.md.

Run it with `make scale`, which builds what it needs.
"""

from bench import DOCUMENTS, Results
from simulation import simulate

MARKDOWN = DOCUMENTS / "scale.md"

# Nodes, operations per second, and seconds. Every read returns all values, so the output of a run grows with
# the square of its operations, and a run keeps at most 256 MiB of messages.
BY_NODES = [(5, 100, 20), (25, 100, 20), (100, 100, 20), (300, 100, 20), (1_000, 100, 10)]
BY_RATE = [(25, 10, 20), (25, 100, 20), (25, 1_000, 20), (25, 5_000, 3)]


def measure(results, title, settings):
    results.table(
        title, "nodes", "operations per second", "seconds", "messages in the first second",
        "messages per second after it", "KiB per second after it", "busiest node's share", "median latency",
        "longest latency", "memory per node")
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
        "Messages and bytes are those between nodes; the first second, in which the nodes synchronize their rounds, "
        "is separate. The busiest node's share is of all sends and receipts; it is half if one node sends or "
        "receives every message. Memory is that of the simulating process divided by the nodes. It includes the "
        "history and all messages of the run, with replies to reads stored as differences.")
    measure(results, "By number of nodes", BY_NODES)
    measure(results, "By rate of operations", BY_RATE)
    MARKDOWN.write_text("\n".join(results.lines) + "\n")


if __name__ == "__main__":
    main()
