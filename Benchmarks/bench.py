#!/usr/bin/env python3
"""Measures the performance figures of the project, prints tables and writes docs/figures/bench.md.

Times on a shared machine are noisy. Each is the median of several runs and is shown with a reference that is
measured alternately, so that the ratio is meaningful. Counts of instructions and allocations are the same on
every machine with the same libraries.

Run it with `make bench`, which builds what it needs. The Rust reference needs cargo, and serde_json from
crates.io or from Debian (librust-serde-json-dev, librust-serde-derive-dev). It is omitted if they are missing.
"""

import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import consensus

HERE = Path(__file__).resolve().parent
BUILD = HERE.parent / ".build" / "release"
# Where all measurements are written.
DOCUMENTS = HERE.parent / "docs" / "figures"
NODE, EDDY, LOOP = BUILD / "eddy-node", BUILD / "eddy", BUILD / "LoopBenchmark"
REFERENCE = [sys.executable, str(HERE / "reference_echo.py")]
RUST = HERE / "ReferenceRust"
DEBIANS_CRATES = Path("/usr/share/cargo/registry")

INIT = {"src": "c0", "dest": "n1", "body": {"type": "init", "msg_id": 1, "node_id": "n1", "node_ids": ["n1"]}}
MESSAGES = 200_000
RUNS = 7


# The results: titled tables, in the order of measurement.


class Results:
    def __init__(self):
        self.lines = []

    def say(self, line=""):
        print(line, flush=True)
        self.lines.append(line)

    def table(self, title, *columns):
        self.say(f"\n## {title}\n")
        self.row(*columns)
        self.row(*["---"] * len(columns))

    def row(self, *cells):
        self.say("| " + " | ".join(str(cell) for cell in cells) + " |")


def medians(runs, **measurements):
    """The median of each measurement. They alternate, so that noise affects all of them alike."""
    values = {name: [] for name in measurements}
    for _ in range(runs):
        for name, measure in measurements.items():
            values[name].append(measure())
    return {name: statistics.median(each) for name, each in values.items()}


# Echo.


def build_rust_reference():
    """Builds the Rust reference, with Debian's crates if installed. Returns its path, or None if that fails."""
    if not shutil.which("cargo"):
        return None
    command = ["cargo", "build", "--release", "--quiet", "--manifest-path", RUST / "Cargo.toml"]
    if any(DEBIANS_CRATES.glob("serde_json-*")):
        sources = ["source.crates-io.replace-with='debian'", f"source.debian.directory='{DEBIANS_CRATES}'"]
        command += ["--offline", *(word for source in sources for word in ("--config", source))]
    target = BUILD.parent / "reference-rust"
    if subprocess.run([*command, "--target-dir", target], stderr=subprocess.DEVNULL).returncode != 0:
        return None
    return target / "release" / "reference-echo"


def compact(message):
    return json.dumps(message, separators=(",", ":")) + "\n"


def write_messages(path, count):
    with open(path, "w") as file:
        file.write(compact(INIT))
        for i in range(count):
            body = {"type": "echo", "msg_id": i + 2, "echo": f"Please echo {i % 128}"}
            file.write(compact({"src": "c1", "dest": "n1", "body": body}))
    return path


def seconds_to_pipe(command, path):
    """The seconds that a program takes to process a file, with its output piped to `cat`."""
    start = time.perf_counter()
    with open(path) as file:
        program = subprocess.Popen(command, stdin=file, stdout=subprocess.PIPE)
        subprocess.run(["cat"], stdin=program.stdout, stdout=subprocess.DEVNULL, check=True)
    program.stdout.close()
    if program.wait() != 0:
        sys.exit(f"{command[0]} failed")
    return time.perf_counter() - start


def measure_echo(results, directory, rust):
    messages = write_messages(directory / "messages", MESSAGES)
    who = {
        "eddy-node": [NODE, "echo"],
        "`cat`, the same bytes": ["cat"],
        "Rust with serde_json": [rust],
        "Python's standard library": REFERENCE,
    }
    if rust is None:
        del who["Rust with serde_json"]
    took = medians(RUNS, **{name: lambda command=command: seconds_to_pipe(command, messages) for name, command in who.items()})
    results.table(
        f"Echo: {MESSAGES:,} messages from a file to a pipe", "program", "messages per second", "time relative to `cat`")
    for name, seconds in took.items():
        results.row(name, f"{MESSAGES / seconds:,.0f}", f"{seconds / took['`cat`, the same bytes']:.2f}")


