#!/usr/bin/env python3
"""An echo node that breaks at its third echo, or at once, in the way that its argument names."""
import os
import signal
import sys
import time
from node import Node

node = Node()
echoes = 0


def exits():
    node.log("I am about to exit")
    sys.exit(3)


def ends():
    sys.exit(0)


def segfaults():
    os.kill(os.getpid(), signal.SIGSEGV)


def is_killed():
    os.kill(os.getpid(), signal.SIGKILL)


def prints_garbage():
    print("Hello, I am a debugging aid", flush=True)


def prints_overlong_line():
    print("x" * (65 << 20), flush=True)


def writes_to_nobody():
    node.send("n99", {"type": "hello"})


def writes_as_nobody():
    node.id = "n98"


def closes_output():
    os.close(1)
    time.sleep(60)


def closes_input():
    os.close(0)
    time.sleep(60)


def logs_without_end():
    while True:
        sys.stderr.write(("x" * 63 + "\n") * 1024)
        time.sleep(0.001)


def reads_nothing():
    for _ in range(30):
        node.send(node.id, {"type": "noise", "text": "x" * 100_000})
    time.sleep(60)


@node.on("echo")
def echo(body):
    global echoes
    echoes += 1
    if echoes == 3:
        globals()[node.faults[0]]()
    return {"echo": body["echo"]}


if "is_silent" in node.faults:
    sys.stdin.read()
if "forgets_newline" in node.faults:
    node.send = lambda to, body: print('{"src":"n0","dest":"c0","body":{"type":"init_ok"}}', end="", flush=True)
node.run()
