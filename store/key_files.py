"""Key files: text, one key each, for their owner alone.

    tocsin-key v1
    id: 5f3a9c21                     which key this is; it tells nothing of the key itself
    use: kek                         root | sign | kek | share | ingest | handover
    created: 2026-11-22T00:00:00Z
    retire-after: 2027-02-20
    key: <base64url>                 or what stands in its place: see FORMS
    check: <base64url>               over all lines above, under the key

Whatever is not exactly so is refused: a mode that lets others read, another owner, an unknown field, a bad check.
"""

import binascii
import hmac
import os
import stat
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

from .discreet import Discreet
from .refusals import KeysRefused

TITLE = "tocsin-key v1"
FORMS: dict[str, tuple[frozenset[str], ...]] = {  # by use: the sets of fields one of which it has
    "root": (
        frozenset({"index", "log", "wrapped"}),  # what hangs from it: two keys as they are, and two that are wrapped
        frozenset({"key"}),  # as it was once: all of them hang from this one
    ),
    "sign": (frozenset({"key"}),),
    "kek": (
        frozenset({"key"}),
        frozenset({"salt", "wrapped"}),  # wrapped under a passphrase
        frozenset({"share"}),  # one of two shares; the other one is elsewhere
    ),
    "share": (frozenset({"key"}),),  # that other one
    "ingest": (frozenset({"public", "wrapped"}),),  # the private half is wrapped by the key-encryption key
    "handover": (frozenset({"wrapped"}),),  # a new key-encryption key, wrapped by the one before
}
ID_BYTES = 4
CHECK_BYTES = 16
LONGEST = 16_384  # bytes of a key file
OWNER_ONLY_FILE, OWNER_ONLY_FOLDER = 0o400, 0o700
OTHERS = 0o077
CHECK, KEY_ID = b"tocsin/keycheck/v1", b"tocsin/keyid/v1"
INSTANT = "%Y-%m-%dT%H:%M:%SZ"


def key_id(key: bytes) -> str:
    """The id of a key: eight hexadecimal digits."""
    return hmac.digest(key, KEY_ID, "sha256")[:ID_BYTES].hex()


@dataclass(frozen=True, slots=True, repr=False)
class KeyFile(Discreet):
    """What a key file says."""

    use: str
    id: str
    created: datetime
    retire_after: date
    fields: Mapping[str, bytes] = field(repr=False)

    @property
    def name(self) -> str:
        """The name of the file."""
        return f"{self.use}-{self.id}.key"

    def text(self) -> str:
        """The file, word for word."""
        lines = [
            TITLE,
            f"id: {self.id}",
            f"use: {self.use}",
            f"created: {self.created.astimezone(UTC):{INSTANT}}",
            f"retire-after: {self.retire_after.isoformat()}",
            *(f"{name}: {urlsafe_b64encode(value).decode()}" for name, value in sorted(self.fields.items())),
        ]
        above = "".join(f"{line}\n" for line in lines)
        return f"{above}check: {urlsafe_b64encode(_check_of(self.fields, above)).decode()}\n"

    def write(self, folder: Path) -> Path:
        """Put the file into `folder`, in place of one with its name. Raises KeysRefused when it cannot be written."""
        path, beside = folder / self.name, folder / f".{self.name}.new"
        try:
            beside.unlink(missing_ok=True)
            descriptor = os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW, OWNER_ONLY_FILE)
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(self.text())
                file.flush()
                os.fsync(file.fileno())
            beside.replace(path)
            sync_folder(folder)
        except OSError as error:
            raise KeysRefused(f"The key file cannot be written ({error.strerror}): {path}") from None
        return path


def make_key_folder(folder: Path) -> None:
    """A folder for keys, for its owner alone. Raises KeysRefused when it cannot be made."""
    try:
        folder.mkdir(mode=OWNER_ONLY_FOLDER, parents=True, exist_ok=True)
        folder.chmod(OWNER_ONLY_FOLDER)
    except OSError as error:
        raise KeysRefused(f"The folder for the keys cannot be made ({error.strerror}): {folder}") from None


