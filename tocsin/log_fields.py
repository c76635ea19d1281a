"""What a field of the log may hold: one function for each kind, which gives the value as it is written.

A kind refuses whatever is not of it. None of them takes a text as it comes: a word must be one of those we have.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import islice
from traceback import walk_tb
from uuid import UUID

from store.marks import apart, of_bot

Kind = Callable[[object], object]

SIX_DIGITS = 1_000_000  # a longer number could be somebody's
LARGEST_ROW = 2**63
FRAMES = 25  # functions that a fault is followed through
CAUSES = 5  # faults behind a fault
LONGEST_NAME = 80  # characters of a function or a class


class NotAllowed(Exception):
    """The value is not of the kind that the field has. Says nothing of the value."""


def count(value: object) -> int:
    """How many: at most six digits."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < SIX_DIGITS:
        raise NotAllowed
    return value


def row(value: object) -> int:
    """The number that our database gave a row."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < LARGEST_ROW:
        raise NotAllowed
    return value


def span(value: object) -> str:
    """How long, as in 3d04h10m05s."""
    if not isinstance(value, timedelta):
        raise NotAllowed
    minutes, seconds = divmod(int(max(value, timedelta()).total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    return f"{days}d{hours:02}h{minutes:02}m{seconds:02}s"


def identity(value: object) -> UUID:
    """The id of a person, a watch or an incident, which is written as the pseudonym of the day."""
    if not isinstance(value, UUID):
        raise NotAllowed
    return value


def one_of(*words: str, family: str = "") -> Kind:
    """One of these words of ours; whatever follows `family` and an underscore is written as `family` alone."""

    def word(value: object) -> str:
        if isinstance(value, str) and family and value.startswith(f"{family}_"):
            return family
        if not isinstance(value, str) or str(value) not in words:
            raise NotAllowed
        return str(value)

    return word


def of_a_bot(*words: str) -> Kind:
    """One of these words of ours, with the number of one of our bots where it is not the first of its side."""
    plain = one_of(*words)

    def word(value: object) -> str:
        name, bot = apart(str(value))
        return of_bot(str(plain(name)), bot)

    return word


def kind_of_fault(value: object) -> str:
    """The name of an exception's or a warning's class."""
    if not (isinstance(value, type) and issubclass(value, BaseException)):
        raise NotAllowed
    return value.__name__[:LONGEST_NAME]


def fault(value: object) -> dict[str, object]:
    """The kind of an exception, the functions it came through, and the kinds of those behind or inside it."""
    if not isinstance(value, BaseException):
        raise NotAllowed
    functions = [frame.f_code.co_qualname for frame, _ in islice(walk_tb(value.__traceback__), FRAMES)]
    said: dict[str, object] = {"fault": kind_of_fault(type(value))}
    if functions:
        said["through"] = [name.replace("<locals>.", "")[:LONGEST_NAME] for name in functions]
    if behind := [kind_of_fault(type(one)) for one in islice(_behind(value), CAUSES)]:
        said["behind"] = behind
    return said


def _behind(value: BaseException) -> Iterator[BaseException]:
    if isinstance(value, BaseExceptionGroup):
        for inner in value.exceptions:
            yield inner
            yield from _behind(inner)
    following = value.__cause__ or (None if value.__suppress_context__ else value.__context__)
    if following is not None:
        yield following
        yield from _behind(following)
