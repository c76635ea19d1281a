"""What an alarm says: who, what, since when, who has it, what comes next, and what to do. Readable half asleep.

It is rendered from the incident as it stands when the letter is sent, so every edit shows the present."""

from engine.letter import Letter
from engine.views import IncidentView
from escalation.incident_state import Phase
from escalation.incident_words import Kind
from escalation.people import Role

from .alarm_buttons import Shown, held_now, rows_of
from .page import Page
from .runbook import lines_of
from .wording import Reader, bold, escaped, number, word

LONGEST_WORDS = 500  # UTF-16 units of what the defender last wrote, in one line: it must not look like ours
DONE, OPEN = "☑", "☐"
OVERSEERS = frozenset(role.value for role in Role if role.oversees)


def alarm_page(incident: IncidentView, letter: Letter, reader: Reader, lead: str = "") -> Page:
    """The alarm for this reader; `lead` is a line that comes first."""
    times = _times(incident, letter)
    shown = Shown(word(letter.words.get("page"), Shown.ALARM))
    if incident.phase is Phase.CLOSED:
        return Page("\n".join([bold(about(incident, reader)), escaped(outcome_line(incident, reader))]))
    head = [bold(heading(incident, reader)), escaped(_facts(incident, letter, reader, times))]
    if lead:
        head.insert(1, bold(lead))
    if letter.maybe_repeat:
        head.append(escaped(reader.text("maybe_repeat")))
    body = [bold(standing(incident, reader, letter.person)), *map(escaped, _details(incident, reader, letter.person))]
    if shown is Shown.OUTCOMES:
        todo = [bold(reader.text("choose_outcome"))]
    else:
        todo = [bold(reader.text("runbook")), *map(escaped, _runbook(incident, reader))]
    rows = rows_of(incident, reader, letter.person, shown, times)
    return Page("\n".join([*head, "", *body, "", *todo]), rows)


def heading(incident: IncidentView, reader: Reader) -> str:
    """The first line of an alarm: what it is, and who."""
    return reader.text(f"heading.{_kind(incident).value}", name=reader.name(incident.defender_name))


def about(incident: IncidentView, reader: Reader) -> str:
    """The first line of everything else about this incident: who, and its short name."""
    name = reader.name(incident.defender_name)
    return reader.text(f"about.{_kind(incident).value}", name=name, reference=incident.reference)


def standing(incident: IncidentView, reader: Reader, person: object) -> str:
    """Who has it, in one line."""
    if not held_now(incident) or incident.held_until is None:
        return reader.text("nobody_has_it")
    until = reader.time(incident.held_until)
    if incident.holder == person:
        return reader.text("you_have_it", until=until)
    holder = reader.name(incident.holder_name or "?")
    return reader.text("other_has_it", holder=holder, until=until)


def outcome_line(incident: IncidentView, reader: Reader) -> str:
    """How it ended."""
    outcome = "unknown" if incident.outcome is None else incident.outcome.value
    at = reader.time(incident.closed_at or incident.at)
    return reader.text("closed", at=at, outcome=reader.text(f"outcome.{outcome}"))


def tier_name(tier: object, reader: Reader) -> str:
    """What a tier of the chain is called: its own name, or the role that stands over the chain."""
    return reader.text(f"role.{tier}") if tier in OVERSEERS else reader.name(tier)


def _kind(incident: IncidentView) -> Kind:
    """What it is for those who are called: everything covert is handled as duress is."""
    return Kind.DURESS if incident.covert else incident.kind


def _facts(incident: IncidentView, letter: Letter, reader: Reader, times: int) -> str:
    parts = [incident.reference, reader.time(incident.opened_at)]
    if times > 1 and letter.words.get("again") is not True:
        parts.append(reader.text("repeat", times=times))
    return " · ".join(parts)


def _times(incident: IncidentView, letter: Letter) -> int:
    """Which call of this reader the message is."""
    told = number(letter.words.get("times"))
    return told or next((call.times for call in incident.calls if call.person == letter.person), 1)


def _details(incident: IncidentView, reader: Reader, person: object) -> list[str]:
    lines = []
    if incident.due_at is not None:
        lines.append(_due(incident, reader))
    if incident.slip_at is not None:
        lines.append(reader.text("slip", at=reader.time(incident.slip_at)))
    if incident.proposal is not None:
        by, outcome = reader.name(incident.proposal.by_name), reader.text(f"outcome.{incident.proposal.outcome.value}")
        lines.append(reader.text("proposed", by=by, outcome=outcome))
    if incident.place is not None:
        place = incident.place
        at = f"{place.latitude:.5f}, {place.longitude:.5f}"
        lines.append(reader.text("place", at=reader.time(place.at), place=at))
    if incident.checked_in_at is not None:
        lines.append(reader.text("checked_in", at=reader.time(incident.checked_in_at)))
    if incident.words is not None:
        lines.append(reader.text("came.text", at=reader.time(incident.words.at)))
        lines.append(f"“{reader.quote(' '.join(incident.words.text.split()), LONGEST_WORDS)}”")
    lines.append(reader.text("called", count=len(incident.calls)))
    told_already = held_now(incident) and incident.holder == person
    if incident.next is not None and not (incident.next.what == "lapse" and told_already):
        lines.append(_next(incident.next.what, reader.time(incident.next.at), reader))
    return lines


def _due(incident: IncidentView, reader: Reader) -> str:
    due_at = incident.due_at or incident.opened_at
    here, there = reader.time(due_at), reader.time(due_at, incident.defender_zone)
    if here == there:
        return reader.text("due", at=here)
    return reader.text("due_there", at=here, there=there, name=reader.name(incident.defender_name))


def _next(what: str, at: str, reader: Reader) -> str:
    if what in ("repeat", "lapse", "end_of_chain", "approval"):
        return reader.text(f"next.{what}", at=at)
    return reader.text("next.tier", tier=tier_name(what, reader), at=at)


def _runbook(incident: IncidentView, reader: Reader) -> list[str]:
    name = reader.name(incident.defender_name)
    return [
        f"{DONE if line in incident.ticked else OPEN} {place}. {reader.text(f'runbook.{line}', name=name)}"
        for place, line in enumerate(lines_of(incident), 1)
    ]
