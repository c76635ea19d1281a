"""The journal as sentences: what happened and what was decided, for those who run the instance.

The journal itself holds ids and words only; names are put in here, from the people who are still known.
"""

from collections.abc import Callable, Mapping
from uuid import UUID

from store import journal, people
from store.database import Tx
from store.records import JournalEntry, Words

from .printing import clock_time

Names = Mapping[str, str]

KINDS = {
    "panic": "{defender} called for help",
    "duress": "{defender} gave the code that means force",
    "missed": "{defender} did not check in",
    "drill": "A drill for {defender} began",
}
OUTCOMES = {
    "safe": "safe",
    "false_alarm": "a false alarm",
    "confirmed": "a confirmed incident",
    "handed_over": "handed over to somebody else",
}
NEWS = {
    "checked_in": "{defender} has checked in; those who were called are told",
    "still_silent": "{defender} is silent still; those who were called are told",
    "called_again": "{defender} called for help again; those who were called are told",
}
BY_SOMEBODY = {  # an event of one person: what it is called
    "took_it": "{actor} takes it",
    "declined": "{actor} cannot",
    "saw": "{actor} has seen it",
    "reported": "{actor} reports news",
    "confirmed": "{actor} agrees that it is over",
    "disputed": "{actor} does not agree that it is over",
    "approved": "{actor} lets the next tier be called",
    "out_of_reach": "{actor} cannot be reached and is passed over",
    "back_in_reach": "{actor} can be reached again",
    "runbook_ticked": "{actor} ticked a line of the list of what to verify",
    "closed_from_command_line": "Somebody closes it from the command line",
    "defender_sent": "{defender} sent something, which is handed along",
}


def story_of(tx: Tx, incident: UUID) -> list[tuple[JournalEntry, str]]:
    """Everything that the journal has on one incident and that is worth a line, oldest first."""
    names = names_of_all(tx)
    told = ((entry, sentence(entry, names)) for entry in journal.of_incident(tx, incident))
    return [(entry, text) for entry, text in told if text is not None]


def names_of_all(tx: Tx) -> dict[str, str]:
    """Everybody's name by id."""
    defenders = {str(one.id): one.name for one in people.defenders(tx)}
    return defenders | {str(one.id): one.name for one in people.responders(tx)}


def sentence(entry: JournalEntry, names: Names) -> str | None:
    """One entry as a sentence without a full stop; None when another entry says the same."""
    if entry.event in BY_SOMEBODY:
        return _filled(BY_SOMEBODY[entry.event], entry, names)
    written = SENTENCES.get(entry.event)
    return written(entry, names) if written else None


def _opened(entry: JournalEntry, names: Names) -> str:
    return _filled(KINDS.get(str(_fields(entry).get("kind")), "An incident of {defender} began"), entry, names)


def _ask(entry: JournalEntry, names: Names) -> str:
    called = _called(_fields(entry).get("people"))
    times = max((times for _, times in called), default=1)
    who = _listed([names.get(person, "somebody") for person, _ in called])
    tier = str(_fields(entry).get("tier", "")).capitalize()
    return f"{tier} called once more: {who} (call {times})" if times > 1 else f"{tier} called: {who}"


def _end_of_chain(entry: JournalEntry, names: Names) -> str:
    who = _listed([names.get(person, "somebody") for person, _ in _called(_fields(entry).get("people"))])
    return f"The whole chain was called and nobody has it: {who} called"


def _held(entry: JournalEntry, names: Names) -> str:
    until = clock_time(str(_fields(entry).get("until", "")))
    return f"{_named(entry, 'holder', names)} has it until {until}; the others are told"


def _lapsed(entry: JournalEntry, names: Names) -> str:
    return f"No news from {_named(entry, 'to', names)}: everybody is called again"


def _closed(entry: JournalEntry, names: Names) -> str:
    return _filled("{actor} says how it ended: ", entry, names) + _outcome(entry)


def _ask_second(entry: JournalEntry, names: Names) -> str:
    return "A second person is asked to agree"


def _approval(entry: JournalEntry, names: Names) -> str:
    tier, until = _fields(entry).get("tier"), clock_time(str(_fields(entry).get("until", "")))
    return f"Coordinators are asked whether {tier} may be called; at {until} they are anyway"


def _news(entry: JournalEntry, names: Names) -> str | None:
    text = NEWS.get(str(_fields(entry).get("news")))
    return _filled(text, entry, names) if text else None


def _all_clear(entry: JournalEntry, names: Names) -> str:
    told = _fields(entry).get("to")
    count = len(told) if isinstance(told, list) else 0
    return f"All-clear to {count} {'person' if count == 1 else 'people'}: {_outcome(entry)}"


def _by_mail(entry: JournalEntry, names: Names) -> str:
    said = "cannot" if _fields(entry).get("cannot") else "has seen it"
    return _filled("By the link in a mail it is said: {actor} ", entry, names) + said


SENTENCES: dict[str, Callable[[JournalEntry, Names], str | None]] = {
    "opened": _opened,
    "ask": _ask,
    "tell_end_of_chain": _end_of_chain,
    "tell_held": _held,
    "tell_lapsed": _lapsed,
    "closed": _closed,
    "ask_second": _ask_second,
    "ask_approval": _approval,
    "pass_on": _news,
    "wrote_by_mail": _by_mail,
    "all_clear": _all_clear,
}


def _fields(entry: JournalEntry) -> Mapping[str, Words]:
    """What the entry says: of an event or an order its own fields, which stand under "what"."""
    what = entry.detail.get("what")
    return {**entry.detail, **what} if isinstance(what, dict) else entry.detail


def _filled(text: str, entry: JournalEntry, names: Names) -> str:
    return text.format(
        defender=names.get(str(entry.defender), "somebody"), actor=names.get(str(entry.actor), "somebody")
    )


def _named(entry: JournalEntry, field: str, names: Names) -> str:
    return names.get(str(_fields(entry).get(field)), "somebody")


def _outcome(entry: JournalEntry) -> str:
    return OUTCOMES.get(str(_fields(entry).get("outcome")), "over")


def _called(people_called: Words) -> list[tuple[str, int]]:
    """Pairs of (person, which call of theirs), as the journal keeps them."""
    rows = people_called if isinstance(people_called, list) else []
    return [(str(row[0]), int(str(row[1]))) for row in rows if isinstance(row, list) and len(row) == 2]


def _listed(names: list[str]) -> str:
    return ", ".join(names[:-1]) + " and " + names[-1] if len(names) > 1 else "".join(names)
