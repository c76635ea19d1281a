"""What a thief of the disk does who has every file, our source, and no key."""

import hashlib
import hmac
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path


def everything_in(folder: Path) -> Iterator[bytes]:
    """Every value of every table of every database in a folder, as bytes, and what can be unpacked from it."""
    for path in sorted(folder.iterdir()):
        connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        tables = [name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")]
        for table in tables:
            for row in connection.execute(f'select * from "{table}"'):
                for value in row:
                    raw = value if isinstance(value, bytes) else str(value).encode()
                    yield raw
                    yield from re.findall(rb"[\x20-\x7e]{6,}", raw)
        connection.close()


def guesses_of(chat: str) -> Iterator[bytes]:
    """What somebody would compute who knows a chat, our source and no key."""
    kinds = ("telegram:defender", "telegram:responder", "telegram", "tg", "")
    for kind in kinds:
        bound = b"".join(len(part).to_bytes(2, "big") + part for part in (kind.encode(), chat.encode()))
        for content in (bound, f"{kind}:{chat}".encode(), f"{kind}{chat}".encode()):
            for name in ("sha256", "sha1", "md5", "blake2b"):
                yield hashlib.new(name, content).hexdigest()[:32].encode()
                for key in (b"", bytes(32), b"tocsin/index/v1"):
                    yield hmac.new(key, content, name).hexdigest()[:32].encode()
