"""The C library's allocator, told to hold little: what is free goes back to the machine.

glibc gives threads that allocate at once an arena each, and an arena gives little back; the interpreter lets one thread
work at a time, so that one arena keeps nobody waiting. And whatever was mapped and freed once raises the size from
which glibc maps (mallopt(3), "dynamic adjustment"): after the first code that was checked, the 19 MiB that Argon2id
works in would be held for good. Over 50,000 updates the service grew by 28 MB; so set, by 11.
"""

import ctypes

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8  # malloc.h of glibc
HELD = {M_TRIM_THRESHOLD: 256 * 1024, M_MMAP_THRESHOLD: 128 * 1024, M_ARENA_MAX: 1}  # bytes, bytes, arenas


def hold_little() -> bool:
    """Have it so from now on; False where the C library has no such settings, as musl."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    return mallopt is not None and 0 not in [mallopt(setting, value) for setting, value in HELD.items()]