def under_valgrind(tool, binary, path, pattern):
    """The number that a valgrind tool prints after a run, found by a pattern."""
    with open(path) as file:
        run = subprocess.run(
            ["valgrind", *tool, binary, "echo"], stdin=file, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    found = re.search(pattern, run.stderr)
    if not found:
        sys.exit(f"valgrind gave no count:\n{run.stderr}")
    return int(found.group(1).replace(",", ""))


def count_echo(results, directory, rust):
    results.table("Echo, counted", "what", "figure")
    if not shutil.which("valgrind"):
        return results.row("instructions and allocations", "not counted: valgrind is not installed")
    # Valgrind cannot read the debug information of a static Swift runtime.
    binary = directory / "eddy-node"
    subprocess.run(["strip", "-g", "-o", binary, NODE], check=True)
    few, many = 10_000, 20_000
    paths = {count: write_messages(directory / f"messages-{count}", count) for count in (few, many)}
    callgrind = ["--tool=callgrind", "--callgrind-out-file=/dev/null"]

    def instructions(program):
        """The instructions per message, and those of the start."""
        counts = {n: under_valgrind(callgrind, program, paths[n], r"Collected : (\d+)") for n in paths}
        each = (counts[many] - counts[few]) / (many - few)
        return each, counts[few] - few * each

    each, start = instructions(binary)
    results.row("instructions per message", f"{each:,.0f}")
    results.row(f"instructions per message over {MESSAGES:,} messages, start included", f"{each + start / MESSAGES:,.0f}")
    if rust is not None:
        results.row("instructions per message, Rust with serde_json", f"{instructions(rust)[0]:,.0f}")
    allocations = {n: under_valgrind(["--tool=memcheck"], binary, paths[n], r"heap usage: ([\d,]+) allocs") for n in paths}
    results.row(f"allocations from the {few:,}th message to the {many:,}th", allocations[many] - allocations[few])


# The daemon's start, and its memory when idle.


def first_reply(command):
    """The seconds from the start of a process until it answers one line, and its resident memory then, in KiB."""
    start = time.perf_counter()
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0) as process:
        process.stdin.write(compact(INIT).encode())
        process.stdout.readline()
        took = time.perf_counter() - start
        status = Path(f"/proc/{process.pid}/status").read_text()
        process.stdin.close()
    return took, int(re.search(r"VmRSS:\s+(\d+)", status).group(1))


def measure_start(results):
    took = medians(
        3 * RUNS,
        node=lambda: first_reply([NODE, "echo"])[0],
        cat=lambda: first_reply(["cat"])[0],
        reference=lambda: first_reply([*REFERENCE[:1], "-u", *REFERENCE[1:]])[0],
    )
    memory = first_reply([NODE, "echo"])[1]
    results.table("Start", "what", "figure", "relative to `cat`", "relative to Python")
    results.row(
        "start to first reply", f"{took['node'] * 1e3:.1f} ms", f"{took['node'] / took['cat']:.2f}",
        f"{took['node'] / took['reference']:.2f}")
    results.row("resident memory, idle", f"{memory / 1024:.1f} MiB", "", "")


# The costs within the event loop.


