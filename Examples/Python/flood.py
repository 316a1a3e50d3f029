#!/usr/bin/env python3
"""A broadcast node that tells every other node once, and never again."""
import json
import sys

node_id, peers, values = None, [], []


def send(dest, body):
    print(json.dumps({"src": node_id, "dest": dest, "body": body}), flush=True)


for line in sys.stdin:
    message = json.loads(line)
    body = message["body"]
    kind, reply = body["type"], {}
    if kind == "init":
        node_id = body["node_id"]
        peers = [peer for peer in body["node_ids"] if peer != node_id]
    elif kind in ("broadcast", "gossip"):
        values.append(body["message"])
    if kind == "broadcast":
        for peer in peers:
            send(peer, {"type": "gossip", "message": body["message"]})
    if kind == "read":
        reply = {"messages": values}
    if "msg_id" in body:
        send(message["src"], {"type": kind + "_ok", "in_reply_to": body["msg_id"], **reply})
