"""Change the code that guards, one small thing at a time, and see whether a test notices: `make mutants`.

`make mutants MUTATE="vault journal"` does so for the files with such names. What is changed, and which tests are asked,
stands in pyproject.toml; a change that alters nothing that anybody could see stands in mutants_equivalent.toml beside
this file, with its reason. After an hour it ends with what it has by then.

Exit codes: 0 nine of ten were noticed in every file, and every one that was not in a line that compares, decides or
verifies is listed; 1 it is not so; 2 it could not be run."""

import json
import os
import signal
import subprocess  # nosec B404 # starts our own script, with our own words
import sys
import tempfile
import time
import tomllib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HOUSE = Path(__file__).resolve().parent.parent
EQUIVALENT = HOUSE / ".ci" / "mutants_equivalent.toml"
CHANGING = HOUSE / ".ci" / "changing.py"
LONGEST = 60 * 60  # seconds
ENOUGH = 0.9

Change = dict[str, Any]  # one line of what changing.py writes


@dataclass(frozen=True, slots=True)
class Row:
    """What became of the changes of one file. `unknown` were not noticed and are not listed as alike."""

    file: str
    tried: int
    noticed: int
    alike: int
    unknown: tuple[Change, ...]

    @property
    def unguarded(self) -> int:
        """How many of the unknown are in a line that guards."""
        return sum(one["guards"] for one in self.unknown)

    @property
    def enough(self) -> bool:
        """Whether the file holds."""
        return self.tried > 0 and self.noticed >= ENOUGH * self.tried and not self.unguarded


def told(file: str, found: list[Change], listed: list[dict[str, str]]) -> Row:
    """The row of a file, of what was found and of what is listed for it."""
    alike = {(one["function"], one["was"], one["now"]) for one in listed}
    left = [one for one in found if one["became"] != "noticed"]
    unknown = tuple(one for one in left if (one["function"], one["was"], one["now"]) not in alike)
    return Row(file, len(found), len(found) - len(left), len(left) - len(unknown), unknown)


def table(rows: list[Row]) -> list[str]:
    """One line for each file, and one for all."""
    together = Row(
        "together", sum(one.tried for one in rows), sum(one.noticed for one in rows), sum(one.alike for one in rows),
        tuple(change for one in rows for change in one.unknown),
    )  # fmt: skip
    return [
        f"{'file':30} changes  noticed          alike  survived  of them in a line that guards",
        *(
            f"{one.file:30} {one.tried:7}  {one.noticed:7} {one.noticed / max(one.tried, 1):7.1%}  {one.alike:5}  "
            f"{len(one.unknown):8}  {one.unguarded:8}"
            for one in (*rows, together)
        ),
    ]


def main(names: list[str]) -> int:
    """Change these files (all that are listed, without any name), and say what came of it."""
    for stops in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(stops, lambda number, _: sys.exit(128 + number))
    chosen: dict[str, list[str]] = tomllib.loads((HOUSE / "pyproject.toml").read_text(encoding="utf-8"))["tool"][
        "mutants"
    ]
    listed = tomllib.loads(EQUIVALENT.read_text(encoding="utf-8"))
    ends = time.monotonic() + LONGEST
    rows, broken = [], False
    for file, tests in chosen.items():
        if names and not any(name in file for name in names):
            continue
        found, fine = tried(file, tests, ends - time.monotonic())
        broken |= not fine
        rows.append(told(file, found, listed.get(file, [])))
        for one in rows[-1].unknown:
            print(f"{file}:{one['line']} {one['function']}: {one['became']}\n  - {one['was']}\n  + {one['now']}")
        print(table(rows)[-2], flush=True)
    print(*table(rows), sep="\n")
    if broken or not rows:
        print("Not every change could be tried: the tests do not pass as they are, or the time was over.")
        return 2
    return 0 if all(one.enough for one in rows) else 1


def tried(file: str, tests: list[str], seconds: float) -> tuple[list[Change], bool]:
    """What became of the changes of a file, and whether that is all of them. Nothing of it runs on afterwards."""
    with tempfile.TemporaryDirectory() as scratch:
        Path(scratch).chmod(0o711)  # PostgreSQL runs as somebody else, where we are root
        into = Path(scratch) / "found.jsonl"
        command = [sys.executable, str(CHANGING), file, str(into), "all", *tests]
        running = subprocess.Popen(  # nosec B603 # noqa: S603 - our own words
            command, cwd=HOUSE, stdout=subprocess.DEVNULL, env={**os.environ, "TMPDIR": scratch}, start_new_session=True
        )
        fine = False
        try:
            with suppress(subprocess.TimeoutExpired):
                fine = running.wait(max(seconds, 1)) == 0
        finally:
            with suppress(ProcessLookupError):
                os.killpg(running.pid, signal.SIGKILL)  # it, and the process in which it tries a change
            running.wait()
        lines = into.read_text(encoding="utf-8").splitlines() if into.exists() else []
        return [json.loads(line) for line in lines], fine


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
