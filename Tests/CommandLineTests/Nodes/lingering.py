#!/usr/bin/env python3
"""An echo node that cannot end when it is killed, as one that waits for a disk: a tracer of its own, which
is in no process group of the run, holds on to it for ten seconds more."""
import ctypes
import os
import time
from node import Node

PTRACE_SEIZE, PR_SET_PTRACER, ANY = 0x4206, 0x59616D61, ctypes.c_ulong(-1)
libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
node = Node()


@node.on("echo")
def echo(body):
    return {"echo": body["echo"]}


libc.prctl(PR_SET_PTRACER, ANY, 0, 0, 0)
traced, tells = os.pipe()
if os.fork() == 0:
    os.setsid()
    result = libc.ptrace(PTRACE_SEIZE, os.getppid(), None, None)
    os.write(tells, b"y" if result == 0 else b"n")
    os.closerange(0, 64)
    time.sleep(10)
    os._exit(0)
node.log("traced " + os.read(traced, 1).decode())
node.run()
