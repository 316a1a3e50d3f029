#!/usr/bin/env python3
"""A reference node: Maelstrom's echo with Python's standard library, as its tutorials write it."""

import json
import sys

node_id = None
for line in sys.stdin:
    request = json.loads(line)
    body = request["body"]
    if body["type"] == "init":
        node_id = body["node_id"]
        reply = {"type": "init_ok"}
    else:
        reply = {"type": "echo_ok", "echo": body["echo"]}
    reply["in_reply_to"] = body["msg_id"]
    sys.stdout.write(json.dumps({"src": node_id, "dest": request["src"], "body": reply}) + "\n")
