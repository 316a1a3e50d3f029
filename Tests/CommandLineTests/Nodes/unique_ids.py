#!/usr/bin/env python3
"""A generator of ids that restarts do not repeat. Planted fault: "repeats" gives the ninth out for ever."""
import os
from node import Node

node = Node()
count = 0


@node.on("generate")
def generate(body):
    global count
    if "repeats" not in node.faults or count < 9:
        count += 1
    return {"id": f"{node.id}-{os.getpid()}-{count}"}


node.run()
