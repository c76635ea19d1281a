"""Objects that say nothing of whom they are about: a traceback, a debugger or a log may print them without harm.

Shown are ids, instants, words of ours and small numbers; everything else is not, so that a new field is hidden until
somebody thinks of it. They are not written to anywhere either: what is kept is what the store keeps.
"""

from datetime import datetime, timedelta
from enum import Enum
from typing import NoReturn, SupportsIndex
from uuid import UUID

SMALL = 1_000_000  # a longer number could be a chat's
SHOWN = (UUID, Enum, datetime, timedelta, bool, type(None))


class Discreet:
    """For dataclasses (with `repr=False`) that hold a name, a text, a place, an address or a secret."""

    __slots__ = ()

    def __repr__(self) -> str:
        """The class, and of its fields what may be shown."""
        names: list[str] = list(getattr(self, "__dataclass_fields__", ()))
        shown = [f"{name}={value!r}" for name in names if _may_be_shown(value := getattr(self, name, ...))]
        return f"{type(self).__name__}({', '.join([*shown, '…'] if len(shown) < len(names) else shown)})"

    def __reduce_ex__(self, protocol: SupportsIndex) -> NoReturn:
        """Never pickled, and never copied as a whole."""
        raise TypeError(f"{type(self).__name__} is not written to anywhere")


def _may_be_shown(value: object) -> bool:
    if isinstance(value, int) and not isinstance(value, bool):
        return -SMALL < value < SMALL
    return isinstance(value, (Discreet, *SHOWN))
