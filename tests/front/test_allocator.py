"""Threads share what the C library's allocator keeps."""

import os
import subprocess
import sys

import pytest

ARENAS = """
import ctypes, sys, threading
from tocsin.allocator import keep_one_arena

if sys.argv[1] == "one":
    assert keep_one_arena()
begin = threading.Barrier(8)
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p


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


def arenas(how: str) -> int:
    """How many arenas eight threads that allocate at once leave behind."""
    told = subprocess.run([sys.executable, "-c", ARENAS, how], capture_output=True, text=True, check=True, timeout=60)
    return told.stdout.count("<heap nr=")


@pytest.mark.skipif(
    sys.platform != "linux" or os.confstr("CS_GNU_LIBC_VERSION") is None, reason="only glibc has arenas"
)
def test_all_threads_share_one_arena() -> None:
    assert arenas("many") > 1
    assert arenas("one") == 1
