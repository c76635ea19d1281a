"""The heart's states as text, and back, exactly as they were.

The whole state is kept as JSON, written and read by the types of the dataclasses themselves: a field that is added with
a default needs no migration. A text that does not fit is StateUnreadable, which shows nothing of it; among several
it is left out, so that one bad row stands in nobody else's way. Who keeps time reads row by row, and reports it.
"""

from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

from escalation.incident_state import Incident
from escalation.watch import Watch

State = TypeVar("State", Watch, Incident)


class StateUnreadable(Exception):
    """The stored state of one row does not fit the heart's types; the others are not concerned."""


class _Scribe(Generic[State]):
    def __init__(self, kind: type[State]) -> None:
        self._adapter: TypeAdapter[State] = TypeAdapter(kind)
        self._name = kind.__name__

    def write(self, state: State) -> str:
        """The state as JSON."""
        return self._adapter.dump_json(state).decode()

    def read(self, text: str) -> State:
        """The state that was written; raises StateUnreadable."""
        try:
            return self._adapter.validate_json(text)
        except ValidationError as error:
            places = ", ".join(".".join(map(str, fault["loc"])) for fault in error.errors(include_input=False))
            raise StateUnreadable(f"{self._name} does not fit in: {places or 'the whole'}") from None

    def readable(self, texts: Iterable[str]) -> Iterator[State]:
        """Those of the states that can be read, in their order."""
        for text in texts:
            try:
                yield self.read(text)
            except StateUnreadable:
                continue


WATCH = _Scribe(Watch)
INCIDENT = _Scribe(Incident)
