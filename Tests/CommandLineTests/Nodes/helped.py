#!/usr/bin/env python3
"""An echo node with a helper that would not notice that all is over."""
import subprocess
from node import Node

node = Node()


@node.on("echo")
def echo(body):
    return {"echo": body["echo"]}


node.log(f"helper {subprocess.Popen(['sleep', '600']).pid}")
node.run()
