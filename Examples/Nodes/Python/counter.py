#!/usr/bin/env python3
"""A wrong node for the workload g-counter: adds that overlap on one node lose one of them.

Each node keeps its own sum in seq-kv, under its name, and takes no lock: no other node writes there. But each request
has a thread of its own, and two of them can read the same sum before either has stored a new one.
"""
import itertools
import json
import queue
import sys
import threading

output = threading.Lock()
numbers = itertools.count(1)
answers = {}  # For each request that waits, the queue of its answer.
node_id, nodes, total = None, [], 0


def send(dest, body):
    line = json.dumps({"src": node_id, "dest": dest, "body": body})
    with output:
        print(line, flush=True)


def call(body):
    """Sends a request to the store. Returns the answer's body."""
    number, answer = next(numbers), queue.SimpleQueue()
    answers[number] = answer
    send("seq-kv", {**body, "msg_id": number})
    return answer.get()


def add(delta):
    global total
    new = total + delta
    call({"type": "write", "key": node_id, "value": new})
    total = new


def read():
    # A write that changes something shows the node the newest state of the store.
    call({"type": "write", "key": "reader " + node_id, "value": next(numbers)})
    return sum(call({"type": "read", "key": node}).get("value", 0) for node in nodes)


def handle(source, body):
    reply = {"type": body["type"] + "_ok", "in_reply_to": body["msg_id"]}
    if body["type"] == "add":
        add(body["delta"])
    elif body["type"] == "read":
        reply["value"] = read()
    send(source, reply)


for line in sys.stdin:
    message = json.loads(line)
    source, body = message["src"], message["body"]
    if body["type"] == "init":
        node_id, nodes = body["node_id"], body["node_ids"]
    if "in_reply_to" in body:
        answers.pop(body["in_reply_to"]).put(body)
    else:
        threading.Thread(target=handle, args=(source, body)).start()
