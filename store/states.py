"""The heart's states as they are kept, and back, exactly as they were.

The whole state is kept as JSON, written and read by the types of the dataclasses themselves: a field that is added with
a default needs no migration. It is sealed under the defender's key, its length one of few. What does not open, or does
not fit, is StateUnreadable, which shows nothing of it; among several it is left out, so that one bad row stands in
nobody else's way. Who keeps time reads row by row, and reports it.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Generic, TypeVar
from uuid import UUID

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Row

from escalation.incident_state import Incident
from escalation.watch import Watch

from .database import Tx
from .sealing import Cell, Erased, SealBroken, opened, seal

BUCKETS = (4096, 8192, 65_536, 524_288)  # bytes; a watch fits into the first, with what it owes and without

State = TypeVar("State", Watch, Incident)


class StateUnreadable(Exception):
    """The stored state of one row does not fit the heart's types; the others are not concerned."""


class _Scribe(Generic[State]):
    def __init__(self, kind: type[State], table: str, buckets: tuple[int, ...]) -> None:
        self._adapter: TypeAdapter[State] = TypeAdapter(kind)
        self._name, self._table, self._buckets = kind.__name__, table, buckets

    def seal(self, tx: Tx, state: State) -> bytes:
        """The state as it is kept."""
        return seal(tx, state.defender, self._cell(state.id), self.write(state), self._buckets)

    def open(self, tx: Tx, row: Row[*tuple[Any, ...]] | tuple[UUID, UUID, bytes]) -> State:
        """The state that was sealed, from a row of (id, defender, body). Raises StateUnreadable or Locked."""
        number, defender, sealed = row
        try:
            text = opened(tx, defender, self._cell(number), sealed)
        except (SealBroken, Erased):
            raise StateUnreadable(f"{self._name} does not open") from None
        return self.read(str(text))

    def _cell(self, number: UUID) -> Cell:
        return Cell(self._table, "body", number)

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

    def readable(self, tx: Tx, rows: Iterable[Row[*tuple[Any, ...]]]) -> Iterator[State]:
        """Those of the states that can be read, in their order, from rows of (id, defender, body). Raises Locked."""
        for row in rows:
            try:
                yield self.open(tx, row)
            except StateUnreadable:
                continue


WATCH = _Scribe(Watch, "watch", BUCKETS)
INCIDENT = _Scribe(Incident, "incident", BUCKETS[1:])