def sync_folder(folder: Path) -> None:
    """Have the disk know which files the folder holds."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_folder(folder: Path) -> list[KeyFile]:
    """Every key file of a folder, the oldest first. Raises KeysRefused for the first one that cannot be used."""
    _refuse_others(folder, folder.stat())
    files = [read(path) for path in sorted(folder.glob("*.key"))]
    named: dict[tuple[str, str], KeyFile] = {}
    for one in files:
        if named.setdefault((one.use, one.id), one) is not one:
            raise KeysRefused(f"Two key files hold the {one.use} key {one.id}: remove one of them from {folder}.")
    return sorted(files, key=lambda one: (one.created, one.id))


def read_folders(folder: Path, more: Path | None) -> list[KeyFile]:
    """As `read_folder`, with the key-encryption keys that the system hands over in `more`. Raises KeysRefused."""
    files = read_folder(folder)
    if more is not None and more.is_dir():
        handed = [read(path, ours=False) for path in sorted(more.glob("kek-*.key"))]
        known = {one.id for one in handed}  # what the system hands over goes before a stub of it in the folder
        files = [one for one in files if one.use != "kek" or one.id not in known] + handed
    return files


def read(path: Path, *, ours: bool = True) -> KeyFile:
    """The key file at `path`. Not `ours`: the system guards it, and lets us read what it owns.

    Raises KeysRefused, with one sentence that names the file and nothing that stands in it."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
        with os.fdopen(descriptor, "rb") as file:
            if ours:
                _refuse_others(path, os.fstat(file.fileno()))
            content = file.read(LONGEST + 1)
    except OSError as error:
        raise KeysRefused(f"The key file cannot be read ({error.strerror}): {path}") from None
    try:
        return parse(content.decode("ascii"))
    except ValueError as fault:
        why = "it is not plain text" if isinstance(fault, UnicodeDecodeError) else str(fault)
        raise KeysRefused(f"This key file cannot be used ({why}); put the right one in its place: {path}") from None


def parse(text: str) -> KeyFile:
    """What the text of a key file says. Raises ValueError, whose message says what is wrong with it."""
    lines = text.split("\n")
    if lines[0] != TITLE or lines[-1] != "" or len(text) > LONGEST:
        raise ValueError(f"it does not begin with “{TITLE}” or is cut short")
    said: dict[str, str] = {}
    for line in lines[1:-1]:
        name, colon, value = line.partition(": ")
        if not colon or name in said:
            raise ValueError("a line is not a field, or is there twice")
        said[name] = value
    use = said.get("use", "")
    kept = frozenset(said) - {"id", "use", "created", "retire-after", "check"}
    if use not in FORMS:
        raise ValueError("nobody knows what it is for")
    if kept not in FORMS[use] or len(said) != len(kept) + 5:
        raise ValueError("it has a field too many or too few")
    fields = {name: _bytes(said[name]) for name in kept}
    above = text[: text.rindex("check: ")]
    if not hmac.compare_digest(_check_of(fields, above), _bytes(said["check"])):
        raise ValueError("its check does not fit")
    if "key" in fields and use != "share" and said["id"] != key_id(fields["key"]):
        raise ValueError("its id is not that of its key")
    created = datetime.strptime(said["created"], INSTANT).replace(tzinfo=UTC)
    return KeyFile(use, said["id"], created, date.fromisoformat(said["retire-after"]), fields)


def _check_of(fields: Mapping[str, bytes], above: str) -> bytes:
    """Under the key where it stands in the clear. Else it holds slips of a hand only: whether such a key is the right
    one is known by its id, once it has been opened."""
    key = fields.get("key") or fields.get("share") or fields.get("index") or CHECK
    return hmac.digest(key, CHECK + above.encode("ascii"), "sha256")[:CHECK_BYTES]


def _bytes(written: str) -> bytes:
    try:
        value = urlsafe_b64decode(written.encode("ascii"))
    except (binascii.Error, UnicodeEncodeError):
        raise ValueError("a value is not base64url") from None
    if urlsafe_b64encode(value).decode() != written:
        raise ValueError("a value is not written as it should be")
    return value


def _refuse_others(path: Path, status: os.stat_result) -> None:
    kind, mode = ("folder", 700) if stat.S_ISDIR(status.st_mode) else ("file", 400)
    if stat.S_IMODE(status.st_mode) & OTHERS:
        raise KeysRefused(f"Others may look into the key {kind} {path}: run `chmod {mode} {path}`.")
    if status.st_uid != os.geteuid():
        raise KeysRefused(f"The key {kind} {path} belongs to another user: run `chown` on it, or run as its owner.")
