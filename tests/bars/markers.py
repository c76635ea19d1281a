"""What is planted where a person's secrets would be, and the looking for it in whatever was written.

A marker is searched in every writing that it may have been given on its way: other encodings, escaped, in base64 at any
offset, in hexadecimal, packed, as the bytes of a number."""

import base64
import json
import re
import struct
import zlib
from collections.abc import Iterable, Iterator
from functools import cache

LONG_NUMBER = re.compile(rb"\d{7,}")
LONGEST_PACKED = 65_536  # bytes; of a longer piece only the beginning is unpacked
TOKEN = re.compile(r"a?([\w-]{43}|[\w-]{16})", re.ASCII)  # a button's, with the letter before it, or a nonce of a grid
DEGREES = re.compile(r"-?\d+\.\d+")
BOT_TOKEN = re.compile(rb"\d{6,}:[\w-]{30,}")


def writings(marker: str) -> set[bytes]:
    """Every way in which `marker` may stand in bytes."""
    plain = marker.encode()
    found = {plain, marker.encode("utf-16-le"), plain.hex().encode(), plain.hex().upper().encode(), plain[::-1]}
    found.add(json.dumps(marker).strip('"').encode())
    for offset in range(3):
        whole = base64.b64encode(bytes(offset) + plain)
        inner = whole[(0, 2, 3)[offset] : -4 if (len(plain) + offset) % 3 else None]
        found |= {inner, inner.translate(bytes.maketrans(b"+/", b"-_"))}
    if marker.isdecimal():
        found |= {int(marker).to_bytes(8, order) for order in ("big", "little")}
        found.add(f"{int(marker):x}".encode())
    if DEGREES.fullmatch(marker):
        found |= {struct.pack(f"{order}d", float(marker)) for order in "<>"}
    if token := TOKEN.fullmatch(marker):
        raw = base64.urlsafe_b64decode(token[1] + "=" * (-len(token[1]) % 4))
        found |= {part for part in (raw, raw[:16], raw[16:]) if len(part) >= 12}
    return {writing for writing in found if len(writing) >= 5}


@cache
def _sought(marker: str) -> tuple[tuple[bytes, bytes], ...]:
    """Its writings, each as it is and in small letters."""
    return tuple((writing, writing.lower()) for writing in writings(marker))


def unpacked(content: bytes) -> Iterator[bytes]:
    """The content, and what is packed inside of it."""
    yield content
    for start in re.finditer(rb"\x78[\x01\x5e\x9c\xda]", content):
        try:
            yield zlib.decompressobj().decompress(content[start.start() : start.start() + LONGEST_PACKED])
        except zlib.error:
            continue


def found_in(content: bytes, markers: Iterable[str]) -> list[str]:
    """Those of the markers that stand in `content`, whatever the case of their letters."""
    pieces = [(piece, piece.lower()) for piece in unpacked(content)]
    return [
        marker
        for marker in markers
        if any(writing in piece or small in lower for writing, small in _sought(marker) for piece, lower in pieces)
    ]


def numbers_in(content: bytes, allowed: Iterable[str] = ()) -> list[str]:
    """Long numbers in `content` that are not on the list."""
    return [found.decode() for found in LONG_NUMBER.findall(content) if found.decode() not in set(allowed)]


def tokens_in(content: bytes) -> list[str]:
    """What looks like a bot's token."""
    return [found.decode() for found in BOT_TOKEN.findall(content)]
