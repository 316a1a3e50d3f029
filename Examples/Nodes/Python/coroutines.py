#!/usr/bin/env python3
"""A node for the workloads echo and broadcast, with asyncio: one thread, one coroutine for the gossip.

A value is sent to each peer again and again until the peer acknowledges it.
"""
import asyncio
import json
import random
import sys

LONGEST_LINE = 1 << 20  # Bytes.


class Node:
    def __init__(self, body):
        self.id = body["node_id"]
        self.values = set()
        # For each peer, the values that it is known to have.
        self.acknowledged = {peer: set() for peer in body["node_ids"] if peer != self.id}

    def send(self, dest, body):
        print(json.dumps({"src": self.id, "dest": dest, "body": body}), flush=True)

    async def gossip(self):
        while True:
            await asyncio.sleep(random.uniform(0.2, 0.3))
            for peer, known in self.acknowledged.items():
                if missing := sorted(self.values - known):
                    self.send(peer, {"type": "gossip", "messages": missing})

    def handle(self, source, body):
        """Returns what the reply has beside its type."""
        match body["type"]:
            case "echo":
                return {"echo": body["echo"]}
            case "broadcast":
                self.values.add(body["message"])
            case "read":
                return {"messages": sorted(self.values)}
            case "gossip":
                self.values.update(body["messages"])
                self.acknowledged[source].update(body["messages"])
                self.send(source, {"type": "gossip_ok", "messages": body["messages"]})
            case "gossip_ok":
                self.acknowledged[source].update(body["messages"])
        return {}


async def lines():
    reader = asyncio.StreamReader(limit=LONGEST_LINE)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        yield line


async def main():
    node = gossip = None
    async for line in lines():
        message = json.loads(line)
        source, body = message["src"], message["body"]
        if body["type"] == "init":
            node = Node(body)
            gossip = asyncio.create_task(node.gossip())
        reply = node.handle(source, body)
        if "msg_id" in body:
            node.send(source, {**reply, "type": body["type"] + "_ok", "in_reply_to": body["msg_id"]})
    if gossip:
        gossip.cancel()


asyncio.run(main())
