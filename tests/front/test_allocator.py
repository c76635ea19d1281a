"""What is free goes back to the machine."""

import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif("CS_GNU_LIBC_VERSION" not in os.confstr_names, reason="only glibc can be told so")

BEGIN = """
import ctypes, os, sys, threading
from tocsin.allocator import hold_little

libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
libc.malloc.argtypes = [ctypes.c_size_t]
libc.free.argtypes = [ctypes.c_void_p]
if sys.argv[1] == "little":
    assert hold_little()
"""
ARENAS = f"""{BEGIN}
begin = threading.Barrier(8)

def work():
    begin.wait()
    for _ in range(2_000):
        libc.malloc(1_000)
    begin.wait()

threads = [threading.Thread(target=work) for _ in range(8)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
libc.malloc_info(0, ctypes.c_void_p.in_dll(libc, "stdout"))
"""
HELD = f"""{BEGIN}
MUCH = 20_000_000

def resident():
    return int(open("/proc/self/statm", "rb").read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

before = resident()
for _ in range(2):
    much = libc.malloc(MUCH)
    ctypes.memset(much, 1, MUCH)
    above = libc.malloc(1_000)
    libc.free(much)
print(resident() - before)
"""


def told(program: str, how: str) -> str:
    """What a program prints that was told to hold "little", or nothing."""
    ran = subprocess.run([sys.executable, "-c", program, how], capture_output=True, text=True, check=True, timeout=60)
    return ran.stdout


def test_all_threads_share_one_arena() -> None:
    assert told(ARENAS, "much").count("<heap nr=") > 1
    assert told(ARENAS, "little").count("<heap nr=") == 1


def test_what_was_large_and_is_free_is_not_held() -> None:
    assert int(told(HELD, "much")) > 19_000_000
    assert int(told(HELD, "little")) < 1_000_000
