"""How every room says what happened: the name of an event and its fields, never a sentence.

Which events there are, and what their fields may hold, stands in `tocsin/log_events.py`; the front door drops what does
not. Where nobody has set that up, no field leaves this process at all: only the name of an event may.
"""

import logging

OURS = "tocsin"  # the name above all our loggers
FIELDS = "told"  # where a record carries the fields of its event


class Log:
    """Says what happens in one part of the service.

    INFO what happened; WARNING it will be tried again; ERROR a coordinator was told. A field is a number or a word of
    ours, an id, or under the name `fault` an exception, of which the log keeps the kind and the functions it came
    through."""

    def __init__(self, part: str) -> None:
        """`part` is one word, such as "outbox"."""
        self._logger = logging.getLogger(f"{OURS}.{part}")

    def info(self, event: str, **fields: object) -> None:
        """It happened."""
        self._say(logging.INFO, event, fields)

    def warning(self, event: str, **fields: object) -> None:
        """It did not work, and will be tried again."""
        self._say(logging.WARNING, event, fields)

    def error(self, event: str, **fields: object) -> None:
        """It did not work, and a coordinator was told."""
        self._say(logging.ERROR, event, fields)

    def _say(self, level: int, event: str, fields: dict[str, object]) -> None:
        self._logger.log(level, event, extra={FIELDS: fields}, stacklevel=3)
