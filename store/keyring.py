"""The keyring: the secrets of an instance, as its key files hold them.

root      index and log keys, which are here also while we are locked; pepper and token keys, which are wrapped
sign      signs checkpoints of the journal
ingest    raw updates are sealed to it; its private half is wrapped
kek       wraps these and the data keys; there are several while they are changed (epochs), and it may be elsewhere:
          then the keyring is locked until `unlock`

No secret shows in a repr.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from .cipher import new_key
from .key_files import KeyFile, key_id, make_key_folder, read_folders
from .made_keys import ingest_file, key_file, of_root, root_file, unwrapped, wrapped_by
from .refusals import KeysRefused, Locked, SealBroken

HERE = ("root", "sign", "ingest")  # without which nothing runs, locked or not
HOW_TO = "run `tocsin keys new` to make them, or name the right folder in TOCSIN_KEYS"

Keep = Callable[[bytes], Mapping[str, bytes]]  # a key-encryption key, as the fields of the file that keeps it


def plainly(kek: bytes) -> Mapping[str, bytes]:
    """Keep a key-encryption key in its file as it is."""
    return {"key": kek}


class Keyring:
    """Every key of one instance. Safe to use from several threads."""

    def __init__(self, files: Iterable[KeyFile], folder: Path | None = None, more: Path | None = None) -> None:
        """`folder` and `more` are looked into again when a key is missed. Raises KeysRefused."""
        self._lock = Lock()
        self._folder, self._more = folder, more
        self._files: dict[tuple[str, str], KeyFile] = {}
        self._keks: dict[str, bytes] = {}
        self._subkeys: dict[str, bytes] = {}
        self._needed: str | None = None
        self._sealed_to: str | None = None
        self._take(files)
        missing = [use for use in HERE if not self._of(use)]
        if missing:
            raise KeysRefused(f"The {missing[0]} key of this instance is missing: {HOW_TO}.")
        if twice := [use for use in ("root", "sign") if len(self._of(use)) > 1]:
            raise KeysRefused(f"There are two {twice[0]} keys: leave the one that belongs to this instance.")

    def __repr__(self) -> str:
        """Which keys there are, and none of them."""
        return f"<Keyring kek={','.join(self.kek_ids)}{' locked' if self.is_locked else ''}>"

    @classmethod
    def fresh(cls, now: datetime, keep: Keep = plainly) -> Self:
        """New keys, in memory only. `keep` says how the key-encryption key will be kept in its file."""
        kek, sign = new_key(), Ed25519PrivateKey.generate().private_bytes_raw()
        keyring = cls(
            [
                root_file(new_key(), kek, now),
                key_file("sign", sign, {"key": sign}, now),
                key_file("kek", kek, keep(kek), now),
                ingest_file(kek, now),
            ]
        )
        keyring.unlock(kek)
        return keyring

    @classmethod
    def load(cls, folder: Path, more: Path | None = None) -> Self:
        """The keys of a folder, and key-encryption keys that the system hands over in `more`.

        Raises KeysRefused with one plain sentence."""
        if not folder.is_dir():
            raise KeysRefused(f"There are no keys at {folder}: {HOW_TO}.")
        return cls(read_folders(folder, more), folder, more)

    def save(self, folder: Path) -> None:
        """Write every key into `folder`, from which it may be loaded again. Raises KeysRefused."""
        make_key_folder(folder)
        for one in self.files:
            one.write(folder)
        self._folder = folder

    @property
    def files(self) -> tuple[KeyFile, ...]:
        """What the key files say, the oldest first."""
        return tuple(self._files.values())

    @property
    def kek_ids(self) -> tuple[str, ...]:
        """The epochs of the key-encryption key, the newest last; some may be locked."""
        return tuple(one.id for one in self._of("kek"))

    @property
    def root_id(self) -> str:
        """Which root key this is."""
        return self._of("root")[0].id

    @property
    def is_locked(self) -> bool:
        """Whether a key that is needed is not here yet: the newest key-encryption key and the newest ingest key, until
        a database names others, and what wraps this one and the rest of the root."""
        needed = self._needed or next(reversed(self.kek_ids), "")
        ingest = self.newest_ingest if self._sealed_to is None else self._files.get(("ingest", self._sealed_to))
        if ingest is None:
            return True
        return not {needed, wrapped_by(ingest), wrapped_by(self._of("root")[0])} <= {None, *self._keks}

    @property
    def locked_files(self) -> tuple[KeyFile, ...]:
        """The files of key-encryption keys that are not here yet, the newest first."""
        return tuple(one for one in reversed(self._of("kek")) if one.id not in self._keks)

    @property
    def sign(self) -> Ed25519PrivateKey:
        """The key that signs checkpoints."""
        return Ed25519PrivateKey.from_private_bytes(self._of("sign")[0].fields["key"])

    def subkey(self, purpose: str) -> bytes:
        """The key for one purpose: "index" or "log", or, which may raise Locked, "pepper" or "token".

        Raises KeysRefused when the file of the root was altered."""
        if purpose not in self._subkeys:
            root = self._of("root")[0]
            kek = None if purpose in root.fields or "key" in root.fields else self.wrapping(root)
            try:
                self._subkeys.update(of_root(root, kek))
            except SealBroken:
                raise KeysRefused(f"The root key {root.id} was altered: put a copy of its file back.") from None
        return self._subkeys[purpose]

    def kek(self, wanted: str) -> bytes:
        """A key-encryption key, looked for in the folder again when it is missed. Raises Locked."""
        if wanted not in self._keks:
            self.look_again()
        if wanted not in self._keks:
            raise Locked(f"The key-encryption key {wanted} is not here.")
        return self._keks[wanted]

    def need(self, kek_id: str, ingest_id: str | None = None) -> None:
        """A database is under this key-encryption key, and what comes into it is sealed to this ingest key: without
        them we are locked, whatever others are here."""
        self._needed, self._sealed_to = kek_id, ingest_id

    def unlock(self, kek: bytes) -> None:
        """Take a key-encryption key that came from elsewhere. Raises KeysRefused when it is none of this instance."""
        if key_id(kek) not in self.kek_ids:
            raise KeysRefused("This opens none of the keys of this instance: give the right one.")
        with self._lock:
            self._keks[key_id(kek)] = kek
            self._take_handed_over()

    def look_again(self) -> None:
        """Take what has come into the folder since. A file that cannot be used is passed over until it can."""
        if self._folder is None:
            return
        try:
            found = read_folders(self._folder, self._more)
        except (KeysRefused, OSError):
            return
        self._take(found)

    @property
    def newest_ingest(self) -> KeyFile:
        """The file of the ingest key that was made last."""
        return self._of("ingest")[-1]

    @property
    def ingest_public(self) -> bytes:
        """The public half of the newest ingest key."""
        return self.newest_ingest.fields["public"]

    def has_ingest(self, ingest_id: str) -> bool:
        """Whether this ingest key is here, locked or not."""
        return ("ingest", ingest_id) in self._files

    def ingest_private(self, wanted: bytes) -> bytes:
        """The private half of an ingest key. Raises Locked, also when there is no such key."""
        if ("ingest", wanted.hex()) not in self._files:
            self.look_again()
        held = self._files.get(("ingest", wanted.hex()))
        if held is None:
            raise Locked(f"The ingest key {wanted.hex()} is not here.")
        return unwrapped(held, self.wrapping(held))

    def wrapping(self, file: KeyFile) -> bytes:
        """The key-encryption key by which the key of `file` is wrapped. Raises Locked."""
        return self.kek(wrapped_by(file) or "")

    def drop(self, file: KeyFile) -> bool:
        """Forget a key, and delete its file where it is in the folder; whether it was there."""
        path = self._folder / file.name if self._folder is not None else None
        was_there = path is not None and path.exists()
        if path is not None:
            path.unlink(missing_ok=True)
        with self._lock:
            self._files.pop((file.use, file.id), None)
            if file.use == "kek":
                self._keks.pop(file.id, None)
        return was_there

    def add(self, *files: KeyFile) -> None:
        """Keep more key files, in the folder too where there is one. Raises KeysRefused."""
        for one in files if self._folder is not None else ():
            one.write(self._folder)  # type: ignore[arg-type]  # asked for on the line above
        self._take(files)

    def _take(self, files: Iterable[KeyFile]) -> None:
        with self._lock:
            together = {**self._files, **{(one.use, one.id): one for one in files}}
            self._files = dict(sorted(together.items(), key=lambda item: (item[1].created, item[1].id)))
            for one in self._of("kek"):
                if "key" in one.fields:
                    self._keks[one.id] = one.fields["key"]
            self._take_handed_over()

    def _take_handed_over(self) -> None:
        """A new key-encryption key, wrapped by one that we have: who runs while it is changed need not be told it."""
        for one in self._of("handover"):
            before = self._keks.get(wrapped_by(one) or "")
            if before is not None and one.id not in self._keks:
                self._keks[one.id] = unwrapped(one, before)

    def _of(self, use: str) -> list[KeyFile]:
        return [one for one in self._files.values() if one.use == use]
