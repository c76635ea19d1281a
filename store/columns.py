"""How values become columns: instants, numbers that name a row, and what no text may hold.

Both databases must give back what they were given. SQLite forgets the time zone; neither takes half a surrogate pair,
and nobody can be sent one. None of that may stand in the way of a call for help.
"""

import re
from datetime import UTC, datetime

from sqlalchemy import BigInteger, DateTime, Dialect, Integer
from sqlalchemy.types import TypeDecorator

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
