"""What commands print: a table for people, JSON for programs, never both.

JSON is one document on standard output: instants in ISO 8601 and UTC, ids as text. Colours, boxes and progress bars
appear only where the output is a terminal.
"""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from datetime import datetime, time, timedelta
from enum import Enum
from typing import Any

import click

AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")


def print_json(content: object) -> None:
    """Print `content` as one JSON document."""
    click.echo(json.dumps(_plain(content), ensure_ascii=False, indent=2))


def print_rows(columns: Sequence[str], rows: Iterable[Sequence[object]], *, empty: str) -> None:
    """Print a table with a line for each row; `empty` is what to say when there is none."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    lines = [[_cell(cell) for cell in row] for row in rows]
    if not lines:
        click.echo(empty)
        return
    if not sys.stdout.isatty():
        click.echo("\n".join("\t".join(line) for line in [[*columns], *lines]))
        return
    table = Table(*columns, box=SIMPLE_HEAD, header_style="bold", pad_edge=False)
    for line in lines:
        table.add_row(*(Text(cell) for cell in line))
    Console().print(table)


def print_fields(fields: Mapping[str, object]) -> None:
    """Print what is known of one thing, a line for each field; those that are empty are left out."""
    known = {name: _cell(value) for name, value in fields.items() if value not in (None, "", ())}
    width = max(map(len, known), default=0)
    for name, value in known.items():
        click.echo(f"{click.style(name.ljust(width), bold=True)}  {value}")


def instant(moment: datetime | None) -> str:
    """An instant for people, in UTC, to the minute."""
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment else ""


def clock_time(written: str) -> str:
    """The time of day of an instant in ISO 8601, in UTC."""
    try:
        return f"{datetime.fromisoformat(written):%H:%M} UTC"
    except ValueError:
        return "an unknown time"


def span(length: timedelta) -> str:
    """A length of time for people: "1 h 30 min"."""
    seconds = round(length.total_seconds())
    parts = [(seconds // 86_400, "d"), (seconds // 3_600 % 24, "h"), (seconds // 60 % 60, "min")]
    return " ".join(f"{count} {unit}" for count, unit in parts if count) or (f"{seconds} s" if seconds else "at once")


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case datetime():
            return instant(value)
        case Enum():
            return str(value.value)
        case tuple() | list():
            return ", ".join(_cell(item) for item in value)
        case _:
            return str(value)


def _plain(value: object) -> Any:
    match value:
        case None | bool() | int() | float():
            return value
        case Enum():
            return value.value
        case datetime():
            return value.isoformat()
        case time():
            return value.isoformat("minutes")
        case timedelta():
            return value.total_seconds()
        case Mapping():
            return {str(key): _plain(item) for key, item in value.items()}
        case tuple() | list() | set() | frozenset():
            return [_plain(item) for item in value]
        case _ if is_dataclass(value) and not isinstance(value, type):
            return _plain(asdict(value))
        case _:
            return str(value)
