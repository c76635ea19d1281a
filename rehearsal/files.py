"""The files people and bots send: kept in memory, found by file id, downloaded by path.

A file id belongs to the bot that was given it, as in the real service.
"""

import hashlib
from dataclasses import dataclass, field
from itertools import count

from .refusals import bad_request

LARGEST_DOWNLOAD = 20 * 1024 * 1024  # bytes; Bot API, getFile
FOLDERS = {"photo": "photos", "voice": "voice", "document": "documents"}
ENDINGS = {"photo": ".jpg", "voice": ".oga", "document": ""}


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file as one bot knows it. `path` is the part after /file/bot<TOKEN>/."""

    id: str
    unique_id: str
    path: str
    kind: str
    name: str
    mime: str
    data: bytes = field(repr=False)
    width: int = 0
    height: int = 0
    seconds: int = 0

    @property
    def size(self) -> int:
        return len(self.data)

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


class Files:
    """The files of one bot."""

    def __init__(self, bot_id: int) -> None:
        self._bot_id = bot_id
        self._numbers = count(1)
        self._by_id: dict[str, StoredFile] = {}
        self._by_path: dict[str, StoredFile] = {}

    def keep(self, kind: str, data: bytes, *, name: str = "", mime: str = "", seconds: int = 0) -> StoredFile:
        """Store `data` and give it an id. Raises Refused when it is empty."""
        if not data:
            raise bad_request("file must be non-empty")
        number = next(self._numbers)
        unique = hashlib.sha256(data).hexdigest()[:16]
        width, height = picture_size(data) if kind == "photo" else (0, 0)
        ending = f"_{name}" if kind == "document" else ENDINGS[kind]
        stored = StoredFile(
            id=f"{kind[:2].upper()}{self._bot_id:x}x{number:x}x{unique}",
            unique_id=unique,
            path=f"{FOLDERS[kind]}/file_{number}{ending}",
            kind=kind,
            name=name,
            mime=mime or guess_mime(kind, data),
            data=data,
            width=width,
            height=height,
            seconds=seconds,
        )
        self._by_id[stored.id] = self._by_path[stored.path] = stored
        return stored

    def by_id(self, file_id: str) -> StoredFile:
        """Raises Refused for an id that this bot was never given."""
        try:
            return self._by_id[file_id]
        except KeyError:
            raise bad_request("wrong file identifier/HTTP URL specified") from None

    def by_path(self, path: str) -> StoredFile | None:
        return self._by_path.get(path)


def guess_mime(kind: str, data: bytes) -> str:
    """What the first bytes say; otherwise what is usual for the kind."""
    if data.startswith(b"\x89PNG"):
        return "image/png"
    if data.startswith(b"\xff\xd8"):
        return "image/jpeg"
    return {"photo": "image/jpeg", "voice": "audio/ogg"}.get(kind, "application/octet-stream")


def picture_size(data: bytes) -> tuple[int, int]:
    """Width and height in pixels of a PNG or JPEG; 640 by 480 where the bytes do not tell."""
    if data.startswith(b"\x89PNG") and len(data) >= 24:
        return int.from_bytes(data[16:20]), int.from_bytes(data[20:24])
    if data.startswith(b"\xff\xd8"):
        at = 2
        while at + 9 < len(data) and data[at] == 0xFF:
            marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4])
            if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
                return int.from_bytes(data[at + 7 : at + 9]), int.from_bytes(data[at + 5 : at + 7])
            at += 2 + length
    return 640, 480
