"""Clusters of daemons with clients and key-value services, connected by a small switch; used by `soak.py`."""

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
# The time after which a client gives up on a request and it counts as lost, in seconds.
TIMEOUT = 10


class Daemon:
    """A daemon process on non-blocking pipes."""

    def __init__(self, arguments, selector, on_line):
        self.process = subprocess.Popen(
            [NODE, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0)
        self.queued, self.unread, self.on_line = bytearray(), b"", on_line
        self.selector = selector
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

    def kill(self):
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            if pipe in self.selector.get_map():
                self.selector.unregister(pipe)
            pipe.close()

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


class Store:
    """A key-value service, lin-kv or seq-kv, that answers without delay."""

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
        self.flags, self.selector = flags, selector
        self.daemons = {f"n{i}": self.launch(i) for i in range(size)}
        self.stores = {name: Store() for name in ("lin-kv", "seq-kv")}
        self.random = random.Random(workload)
        self.count = self.answered = self.messages = self.lost = 0
        # By client: the time and the node of its request, the oldest first.
        self.waiting = collections.OrderedDict()
        self.refusals = collections.Counter()
        # The longest message between nodes since the last sample, and the longest of each sample, in bytes.
        self.longest, self.lengths = 0, []
        self.started = 0
        for name in self.daemons:
            self.initialize(name)

    def launch(self, seed):
        return Daemon([self.workload, "--seed", str(seed), *self.flags], self.selector, self.carry)

    def initialize(self, name):
        body = {"type": "init", "msg_id": 0, "node_id": name, "node_ids": list(self.daemons)}
        self.daemons[name].send(compact("c-init", name, body))

    def samples(self):
        """For each node whose memory must stay flat: the samples of its resident memory, in KiB."""
        return [daemon.resident for daemon in self.daemons.values()]

    def turn(self, now):
        """Called after each wait for input; subclasses may act on the time."""

    def sample(self, now):
        self.expire_requests(now)
        for daemon in self.daemons.values():
            daemon.sample()
        self.lengths.append(self.longest)
        self.longest = 0

    def carry(self, line):
        message = json.loads(line)
        source, destination, body = message["src"], message["dest"], message["body"]
        if destination in self.daemons:
            self.messages += 1
            self.longest = max(self.longest, len(line))
            if self.random.random() >= LOSS:
                self.daemons[destination].send(line + b"\n")
        elif destination in self.stores:
            self.messages += 2
            reply = {**self.stores[destination].answer(body), "in_reply_to": body["msg_id"]}
            self.daemons[source].send(compact(destination, source, reply))
        elif destination == "c-init":
            self.started += 1
            if self.started > len(self.daemons):
                self.begin(source)
            elif self.started == len(self.daemons):
                for name in self.daemons:
                    self.begin(name)
        elif destination in self.waiting:
            del self.waiting[destination]
            self.answered += 1
            if body["type"] == "error":
                self.refusals[body["code"]] += 1
            self.ask(destination, source)

    def begin(self, name):
        for i in range(CLIENTS_PER_NODE):
            self.ask(f"c{name}-{self.started}-{i}", name)

    def body(self, node):
        return self.next_body(self.count)

    def ask(self, client, node):
        body = {**self.body(node), "msg_id": self.count + 1}
        self.count += 1
        self.waiting[client] = (time.monotonic(), node)
        self.daemons[node].send(compact(client, node, body))

    def expire_requests(self, now):
        while self.waiting:
            client, (sent, node) = next(iter(self.waiting.items()))
            if now - sent < TIMEOUT:
                break
            del self.waiting[client]
            self.lost += 1
            self.ask(f"{client}'", node)


def compact(source, destination, body):
    return json.dumps({"src": source, "dest": destination, "body": body}, separators=(",", ":")).encode() + b"\n"
