#!/usr/bin/env python3
"""Runs daemons of every workload at full load and checks that their memory stays flat.

Clusters run on a small switch. It delivers the messages, loses one in a hundred of those between nodes, and
answers for the key-value services. The state of each workload is bounded: values repeat, keys are few, and logs
are filled before the measurement starts. There are three tests:

- steady: each client sends its next request when the last one is answered. In addition one daemon echoes as
  many requests as a pipe carries.
- restarts: one node of each gossiping cluster is killed one or three seconds after its start and restarted
  without state. The other nodes' memory of its former incarnations must be bounded.
- readers: every request is a read from a new client.

Flat means that in the last quarter of the samples no node's resident memory exceeds its maximum of the first
quarter by more than 5 % and 1 MiB, and the longest message between nodes does not exceed that of the first
quarter by more than 10 % and 256 bytes. Growing messages reveal growing state earlier than memory does. The
exit code is 0 if all are flat and every request was answered, else 1.

Run it with `make soak SOAK_SECONDS=3600`.
"""

import argparse
import collections
import os
import selectors
import sys
import time

from switch import Cluster, compact

KEYS = 50
RECORDS = 20_000


# The requests of clients. Each function makes the body of the next request from the number of requests so far.


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


def add_element(count):
    return {"type": "add", "element": count * 7919 % 1000} if count % 10 else {"type": "read"}


def read(_):
    return {"type": "read"}


def poll(count):
    return {"type": "poll", "offsets": {f"k{count % KEYS}": 0}}


def read_transaction(count):
    return {"type": "txn", "txn": [["r", count % KEYS, None]]}


class Pipe(Cluster):
    """One daemon that echoes at the speed of a pipe."""

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


class Restarts(Cluster):
    """A cluster whose last node is killed and restarted repeatedly, `lifetime` seconds after each start."""

    def __init__(self, workload, size, next_body, flags, selector, next_body_of_victim, lifetime):
        super().__init__(workload, size, next_body, flags, selector)
        self.lifetime = lifetime
        self.victim = f"n{size - 1}"
        self.next_body_of_victim = next_body_of_victim
        self.incarnations = size
        # When the victim was initialized; None if it is not initialized.
        self.alive_since = None

    def samples(self):
        return [daemon.resident for name, daemon in self.daemons.items() if name != self.victim]

    def turn(self, now):
        if self.alive_since is None or now - self.alive_since < self.lifetime:
            return
        self.alive_since = None
        self.daemons[self.victim].kill()
        # Its clients crash with it; new ones start after the restart.
        self.waiting = collections.OrderedDict(
            (client, asked) for client, asked in self.waiting.items() if asked[1] != self.victim)
        self.daemons[self.victim] = self.launch(self.incarnations)
        self.incarnations += 1
        self.initialize(self.victim)

    def begin(self, name):
        super().begin(name)
        if name == self.victim:
            self.alive_since = time.monotonic()

    def body(self, node):
        return (self.next_body_of_victim if node == self.victim else self.next_body)(self.count)


class Readers(Cluster):
    """A cluster whose clients each read once."""

    def ask(self, client, node):
        super().ask(f"c{self.count}", node)


def largest(samples):
    """The maxima of the first and of the last quarter."""
    quarter = max(1, len(samples) // 4)
    return max(samples[:quarter]), max(samples[-quarter:])


def is_flat(samples, share, slack):
    first, last = largest(samples)
    return last <= first * (1 + share) + slack


def steady(selector):
    return [
        Pipe(selector),
        Cluster("unique-ids", 3, generate, [], selector),
        Cluster("broadcast", 5, broadcast, ["--window", "50"], selector),
        Cluster("g-counter", 3, add_or_read, [], selector),
        Cluster("txn-rw-register", 3, transact, [], selector),
        Cluster("kafka", 3, log_operation, [], selector),
    ]


def restarts(selector):
    # A value added to a node that has lost its state is a new one, so the victim of a set gets only reads. It
    # lives longer there, because it requests missing entries after two seconds without new ones.
    return [
        Restarts("broadcast", 4, broadcast, ["--window", "50"], selector, read, 3),
        Restarts("g-set", 4, add_element, ["--window", "50"], selector, read, 3),
        Restarts("g-counter", 3, add_or_read, ["--window", "50"], selector, add_or_read, 1),
        Restarts("pn-counter", 3, add_or_read, ["--window", "50"], selector, add_or_read, 1),
        Restarts("txn-rw-register", 3, transact, ["--window", "50"], selector, transact, 1),
    ]


def readers(selector):
    return [
        Readers("broadcast", 3, read, [], selector),
        Readers("g-set", 3, read, [], selector),
        Readers("g-counter", 3, read, [], selector),
        Readers("pn-counter", 3, read, [], selector),
        Readers("txn-rw-register", 3, read_transaction, [], selector),
        Readers("kafka", 3, poll, [], selector),
    ]


TESTS = {"steady": steady, "restarts": restarts, "readers": readers}


def soak(test, seconds):
    selector = selectors.DefaultSelector()
    clusters = TESTS[test](selector)
    # Whether the bounded state is complete, so that memory has no reason to grow further.
    def is_warm():
        return test != "steady" or clusters[-1].count > RECORDS + 1000
    begun = time.monotonic()
    start = None
    sampled = 0
    while start is None or time.monotonic() - start < seconds:
        for key, _ in selector.select(0.01):
            key.data()
        now = time.monotonic()
        for cluster in clusters:
            cluster.turn(now)
            for daemon in cluster.daemons.values():
                daemon.flush()
        if start is None:
            if is_warm() and now - begun > 5:
                start = now
        elif now - start > sampled * seconds / 400:
            sampled += 1
            for cluster in clusters:
                cluster.sample(now)
    for cluster in clusters:
        for daemon in cluster.daemons.values():
            daemon.kill()
    return clusters


def report(test, clusters, seconds):
    print(f"\n{test}, {seconds:,.0f} s. MiB: resident memory of the largest node. Bytes: the longest message between")
    print("nodes. Both are the maxima of the first and of the last quarter.\n")
    print("| workload | nodes | requests answered | unanswered | errors | messages | MiB | bytes | |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    good = True
    for cluster in clusters:
        samples = cluster.samples()
        memory = [max(each) / 1024 for each in zip(*map(largest, samples))]
        lengths = largest(cluster.lengths)
        flat = all(is_flat(each, 0.05, 1024) for each in samples) and is_flat(cluster.lengths, 0.1, 256)
        good = good and flat and cluster.lost == 0 and cluster.answered > 0
        errors = ", ".join(f"{count} × {code}" for code, count in sorted(cluster.refusals.items())) or "none"
        print(
            f"| {cluster.workload} | {len(cluster.daemons)} | {cluster.answered:,} | {cluster.lost} | {errors} | "
            f"{cluster.messages:,} | {memory[0]:.1f}, {memory[1]:.1f} | {lengths[0]:,}, {lengths[1]:,} | "
            f"{'flat' if flat else 'grows'} |")
    return good


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60, help="duration of each test (default: 60)")
    parser.add_argument("--test", choices=TESTS, action="append", help="test to run (default: all)")
    options = parser.parse_args()
    results = [report(test, soak(test, options.seconds), options.seconds) for test in options.test or TESTS]
    sys.exit(0 if all(results) else 1)
