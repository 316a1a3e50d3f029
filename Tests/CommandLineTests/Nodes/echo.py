#!/usr/bin/env python3
"""An echo node. Planted fault: "changes" alters every tenth payload."""
from node import Node

node = Node()
count = 0


@node.on("echo")
def echo(body):
    global count
    count += 1
    payload = body["echo"]
    if "changes" in node.faults and count % 10 == 0:
        payload = payload.upper()
    return {"echo": payload}


node.run()
