"""One run of `eddy simulate`, and what it cost: the part that the other scripts here share.

What a simulation says does not depend on the machine or on who else uses it: the same seed gives
the same messages at the same times. Only its processor time and memory do.
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

# What a run may take before it is ended: a simulation that loops would fill the machine.
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
        """Of values from their acknowledgement on: "0.5" is the median, "1" the longest."""
        return self.results["workload"][key][quantile]


@dataclass
class Traffic:
    """What was sent between nodes: in the first second, in which nodes find each other's rhythm, and a
    second from then on until no more operations are invoked. The busiest node's share is of all
    sendings and receipts; it is half if the node takes part in every message."""

    first_second: int
    messages: float
    octets: float
    busiest_part: float


def limit_process():
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS))


def simulate(workload, seed=1, node_flags=(), with_traffic=False, **flags):
    """Runs a checked simulation; one that fails its checks ends the script, since its figures mean nothing."""
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
    """Reads a run's messages: those between nodes, each with the newline that ends its line."""
    first_second = messages = octets = 0
    ends = Counter()
    with open(path) as lines:
        for line in lines:
            # Replies to clients are most of a long run, and too long to be parsed for nothing.
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
    """Several seeds of one broadcast: mean messages per operation, median latency, and longest of all."""

    messages_per_operation: float
    least: float
    most: float
    median: float
    longest: int


def broadcast(seeds, node_flags=(), **flags):
    """The challenges' broadcast: 25 nodes, 100 operations per second, 100 ms between nodes, 20 s."""
    flags = {"node_count": 25, "rate": 100, "latency": 100, "time_limit": 20} | flags
    runs = [simulate("broadcast", seed, node_flags, **flags) for seed in seeds]
    costs = [run.messages_per_operation for run in runs]
    return Broadcast(
        statistics.mean(costs), min(costs), max(costs),
        statistics.median(run.latency("0.5") for run in runs), max(run.latency("1") for run in runs))
