#!/usr/bin/env python3
"""An echo node in nothing but Python: any language that reads and writes lines will do."""
import json
import sys

for line in sys.stdin:
    request = json.loads(line)
    body = request["body"]
    reply = {"in_reply_to": body["msg_id"], "type": body["type"] + "_ok"}
    if body["type"] == "echo":
        reply["echo"] = body["echo"]
    print(json.dumps({"src": request["dest"], "dest": request["src"], "body": reply}), flush=True)
