"""How the command line says no: one plain sentence on standard error that says what to do, and exit code 1.

A fault of ours gets a sentence too. Its details go to a file in the data folder: where in the code it happened and what
kind it was, without the values that were at hand, which may name somebody.
"""

import os
import traceback
from pathlib import Path
from typing import IO, Any

import click

FAULTS = "last-fault.txt"


class Refused(click.ClickException):
    """Something cannot be done; the message is one sentence for each reason, each on a line of its own."""

    exit_code = 1

    def show(self, file: IO[Any] | None = None) -> None:
        """Say it as it is, without a label before it."""
        click.echo(self.format_message(), file=file, err=file is None)


def unexpected(fault: Exception, folder: Path | None) -> Refused:
    """What to say of a fault that nobody thought of; its details are kept in `folder` where that is possible."""
    frames = [
        f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(fault.__traceback__)
    ]
    kept = _keep(folder / FAULTS, [type(fault).__name__, *frames]) if folder else None
    where = f"the details are in {kept}" if kept else f"it was in {frames[-1] if frames else 'an unknown place'}"
    return Refused(f"Something went wrong that should not ({type(fault).__name__}); {where}, please report it.")


def _keep(path: Path, lines: list[str]) -> Path | None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
    except OSError:
        return None
    return path


def _short(path: str) -> str:
    """The file as one would look for it: its folder and its name."""
    return "/".join(Path(path).parts[-2:])
