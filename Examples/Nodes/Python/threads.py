#!/usr/bin/env python3
"""A node for the workloads echo and broadcast, with a thread for the gossip.

A value is sent to each peer again and again until the peer acknowledges it, so lost messages, partitions and pauses
delay values and do not lose them.
"""
import json
import random
import sys
import threading
import time

state = threading.Lock()
output = threading.Lock()
node_id = None
values = set()
acknowledged = {}  # For each peer, the values that it is known to have.


def send(dest, body):
    line = json.dumps({"src": node_id, "dest": dest, "body": body})
    with output:
        print(line, flush=True)


def gossip():
    while True:
        time.sleep(random.uniform(0.2, 0.3))
        with state:
            missing = {peer: sorted(values - known) for peer, known in acknowledged.items()}
        for peer, messages in missing.items():
            if messages:
                send(peer, {"type": "gossip", "messages": messages})


def start(body):
    global node_id
    node_id = body["node_id"]
    acknowledged.update((peer, set()) for peer in body["node_ids"] if peer != node_id)
    threading.Thread(target=gossip, daemon=True).start()


def handle(source, body):
    """Returns what the reply has beside its type."""
    kind = body["type"]
    if kind == "init":
        start(body)
    elif kind == "echo":
        return {"echo": body["echo"]}
    elif kind == "broadcast":
        values.add(body["message"])
    elif kind == "read":
        return {"messages": sorted(values)}
    elif kind == "gossip":
        values.update(body["messages"])
        acknowledged[source].update(body["messages"])
        send(source, {"type": "gossip_ok", "messages": body["messages"]})
    elif kind == "gossip_ok":
        acknowledged[source].update(body["messages"])
    return {}


for line in sys.stdin:
    message = json.loads(line)
    source, body = message["src"], message["body"]
    with state:
        reply = handle(source, body)
    if "msg_id" in body:
        send(source, {**reply, "type": body["type"] + "_ok", "in_reply_to": body["msg_id"]})
