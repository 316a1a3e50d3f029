#!/usr/bin/env python3
"""Measures how many writes per second a cluster of lin-kv daemons commits to real files.

This process is the network: it passes on what the daemons write to each other, without delay, and keeps a number of
clients busy, each with one write outstanding. It needs processor time of its own, so the figure is a lower bound.

`make bench` calls it. By hand: `python3 Benchmarks/consensus.py --seconds 5 --count-syncs`.
"""

import argparse
import json
import os
import re
import selectors
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

NODE = Path(__file__).resolve().parent.parent / ".build" / "release" / "eddy-node"
DESTINATION = re.compile(rb'"dest":"(\w+)"')
BUFFER = 1 << 20


class Daemons:
    """Daemons with their disks, connected by pipes."""

    def __init__(self, count, directory, arguments=(), prefix=()):
        self.names = [f"n{index}" for index in range(count)]
        self.processes = {}
        for name in self.names:
            command = [*prefix, NODE, *arguments, "--data-dir", directory / name]
            self.processes[name.encode()] = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0)
        self.selector = selectors.DefaultSelector()
        for name, process in self.processes.items():
            self.selector.register(process.stdout, selectors.EVENT_READ, name)
        self.unfinished = dict.fromkeys(self.processes, b"")
        self.queued = {name: [] for name in self.processes}

    def initialize(self):
        for name in self.names:
            body = {"type": "init", "msg_id": 1, "node_id": name, "node_ids": self.names}
            line = json.dumps({"src": "c0", "dest": name, "body": body}) + "\n"
            self.processes[name.encode()].stdin.write(line.encode())
        replies = 0
        while replies < len(self.names):
            replies += len(self.exchange())

    def exchange(self):
        """Waits for output, passes on what is for nodes, and returns what is for clients: (client, line)."""
        replies = []
        for key, _ in self.selector.select():
            chunk = os.read(key.fileobj.fileno(), BUFFER)
            if not chunk:
                raise SystemExit(f"{key.data.decode()} has ended")
            *lines, self.unfinished[key.data] = (self.unfinished[key.data] + chunk).split(b"\n")
            for line in lines:
                destination = DESTINATION.search(line).group(1)
                if destination in self.queued:
                    self.queued[destination].append(line)
                else:
                    replies.append((destination, line))
        return replies

    def flush(self):
        """Writes the queued lines."""
        for name, lines in self.queued.items():
            if lines:
                self.processes[name].stdin.write(b"\n".join(lines) + b"\n")
                lines.clear()

    def stop(self):
        for process in self.processes.values():
            process.stdin.close()
        for process in self.processes.values():
            process.stdout.read()
            process.wait()


class Clients:
    """Each client writes to a key of its own, by the node that it belongs to."""

    def __init__(self, count, daemons):
        self.daemons = daemons
        self.nodes = {b"c%d" % index: b"n%d" % (index % len(daemons.names)) for index in range(1, count + 1)}
        self.writes = dict.fromkeys(self.nodes, 1)
        self.committed = 0
        self.refused = 0

    def write(self, client):
        self.writes[client] += 1
        number = self.writes[client]
        self.daemons.queued[self.nodes[client]].append(
            b'{"src":"%s","dest":"%s","body":{"type":"write","msg_id":%d,"key":"%s","value":%d}}'
            % (client, self.nodes[client], number, client, number))

    def take(self, replies):
        for client, line in replies:
            if b'"write_ok"' in line:
                self.committed += 1
            else:
                self.refused += 1
            self.write(client)


def run(clients, daemons, seconds):
    """The writes committed per second, after a leader was elected and for a second more."""
    for client in clients.nodes:
        clients.write(client)
    daemons.flush()
    begin, start, end = time.monotonic(), None, None
    while end is None or time.monotonic() < end:
        clients.take(daemons.exchange())
        daemons.flush()
        if end is None and clients.committed > 0 and time.monotonic() > begin + 1:
            start, end, before = time.monotonic(), time.monotonic() + seconds, clients.committed
    return (clients.committed - before) / (time.monotonic() - start)


def committed_per_second(directory, nodes=3, clients=100, seconds=5, prefix=()):
    """The rate, and the number of writes committed in all. The daemons' data go to `directory`."""
    Path(directory).mkdir(exist_ok=True)
    daemons = Daemons(nodes, Path(directory), ["lin-kv"], prefix)
    daemons.initialize()
    load = Clients(clients, daemons)
    rate = run(load, daemons, seconds)
    daemons.stop()
    return rate, load.committed


def syncs_per_write(directory, nodes=3, clients=100, seconds=3):
    """The fdatasyncs of all daemons per committed write; None without strace."""
    if not shutil.which("strace"):
        return None
    Path(directory).mkdir(exist_ok=True)
    log = Path(directory) / "strace"
    prefix = ["strace", "-ff", "--seccomp-bpf", "-e", "trace=fdatasync", "-o", log]
    _, committed = committed_per_second(directory, nodes, clients, seconds, prefix)
    syncs = sum(path.read_text().count("fdatasync(") for path in Path(directory).glob("strace.*"))
    return syncs / committed


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--nodes", type=int, default=3)
    parser.add_argument("--clients", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--count-syncs", action="store_true")
    arguments = parser.parse_args()
    shape = {"nodes": arguments.nodes, "clients": arguments.clients, "seconds": arguments.seconds}
    with tempfile.TemporaryDirectory(dir=NODE.parent) as directory:
        print(f"{committed_per_second(directory, **shape)[0]:,.0f} writes committed per second")
    if arguments.count_syncs:
        with tempfile.TemporaryDirectory(dir=NODE.parent) as directory:
            print(f"{syncs_per_write(directory, **shape):.3f} fdatasyncs per write")


if __name__ == "__main__":
    main()
