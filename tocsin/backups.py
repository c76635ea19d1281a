"""Backups: two age files for one copy, one with what is kept and one with the wrapped data keys.

Everything in them is sealed once more to at least two people, whose private keys are nowhere here: this machine cannot
read its own backups. The key-encryption key and the folder of keys are in none of them. The files with data keys are
deleted after a week, for only so an erasure comes to its end; the others may be kept for as long as one likes.
"""

import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import pyrage

from store.copies import FILE, ROWS, Copies
from store.erasing import KEYS_BACKUP_KEPT

from .refusing import Refused

FEWEST = 2  # recipients: who is alone can be lost, or made to open it
PARTS = ("main", "keys")
INSTANT = "%Y%m%dT%H%M%SZ"
NAME = re.compile(r"tocsin-(\d{8}T\d{6}Z)-(main|keys)\.age")
HEADER = "tocsin-backup v1 {kind} {part} {instant}\n"
HEADED = re.compile(rf"tocsin-backup v1 ({FILE}|{ROWS}) (main|keys) (\d{{8}}T\d{{6}}Z)\n")
SECRET = "AGE-SECRET-KEY-"  # noqa: S105 # nosec B105 - how such a line begins
OWNER_ONLY = 0o600


@dataclass(frozen=True, slots=True)
class Written:
    """The two files of one backup, and old files with data keys that went."""

    main: Path
    keys: Path
    recipients: int
    deleted: tuple[Path, ...]


def known_recipients(written: Iterable[str]) -> list[pyrage.x25519.Recipient]:
    """The people for whom backups are sealed. Raises Refused for fewer than two, or for a line that is none."""
    found: dict[str, pyrage.x25519.Recipient] = {}
    for line in written:
        if line.upper().startswith(SECRET):
            raise Refused("This is the private key of somebody: it opens backups, so keep it away from this machine.")
        try:
            recipient = pyrage.x25519.Recipient.from_str(line)
        except pyrage.RecipientError:
            raise Refused(
                f"This is no age recipient: {line[:12]}…; `age-keygen` gives one that begins with age1."
            ) from None
        found[str(recipient)] = recipient
    if len(found) < FEWEST:
        raise Refused(
            "A backup is sealed for two people at least, so that neither can be lost nor be alone with it: name them in"
            " TOCSIN_BACKUP_RECIPIENTS or with --to."
        )
    return list(found.values())


def seal_copies(copies: Copies, into: Path, recipients: list[pyrage.x25519.Recipient], now: datetime) -> Written:
    """Write both files of a backup into `into`, and delete those with data keys that are older than a week there.

    Raises Refused when they cannot be written."""
    instant = f"{now.astimezone(UTC):{INSTANT}}"
    paths = [into / f"tocsin-{instant}-{part}.age" for part in PARTS]
    try:
        into.mkdir(mode=0o700, parents=True, exist_ok=True)
        for part, plain, path in zip(PARTS, (copies.main, copies.keys), paths, strict=True):
            _seal(plain, path, HEADER.format(kind=copies.kind, part=part, instant=instant), recipients)
        deleted = tuple(_delete_old(into, now))
    except OSError as error:
        raise Refused(f"The backup cannot be written ({error.strerror}): {into}") from None
    return Written(paths[0], paths[1], len(recipients), deleted)


def open_copies(main: Path, keys: Path, identities: Path, into: Path) -> Copies:
    """Open both files of a backup with the private keys in the file `identities`. Raises Refused."""
    known = _identities(identities)
    kinds, targets = set[str](), {part: into / part for part in PARTS}
    for part, path in (("main", main), ("keys", keys)):
        kind, said = _open(path, targets[part], known)
        if said != part:
            raise Refused(f"{path} holds the {said} of a backup, and not its {part}: give them in the other order.")
        kinds.add(kind)
    if len(kinds) != 1:
        raise Refused("These two files are of different databases: give the two of one backup.")
    return Copies(kinds.pop(), targets["main"], targets["keys"])


@contextmanager
def scratch(beside: Path) -> Iterator[Path]:
    """A folder for our eyes only, gone in the end."""
    with tempfile.TemporaryDirectory(prefix=".copy-", dir=beside) as folder:
        yield Path(folder)


def _seal(plain: Path, path: Path, header: str, recipients: list[pyrage.x25519.Recipient]) -> None:
    beside = path.with_name(f".{path.name}.new")
    headed = plain.with_name(f"{plain.name}.headed")
    with headed.open("wb") as file, plain.open("rb") as content:
        headed.chmod(OWNER_ONLY)
        file.write(header.encode())
        shutil.copyfileobj(content, file)
    with headed.open("rb") as content, beside.open("wb") as sealed:
        beside.chmod(OWNER_ONLY)
        pyrage.encrypt_io(content, sealed, recipients)
    beside.replace(path)


def _open(path: Path, target: Path, identities: list[pyrage.x25519.Identity]) -> tuple[str, str]:
    """The kind and the part that the header names; what follows it is in `target`."""
    headed = target.with_name(f"{target.name}.headed")
    try:
        with path.open("rb") as sealed, headed.open("wb") as content:
            headed.chmod(OWNER_ONLY)
            pyrage.decrypt_io(sealed, content, identities)
    except (OSError, pyrage.DecryptError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise Refused(f"The backup cannot be read ({error.strerror}): {path}") from None
        raise Refused(f"None of these private keys opens {path}, or it was altered.") from None
    with headed.open("rb") as content:
        found = HEADED.fullmatch(content.readline(200).decode("ascii", "replace"))
        if found is None:
            raise Refused(f"{path} is no backup of Tocsin.")
        _copy_rest(content, target)
    headed.unlink()
    return found[1], found[2]


def _copy_rest(content: IO[bytes], target: Path) -> None:
    with target.open("wb") as file:
        target.chmod(OWNER_ONLY)
        shutil.copyfileobj(content, file)


def _identities(path: Path) -> list[pyrage.x25519.Identity]:
    try:
        lines = path.read_text(encoding="utf-8").split()
        found = [pyrage.x25519.Identity.from_str(line) for line in lines if line.startswith(SECRET)]
    except (OSError, UnicodeDecodeError, pyrage.IdentityError):
        raise Refused(f"The private key cannot be read: {path} should be a file that `age-keygen` made.") from None
    if not found:
        raise Refused(f"There is no private key in {path}: it should be a file that `age-keygen` made.")
    return found


def _delete_old(folder: Path, now: datetime) -> Iterator[Path]:
    for path in sorted(folder.glob("tocsin-*-keys.age")):
        found = NAME.fullmatch(path.name)
        made = datetime.strptime(found[1], INSTANT).replace(tzinfo=UTC) if found else now
        if made + KEYS_BACKUP_KEPT < now:
            path.unlink()
            yield path
