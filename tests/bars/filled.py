"""An object of any dataclass, with a marker in every field that could hold something of somebody's."""

import types
import typing
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from itertools import count
from pathlib import Path
from types import ModuleType
from typing import Any, Literal, get_args, get_origin, get_type_hints
from uuid import UUID, uuid4

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


class Filling:
    """Fills objects, and remembers what it planted."""

    def __init__(self, about_nobody: Collection[str] = ()) -> None:
        """`about_nobody`: the names of classes in which nothing is planted."""
        self.planted: list[str] = []
        self._about_nobody = about_nobody
        self._number = count(7_001_002_003)

    def text(self) -> str:
        """A fresh marker of letters."""
        return self._plant(f"marker{uuid4().hex[:10].translate(str.maketrans('0123456789', 'ghijklmnop'))}")

    def number(self) -> int:
        """A fresh marker that is a long number, as the id of a chat is."""
        return int(self._plant(str(next(self._number))))

    def degrees(self) -> float:
        """A fresh marker that is a place."""
        found = (next(self._number) % 90_000_000) / 1_000_000 + 0.000001
        self._plant(repr(found))
        return found

    def of(self, kind: type) -> Any:
        """An object of the dataclass `kind`."""
        hints = hints_of(kind)
        planted = len(self.planted)
        values = {field.name: self.value(hints[field.name]) for field in fields(kind) if field.init}
        if kind.__name__ in self._about_nobody:
            del self.planted[planted:]
        return kind(**values)

    def value(self, hint: Any) -> Any:
        """A value that fits `hint`."""
        if isinstance(hint, typing.NewType):
            return self.value(hint.__supertype__)
        if isinstance(hint, str):
            return self.text()
        origin, inside = get_origin(hint), get_args(hint)
        if origin in (typing.Union, types.UnionType):
            return self.value(next(one for one in inside if one is not type(None)))
        if origin is Literal:
            return inside[0]
        if origin is tuple:
            return (self.value(inside[0]),) if inside[1:] == (...,) else tuple(map(self.value, inside))
        if origin is not None:
            return self._collection(origin, inside)
        return self._plain(hint)

    def _collection(self, origin: Any, inside: tuple[Any, ...]) -> Any:
        if isinstance(origin, type) and issubclass(origin, Mapping):
            return {self.value(inside[0]): self.value(inside[1])}
        if isinstance(origin, type) and issubclass(origin, list | set | frozenset):
            return origin([self.value(inside[0])])
        return print

    def _plain(self, hint: Any) -> Any:
        simple: dict[Any, Callable[[], Any]] = {
            str: self.text,
            int: self.number,
            float: self.degrees,
            bytes: lambda: self.text().encode(),
            bool: lambda: True,
            UUID: uuid4,
            datetime: lambda: NOW,
            date: NOW.date,
            time: lambda: time(int(self._plant_time()), 47),
            timedelta: lambda: timedelta(hours=1),
            Path: lambda: Path(self.text()),
            object: self.text,
            Any: self.text,
        }
        if hint in simple:
            return simple[hint]()
        if isinstance(hint, type) and issubclass(hint, Enum):
            return next(iter(hint))
        if isinstance(hint, type) and is_dataclass(hint):
            return self.of(hint)
        return object()

    def _plant(self, marker: str) -> str:
        self.planted.append(marker)
        return marker

    def _plant_time(self) -> str:
        self._plant("time(13, 47)")
        return "13"


def hints_of(kind: type) -> dict[str, Any]:
    """The types of its fields; one that is imported for the type checker alone can be anything."""
    unknown: dict[str, Any] = {}
    while True:
        try:
            return get_type_hints(kind, localns=unknown)
        except NameError as fault:
            name = str(fault.name)
            unknown[name] = type(name, (), {})


def dataclasses_of(module: ModuleType) -> Iterator[type]:
    """The dataclasses that a module makes itself."""
    for found in vars(module).values():
        if isinstance(found, type) and found.__module__ == module.__name__ and is_dataclass(found):
            yield found


def other_classes_of(module: ModuleType) -> Iterator[type]:
    """The classes of a module that are no dataclasses, no words and no exceptions."""
    for found in vars(module).values():
        mine = isinstance(found, type) and found.__module__ == module.__name__
        if mine and not is_dataclass(found) and not issubclass(found, Enum | BaseException):
            yield found
