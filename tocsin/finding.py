"""Finding a person by what an operator typed: a name as it is written, in any letter case, or an id."""

from collections.abc import Iterable
from typing import Protocol, TypeVar
from uuid import UUID

from .refusing import Refused


class Named(Protocol):
    """Somebody with a name."""

    @property
    def id(self) -> UUID: ...

    @property
    def name(self) -> str: ...


Person = TypeVar("Person", bound=Named)


def find_person(people: Iterable[Person], wanted: str, what: str) -> Person:
    """The one of `people` whom `wanted` names; `what` is what they are, "defender". Raises Refused for none or many."""
    everybody = tuple(people)
    found = [one for one in everybody if str(one.id) == wanted.strip().lower()]
    found = found or [one for one in everybody if same_name(one.name, wanted)]
    if not found:
        raise Refused(f"There is no {what} named {wanted!r}: `tocsin {what} list` shows everybody.")
    if len(found) > 1:
        raise Refused(
            f"There are {len(found)} people named {wanted!r}: use the id that `tocsin {what} list --json` shows."
        )
    return found[0]


def same_name(one: str, other: str) -> bool:
    """Whether two names would be taken for each other."""
    return " ".join(one.split()).casefold() == " ".join(other.split()).casefold()


def fit_name(name: str) -> str:
    """`name` as it is kept. Raises Refused when it is none."""
    kept = " ".join(name.split())
    if not kept or len(kept) > LONGEST_NAME or not kept.isprintable():
        raise Refused(f"A name has one to {LONGEST_NAME} letters and no control characters: give another one.")
    return kept


LONGEST_NAME = 80  # letters; an alarm has to hold it on one line