def loop_costs():
    """The output of LoopBenchmark: by name, nanoseconds by size (None if there is no size)."""
    costs = {}
    for line in subprocess.run([LOOP], stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines():
        name, size, nanoseconds = line.split("\t")
        costs.setdefault(name, {})[int(size) if size else None] = float(nanoseconds)
    return costs


def daemon_round_trip():
    """The nanoseconds of a round trip between two daemons, each of whose outputs is the other's input."""
    ends = {name: os.pipe() for name in ("a", "b")}
    daemons = [
        subprocess.Popen([LOOP, "ping"], stdin=ends[mine][0], stdout=ends[other][1], stderr=subprocess.PIPE, text=True)
        for mine, other in (("a", "b"), ("b", "a"))
    ]
    for name, (_, to_daemon) in ends.items():
        body = {"type": "init", "msg_id": 1, "node_id": name, "node_ids": ["a", "b"]}
        os.write(to_daemon, compact({"src": "c", "dest": name, "body": body}).encode())
    os.write(ends["a"][1], compact({"src": "c", "dest": "a", "body": {"type": "start"}}).encode())
    line = next(line for line in daemons[0].stderr if "nanoseconds" in line)
    for daemon in daemons:
        daemon.terminate()
        daemon.communicate()
    for pair in ends.values():
        for end in pair:
            os.close(end)
    return float(re.search(r"nanoseconds=(\d+)", line).group(1))


def measure_loop(results):
    costs = loop_costs()
    results.table("The loop", "what", "nanoseconds")
    for name, by_size in costs.items():
        if None in by_size:
            results.row(name, f"{by_size[None]:,.0f}")
    results.row("round trip between two daemons", f"{medians(3, trip=daemon_round_trip)['trip']:,.0f}")

    growing = {name: by_size for name, by_size in costs.items() if None not in by_size}
    sizes = sorted(set().union(*growing.values()))
    results.table("Costs by size, in nanoseconds", "what", *(f"{size:,}" for size in sizes))
    for name, by_size in growing.items():
        results.row(name, *(f"{by_size[size]:,.0f}" for size in sizes))


# The workbench.


def simulation_seconds(nodes, seeds, directory):
    """The processor seconds of a checked simulation with 20 s of virtual operation, the mean of the seeds."""
    flags = ["--node-count", nodes, "--rate", 100, "--latency", 100, "--time-limit", 20]
    command = [EDDY, "simulate", "-w", "broadcast", *flags, "--seeds", f"1..{seeds}", "--jobs", 1]
    before = os.times()
    subprocess.run([str(word) for word in command], cwd=directory, stdout=subprocess.DEVNULL, check=True)
    after = os.times()
    return (after.children_user + after.children_system - before.children_user - before.children_system) / seeds


def measure_simulation(results, directory):
    # Ten seconds of recovery follow in virtual time. The ratio leaves them out.
    results.table(
        "`eddy simulate -w broadcast`: 100 operations per second, 100 ms between nodes, 20 s and recovery, with its checks",
        "nodes", "processor time per run", "virtual seconds of operation per second of processor time")
    for nodes, seeds, runs in [(5, 10, 5), (25, 10, 5), (100, 3, 3), (1_000, 1, 3)]:
        took = medians(runs, time=lambda: simulation_seconds(nodes, seeds, directory))["time"]
        results.row(f"{nodes:,}", f"{took * 1e3:,.0f} ms", f"{20 / took:,.0f}")


def echo_operations(directory, clients, prefix=()):
    seconds = 3
    flags = ["--node-count", 1, "--concurrency", clients, "--rate", 1_000_000, "--time-limit", seconds, "--quiet"]
    command = [*prefix, EDDY, "test", "-w", "echo", "--bin", NODE, *flags, "--", "echo"]
    subprocess.run([str(word) for word in command], cwd=directory, stdout=subprocess.DEVNULL, check=True)
    stats = json.loads((directory / "store" / "latest" / "results.json").read_text())["stats"]
    return stats["ok-count"] / seconds


def measure_test(results, directory):
    results.table("`eddy test -w echo`, one node", "clients", "operations per second")
    rows = {str(clients): (clients, ()) for clients in (1, 10, 100)}
    if shutil.which("taskset"):
        # With one client the two processes alternate, so waking the other core dominates.
        rows["1, all on one core"] = (1, ("taskset", "-c", "0"))
    rates = medians(3, **{name: lambda row=row: echo_operations(directory, *row) for name, row in rows.items()})
    for name, rate in rates.items():
        results.row(name, f"{rate:,.0f}")


# Consensus, on real files.


def measure_consensus(results):
    results.table("lin-kv on disk: writes of a hundred clients, no latency between nodes", "nodes", "what", "figure")
    for nodes in (1, 3):
        # Beside the programs: a folder for temporary files may lie in memory.
        with tempfile.TemporaryDirectory(dir=BUILD) as name:
            rates = [consensus.committed_per_second(Path(name) / str(run), nodes)[0] for run in range(3)]
            syncs = consensus.syncs_per_write(Path(name) / "syncs", nodes)
        results.row(nodes, "committed per second", f"{statistics.median(rates):,.0f}")
        results.row(nodes, "fdatasyncs per write, over all nodes", "not counted: strace is not installed" if syncs is None else f"{syncs:.3f}")


def main():
    results = Results()
    results.say("# Results of `make bench`\n")
    results.say(
        "Written by `Benchmarks/bench.py`. Times are medians and noisy on a shared machine: compare the ratios. "
        "Counts of instructions and allocations do not depend on the load.")
    results.say(f"\nProcessors: {os.cpu_count()}. Load average at the start: {os.getloadavg()[0]:.1f}.")
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        rust = build_rust_reference()
        measure_echo(results, directory, rust)
        count_echo(results, directory, rust)
        measure_start(results)
        measure_loop(results)
        measure_simulation(results, directory)
        measure_test(results, directory)
        measure_consensus(results)
    (DOCUMENTS / "bench.md").write_text("\n".join(results.lines) + "\n")


if __name__ == "__main__":
    main()
