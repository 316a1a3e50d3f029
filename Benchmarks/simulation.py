"""Runs `eddy simulate` and reads its figures, for the other scripts in this folder.

The results of a simulation do not depend on the machine or its load: the same seed yields the same messages
at the same times. Only its processor time and memory do.
"""

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from bench import EDDY

# The limits of a run, in bytes and seconds, so that a simulation that loops does not exhaust the machine.
ADDRESS_SPACE, PROCESSOR_SECONDS = 8_000_000 * 1024, 300


@dataclass
class Run:
    """A finished run. Latencies are in milliseconds, memory is in KiB."""

    results: dict
    traffic: "Traffic | None"
    peak_memory: int

    @property
    def messages_per_operation(self):
        return self.results["net"]["servers"]["msgs-per-op"]

    def latency(self, quantile, key="stable-latencies"):
        """A quantile of the values' latencies from their acknowledgement: "0.5" is the median, "1" the longest."""
        return self.results["workload"][key][quantile]


@dataclass
class Traffic:
    """The traffic between nodes: messages in the first second, in which the nodes synchronize their rounds, then
    messages and bytes per second until the last invocation. The busiest node's share is of all sends and
    receipts; it is half if the node sends or receives every message."""

    first_second: int
    messages: float
    octets: float
    busiest_part: float


def limit_process():
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS))


def simulate(workload, seed=1, node_flags=(), with_traffic=False, **flags):
    """Runs a checked simulation. Exits if a check fails, because the figures would be meaningless."""
    command = [EDDY, "simulate", "-w", workload, "--seed", seed]
    for name, value in flags.items():
        command += [f"--{name.replace('_', '-')}", value]
    command += ["--", *node_flags]
    with tempfile.TemporaryDirectory() as directory:
        process = subprocess.Popen(
            [str(word) for word in command], cwd=directory, stdout=subprocess.DEVNULL, preexec_fn=limit_process)
        _, status, usage = os.wait4(process.pid, 0)
        if status:
            sys.exit(f"{' '.join(str(word) for word in command)} ended with status {status}")
        files = Path(directory) / "store" / "latest"
        results = json.loads((files / "results.json").read_text())
        traffic = measure_traffic(files / "messages.jsonl", flags["time_limit"]) if with_traffic else None
    return Run(results, traffic, usage.ru_maxrss)


def measure_traffic(path, seconds):
    """Counts the messages between nodes in a run's file, and their bytes with a newline each."""
    first_second = messages = octets = 0
    ends = Counter()
    with open(path) as lines:
        for line in lines:
            # Most messages of a long run are replies to clients, which are too long to parse needlessly.
            if '"type":"gossip"' not in line:
                continue
            message = json.loads(line)
            if message["sent"] < 1e9:
                first_second += 1
            elif message["sent"] < seconds * 1e9:
                messages += 1
                ends.update((message["src"], message["dest"]))
                octets += len(json.dumps(message["message"], separators=(",", ":")).encode()) + 1
    measured = seconds - 1
    return Traffic(first_second, messages / measured, octets / measured, max(ends.values()) / ends.total())


@dataclass
class Broadcast:
    """Figures over several seeds: mean messages per operation with minimum and maximum, median and longest latency."""

    messages_per_operation: float
    least: float
    most: float
    median: float
    longest: int


def broadcast(seeds, node_flags=(), **flags):
    """The broadcast of the challenges: 25 nodes, 100 operations per second, 100 ms between nodes, 20 s."""
    flags = {"node_count": 25, "rate": 100, "latency": 100, "time_limit": 20} | flags
    runs = [simulate("broadcast", seed, node_flags, **flags) for seed in seeds]
    costs = [run.messages_per_operation for run in runs]
    return Broadcast(
        statistics.mean(costs), min(costs), max(costs),
        statistics.median(run.latency("0.5") for run in runs), max(run.latency("1") for run in runs))
