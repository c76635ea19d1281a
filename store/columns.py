"""How values become columns: instants, texts from outside, JSON, and numbers that name a row.

Both databases must give back what they were given. SQLite forgets the time zone; PostgreSQL takes no NUL in a text;
neither takes half a surrogate pair. None of that may stand in the way of a call for help.
"""

import json
import re
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, Text
from sqlalchemy.types import TypeDecorator

from .records import Words

NO_DATABASE_TAKES = re.compile("[\x00\ud800-\udfff]")
REPLACEMENT = "\ufffd"

RowNumber = BigInteger().with_variant(Integer, "sqlite")  # on SQLite only INTEGER can be the key that counts up


class UtcTime(TypeDecorator[datetime]):
    """An instant. Refuses a naive one with ValueError; gives back an aware one in UTC, to the microsecond."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.utcoffset() is None:
            raise ValueError("An instant without a time zone cannot be stored: give it one, such as UTC.")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class OutsideText(TypeDecorator[str]):
    """A text as people and messengers write it; what no database takes becomes U+FFFD."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else NO_DATABASE_TAKES.sub(REPLACEMENT, value)


class Json(TypeDecorator[Any]):
    """What JSON can say, as text on both databases: kept as written, and not taken apart by the database."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Words, dialect: Dialect) -> str:
        return NO_DATABASE_TAKES.sub(REPLACEMENT, json.dumps(value, ensure_ascii=False, separators=(",", ":")))

    def process_result_value(self, value: str | None, dialect: Dialect) -> Words:
        content: Words = None if value is None else json.loads(value)
        return content
