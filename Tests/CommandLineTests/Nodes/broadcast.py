#!/usr/bin/env python3
"""A broadcast node that tells everyone once, for networks that lose nothing.

Planted faults: "drops" leaves every tenth gossip out, "duplicates" reads its first value twice.
"""
from node import Node

node = Node()
values = []
gossips = 0


@node.on("topology")
def topology(body):
    return {}


@node.on("broadcast")
def broadcast(body):
    global gossips
    values.append(body["message"])
    for peer in node.peers:
        gossips += 1
        if "drops" not in node.faults or gossips % 10 != 0:
            node.send(peer, {"type": "gossip", "message": body["message"]})


@node.on("gossip")
def gossip(body):
    values.append(body["message"])


@node.on("read")
def read(body):
    return {"messages": values + values[:1] if "duplicates" in node.faults else values}


node.run()
