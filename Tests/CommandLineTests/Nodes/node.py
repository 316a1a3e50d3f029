"""Just enough of Maelstrom's protocol for the nodes beside this file: lines in, handlers, lines out."""
import json
import os
import sys


class Node:
    def __init__(self):
        self.id = None
        self.peers = []
        self.handlers = {}
        # The planted faults that this node is to have.
        self.faults = sys.argv[1:]

    def on(self, kind):
        """Decorates the handler of requests of a type; what it returns are the reply's fields."""

        def register(handler):
            self.handlers[kind] = handler
            return handler

        return register

    def send(self, to, body):
        print(json.dumps({"src": self.id, "dest": to, "body": body}), flush=True)

    def log(self, text):
        print(text, file=sys.stderr, flush=True)

    def run(self):
        self.log(f"pid {os.getpid()}")
        for line in sys.stdin:
            message = json.loads(line)
            body = message["body"]
            if body["type"] == "init":
                self.id = body["node_id"]
                self.peers = [peer for peer in body["node_ids"] if peer != self.id]
                fields = {}
            else:
                fields = self.handlers[body["type"]](body)
            if "msg_id" in body:
                reply = {"type": body["type"] + "_ok", "in_reply_to": body["msg_id"]}
                self.send(message["src"], {**reply, **(fields or {})})
