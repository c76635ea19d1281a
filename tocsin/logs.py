"""The log: events with named, allowed fields, one on a line; for machines as JSON, at a terminal to be read.

Of everybody else (the libraries, asyncio, warnings) it says that they spoke and what kind of fault it was, at any
level, and never their words: those may be somebody's name, or a token. Nothing here raises: what may not be said is
dropped and counted.
"""

import logging
import secrets
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from hmac import digest
from typing import Any, TextIO
from uuid import UUID

from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

from engine.log import FIELDS, OURS

from .log_events import EVENTS, LIBRARY
from .log_fields import Kind, NotAllowed
from .log_hooks import hook_in
from .log_scrub import scrubbed

Said = dict[str, Any]

PSEUDONYM = 10  # letters


class Refusals:
    """How many events and fields were not on the list, and therefore not said; for /metrics."""

    def __init__(self) -> None:
        self.count = 0


class Refusal(Collector):
    """Shows the count among a service's numbers."""

    def collect(self) -> Iterator[CounterMetricFamily]:
        """The one number."""
        yield CounterMetricFamily("tocsin_log_refused", "Events and fields that may not be logged.", REFUSED.count)


REFUSED = Refusals()


class Pseudonyms:
    """Ids under names that change every day, so that a log tells which lines belong together and not whose they are."""

    def __init__(self, key: bytes | None = None) -> None:
        """With the same `key` a restart keeps the names of the day."""
        self._key = key or secrets.token_bytes(32)

    def name(self, who: UUID, day: str) -> str:
        """Letters only, so that no part of it looks like a number."""
        made = digest(self._key, f"{day} ".encode() + who.bytes, sha256)
        return "".join(chr(ord("a") + byte % 26) for byte in made[:PSEUDONYM])


def allowed(record: logging.LogRecord, pseudonyms: Pseudonyms, refused: Refusals) -> Said | None:
    """What may be said of a record: None when nothing may."""
    at = datetime.fromtimestamp(record.created, UTC)
    said: Said = {"at": f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z", "level": record.levelname.lower()}
    name, _, part = record.name.partition(".")
    if name == OURS and isinstance(record.msg, str) and record.msg in EVENTS and not record.args:
        said |= {"event": record.msg, "part": part}
        fields = _fields_of(record.msg, getattr(record, FIELDS, {}), refused)
    elif name == OURS:
        refused.count += 1
        return None
    else:
        said |= {"event": "library_spoke", "part": "library"}
        told = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
        fields = _fields_of("library_spoke", {"library": _library(name), **({"fault": told} if told else {})}, refused)
    day = f"{at:%Y-%m-%d}"
    return said | {key: pseudonyms.name(value, day) if isinstance(value, UUID) else value for key, value in fields}


def _fields_of(event: str, given: Mapping[str, object], refused: Refusals) -> list[tuple[str, object]]:
    fields: list[tuple[str, object]] = []
    for key, value in given.items():
        kind: Kind | None = EVENTS[event].get(key)
        try:
            if kind is None:
                raise NotAllowed
            plain = kind(value)
        except NotAllowed:
            refused.count += 1
            continue
        fields += plain.items() if isinstance(plain, dict) else [(key, plain)]
    return fields


def _library(name: str) -> str:
    try:
        return str(LIBRARY(name))
    except NotAllowed:
        return "other"


class OneLine(logging.Formatter):
    """An allowed event as a line of JSON, or for people."""

    def __init__(self, pseudonyms: Pseudonyms, *, for_people: bool) -> None:
        """`for_people`: spaced out, with the event first."""
        import structlog  # takes a moment, and nobody who only asks for help should wait for it

        super().__init__()
        self._pseudonyms = pseudonyms
        self._render: structlog.types.Processor = structlog.processors.JSONRenderer()
        if for_people:
            self._render = structlog.dev.ConsoleRenderer(colors=False, timestamp_key="at", pad_event_to=0)

    def format(self, record: logging.LogRecord) -> str:
        """The line; empty when nothing may be said."""
        said = allowed(record, self._pseudonyms, REFUSED)
        if said is None:
            return ""
        at = said.pop("at")  # a day looks like a number of somebody's
        return str(self._render(None, said["level"], {"at": at, **_scrubbed(said)}))


def _scrubbed(value: Any) -> Any:
    match value:
        case str():
            return scrubbed(value)
        case list():
            return [_scrubbed(one) for one in value]
        case dict():
            return {key: _scrubbed(one) for key, one in value.items()}
        case _:
            return value


class Output(logging.StreamHandler[TextIO]):
    """Where the lines go; what must not be said is not even an empty line."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write the line of `record`, if there is one; a log that cannot be written stops nobody."""
        try:
            if line := self.format(record):
                self.stream.write(f"{line}\n")
                self.flush()
        except (OSError, ValueError):  # a full disk, or a closed standard error
            REFUSED.count += 1


def log_plainly(level: int = logging.INFO, *, to: TextIO | None = None, key: bytes | None = None) -> None:
    """Send our events to standard error (or `to`), and of everybody else that they had something to complain of.

    `key` is that of the pseudonyms."""
    stream = to or sys.stderr
    handler = Output(stream)
    handler.setFormatter(OneLine(Pseudonyms(key), for_people=stream.isatty()))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger(OURS).setLevel(level)
    logging.raiseExceptions = False  # the complaint of a handler that failed repeats what it was given
    hook_in()
