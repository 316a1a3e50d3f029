#!/usr/bin/env python3
"""Keeps daemons of every kind as busy as the machine can, and tells whether their memory stays flat.

One daemon echoes whatever a pipe carries. Beside it run clusters under a small switch: each client
sends its next request as soon as the last one is answered, the switch loses one in a hundred of the
messages between nodes, and stands in for the stores. What a workload has to remember is bounded: values
repeat, keys are few, logs are filled before the clock starts.

Flat means: nobody's resident memory in the last quarter exceeds what it was at its largest in the
first by more than a twentieth and a MiB. The exit code is 0 if all are flat and every request was
answered, 1 if not.

Run it by `make soak SOAK_SECONDS=3600`.
"""

import argparse
import collections
import json
import os
import random
import selectors
import subprocess
import sys
import time
from pathlib import Path

NODE = Path(__file__).resolve().parent.parent / ".build" / "release" / "eddy-node"
LOSS = 0.01
CLIENTS_PER_NODE = 4
# How long a request may take before it counts as lost, in seconds; its client gives up on it.
TIMEOUT = 10
KEYS = 50
RECORDS = 20_000


class Daemon:
    """A process on non-blocking pipes: lines in, lines out."""

    def __init__(self, arguments, selector, on_line):
        self.process = subprocess.Popen(
            [NODE, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0)
        self.queued, self.unread, self.on_line = bytearray(), b"", on_line
        self.resident = []
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            os.set_blocking(pipe.fileno(), False)
        selector.register(self.process.stdout, selectors.EVENT_READ, self.read)
        selector.register(self.process.stderr, selectors.EVENT_READ, self.read_log)

    def send(self, line):
        self.queued += line

    def flush(self):
        if self.queued:
            try:
                del self.queued[: os.write(self.process.stdin.fileno(), self.queued)]
            except BlockingIOError:
                pass

    def read(self):
        data = os.read(self.process.stdout.fileno(), 1 << 20)
        if not data:
            sys.exit(f"a daemon ended with {self.process.wait()}")
        *lines, self.unread = (self.unread + data).split(b"\n")
        for line in lines:
            self.on_line(line)

    def read_log(self):
        sys.stderr.buffer.write(os.read(self.process.stderr.fileno(), 1 << 16))

    def sample(self):
        with open(f"/proc/{self.process.pid}/status") as status:
            self.resident += [int(line.split()[1]) for line in status if line.startswith("VmRSS")]


# What clients ask for. Each makes the next request's body from how many were made.


def generate(_):
    return {"type": "generate"}


def broadcast(count):
    return {"type": "broadcast", "message": count * 7919 % 1000} if count % 10 else {"type": "read"}


def add_or_read(count):
    return {"type": "add", "delta": count % 5} if count % 3 else {"type": "read"}


def transact(count):
    key = count * 31 % KEYS
    return {"type": "txn", "txn": [["r", key, None], ["w", (key + 1) % KEYS, count], ["w", key, count]]}


def log_operation(count):
    key = f"k{count % KEYS}"
    if count < RECORDS:
        return {"type": "send", "key": key, "msg": count}
    tail = RECORDS // KEYS - 5
    choices = [
        {"type": "poll", "offsets": {key: tail}},
        {"type": "commit_offsets", "offsets": {key: tail}},
        {"type": "list_committed_offsets", "keys": [key]},
    ]
    return choices[count % 3]


class Store:
    """lin-kv and seq-kv, as one dictionary that answers at once."""

    def __init__(self):
        self.values = {}

    def answer(self, body):
        key = json.dumps(body["key"])
        value = self.values.get(key)
        if body["type"] == "write":
            self.values[key] = body["value"]
            return {"type": "write_ok"}
        if key not in self.values and not body.get("create_if_not_exists"):
            return {"type": "error", "code": 20, "text": "no such key"}
        if body["type"] == "read":
            return {"type": "read_ok", "value": value}
        if key in self.values and value != body["from"]:
            return {"type": "error", "code": 22, "text": "another value"}
        self.values[key] = body["to"]
        return {"type": "cas_ok"}


class Cluster:
    """Daemons of one workload, their clients and the network between them."""

    def __init__(self, workload, size, next_body, flags, selector):
        self.workload, self.next_body = workload, next_body
        self.daemons = {
            f"n{i}": Daemon([workload, "--seed", str(i), *flags], selector, self.carry) for i in range(size)}
        self.stores = {name: Store() for name in ("lin-kv", "seq-kv")}
        self.random = random.Random(workload)
        self.count = self.answered = self.messages = self.lost = 0
        # When each client's request was sent, the oldest first.
        self.waiting = collections.OrderedDict()
        self.refusals = collections.Counter()
        for name, daemon in self.daemons.items():
            body = {"type": "init", "msg_id": 0, "node_id": name, "node_ids": list(self.daemons)}
            daemon.send(compact("c-init", name, body))
        self.started = 0

    def carry(self, line):
        message = json.loads(line)
        source, destination, body = message["src"], message["dest"], message["body"]
        if destination in self.daemons:
            self.messages += 1
            if self.random.random() >= LOSS:
                self.daemons[destination].send(line + b"\n")
        elif destination in self.stores:
            self.messages += 2
            reply = {**self.stores[destination].answer(body), "in_reply_to": body["msg_id"]}
            self.daemons[source].send(compact(destination, source, reply))
        elif destination == "c-init":
            self.started += 1
            if self.started == len(self.daemons):
                for name in self.daemons:
                    for i in range(CLIENTS_PER_NODE):
                        self.ask(f"c{name}-{i}", name)
        elif destination in self.waiting:
            del self.waiting[destination]
            self.answered += 1
            if body["type"] == "error":
                self.refusals[body["code"]] += 1
            self.ask(destination, source)

    def ask(self, client, node):
        body = {**self.next_body(self.count), "msg_id": self.count + 1}
        self.count += 1
        self.waiting[client] = (time.monotonic(), node)
        self.daemons[node].send(compact(client, node, body))

    def give_up_on_the_lost(self, now):
        while self.waiting:
            client, (sent, node) = next(iter(self.waiting.items()))
            if now - sent < TIMEOUT:
                break
            del self.waiting[client]
            self.lost += 1
            self.ask(f"{client}'", node)


def compact(source, destination, body):
    return json.dumps({"src": source, "dest": destination, "body": body}, separators=(",", ":")).encode() + b"\n"


class Pipe(Cluster):
    """One daemon that echoes as fast as a pipe carries."""

    CHUNK = b"".join(
        compact("c1", "n0", {"type": "echo", "msg_id": i + 1, "echo": f"Please echo {i % 128}"}) for i in range(5000))

    def __init__(self, selector):
        super().__init__("echo", 1, None, [], selector)
        self.daemon = self.daemons["n0"]
        self.daemon.read = None
        selector.unregister(self.daemon.process.stdout)
        selector.register(self.daemon.process.stdout, selectors.EVENT_READ, self.drain)
        selector.register(self.daemon.process.stdin, selectors.EVENT_WRITE, self.fill)

    def fill(self):
        if not self.daemon.queued:
            self.daemon.send(self.CHUNK)
        self.daemon.flush()

    def drain(self):
        self.answered += os.read(self.daemon.process.stdout.fileno(), 1 << 20).count(b"\n")


def is_flat(resident):
    quarter = max(1, len(resident) // 4)
    return max(resident[-quarter:]) <= max(resident[:quarter]) * 1.05 + 1024


def soak(seconds):
    selector = selectors.DefaultSelector()
    clusters = [
        Pipe(selector),
        Cluster("unique-ids", 3, generate, [], selector),
        Cluster("broadcast", 5, broadcast, ["--window", "50"], selector),
        Cluster("g-counter", 3, add_or_read, [], selector),
        Cluster("txn-rw-register", 3, transact, [], selector),
        Cluster("kafka", 3, log_operation, [], selector),
    ]
    log = clusters[-1]
    start = None
    sampled = 0
    while start is None or time.monotonic() - start < seconds:
        for key, _ in selector.select(0.01):
            key.data()
        for cluster in clusters:
            for daemon in cluster.daemons.values():
                daemon.flush()
        now = time.monotonic()
        if start is None:
            # What has to be remembered is there: from here on memory has no reason to grow.
            if log.count > RECORDS + 1000:
                start = now
        elif now - start > sampled * seconds / 400:
            sampled += 1
            for cluster in clusters:
                cluster.give_up_on_the_lost(now)
                for daemon in cluster.daemons.values():
                    daemon.sample()
    for cluster in clusters:
        for daemon in cluster.daemons.values():
            daemon.process.kill()
            daemon.process.wait()
    return clusters


def report(clusters, seconds):
    print(f"\n{seconds:,.0f} s, MiB resident: the largest in the first and in the last quarter, of the largest node\n")
    print("| workload | nodes | requests answered | unanswered | errors | messages between nodes | first | last | |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    good = True
    for cluster in clusters:
        samples = [daemon.resident for daemon in cluster.daemons.values()]
        quarter = max(1, len(samples[0]) // 4)
        first = max(max(each[:quarter]) for each in samples) / 1024
        last = max(max(each[-quarter:]) for each in samples) / 1024
        flat = all(is_flat(each) for each in samples)
        good = good and flat and cluster.lost == 0 and cluster.answered > 0
        errors = ", ".join(f"{count} × {code}" for code, count in sorted(cluster.refusals.items())) or "none"
        print(
            f"| {cluster.workload} | {len(samples)} | {cluster.answered:,} | {cluster.lost} | {errors} | "
            f"{cluster.messages:,} | {first:.1f} | {last:.1f} | {'flat' if flat else 'grows'} |")
    return good


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60)
    seconds = parser.parse_args().seconds
    sys.exit(0 if report(soak(seconds), seconds) else 1)
