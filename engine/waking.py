"""Waking: what has happened that somebody has yet to look at, and whether somebody is at it."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


class Waking:
    """What wakes the engine's tasks: calls for help have `urgent` set, any update sets `arrived`, time that has come
    sets `due`, and every change of the database `moved`."""

    def __init__(self) -> None:
        """Nothing has happened yet."""
        self.urgent, self.arrived, self.due, self.moved = (asyncio.Event() for _ in range(4))
        self._at_work = 0

    def everything(self) -> None:
        """Have everything looked at."""
        for event in (self.urgent, self.arrived, self.due, self.moved):
            event.set()

    def came(self, urgent: bool) -> None:
        """Something is in the inbox."""
        self.arrived.set()
        if urgent:
            self.urgent.set()

    @contextmanager
    def looking(self, woken_by: asyncio.Event) -> Iterator[None]:
        """Somebody looks at what this event told of."""
        woken_by.clear()
        self._at_work += 1
        try:
            yield
        finally:
            self._at_work -= 1

    def is_behind(self) -> bool:
        """Whether something has happened that has not been looked at to the end."""
        return self._at_work > 0 or any(event.is_set() for event in (self.urgent, self.arrived, self.due, self.moved))
