#!/usr/bin/env python3
"""A generator of ids. Planted fault: "repeats" gives the ninth id out for ever."""
from node import Node

node = Node()
count = 0


@node.on("generate")
def generate(body):
    global count
    count += 1
    if "repeats" in node.faults and count % 10 == 0:
        count -= 1
    return {"id": f"{node.id}-{count}"}


node.run()
