"""What is said about an incident besides the alarm itself: who has it, news, proposals, and how it ended."""

from engine.letter import Letter
from engine.views import IncidentView
from escalation.incident_state import Phase
from escalation.incident_words import News, Outcome

from .alarm import about, alarm_page, tier_name
from .alarm_buttons import proposal_row, show_row
from .answers import answer_text
from .page import Page, Rows, button
from .presses import Action
from .wording import Reader, bold, escaped, number, word


def held(incident: IncidentView, letter: Letter, reader: Reader) -> Page:
    """Somebody else has it now."""
    until = reader.time(word(letter.words.get("until")))
    text = reader.text("held", holder=reader.name(letter.words.get("holder_name")), until=until)
    return _notice(incident, letter, reader, text)


def lapsed(incident: IncidentView, letter: Letter, reader: Reader) -> Page:
    """The reader's own hold went quiet; with the alarm's buttons, to take it again or tell."""
    return alarm_page(incident, letter, reader, reader.text("lapsed"))


def end_of_chain(incident: IncidentView, letter: Letter, reader: Reader) -> Page:
    """Everybody was called and nobody has it; with the alarm's buttons."""
    lead = reader.text("end_of_chain", round=number(letter.words.get("round"), 1))
    return alarm_page(incident, letter, reader, lead)


def approval(incident: IncidentView, letter: Letter, reader: Reader) -> Page:
    """May the next tier be called?"""
    words = letter.words
    until = reader.time(word(words.get("until")))
    text = reader.text("approval", tier=tier_name(words.get("tier"), reader), until=until)
    seen = (number(words.get("round")), number(words.get("step")))
    return _notice(incident, letter, reader, text, ((button(reader, "approve", Action.APPROVE, incident.id, *seen),),))


def second(incident: IncidentView, letter: Letter, reader: Reader) -> Page:
    """Somebody said how it ended; does the reader agree?"""
    outcome = reader.text(f"outcome.{Outcome(word(letter.words.get('outcome'))).value}")
    text = reader.text("second", by=reader.name(letter.words.get("by_name")), outcome=outcome)
    row = proposal_row(incident.id, number(letter.words.get("number")), reader)
    return _notice(incident, letter, reader, text, (row,))


def disputed(incident: IncidentView, letter: Letter, reader: Reader) -> Page:
    """Somebody did not agree; it goes on."""
    return _notice(incident, letter, reader, reader.text("disputed", by=reader.name(letter.words.get("by_name"))))


def news(incident: IncidentView, letter: Letter, reader: Reader) -> Page:
    """Something became known."""
    what = News(word(letter.words.get("news")))
    by = reader.name(word(letter.words.get("by_name"), "?"))
    text = reader.text(f"news.{what.value}", name=reader.name(incident.defender_name), by=by)
    told = reader.quote(word(letter.words.get("text")))
    return _notice(incident, letter, reader, f"{text}\n{told}" if told else text)


def all_clear(incident: IncidentView, letter: Letter, reader: Reader) -> Page:
    """How it ended, to everyone who was alarmed."""
    outcome = Outcome(word(letter.words.get("outcome")))
    given = letter.words.get("by_names")
    names = [reader.name(name) for name in given] if isinstance(given, list) else []
    by = reader.text("all_clear_by", names=reader.list(names)) if names else reader.text("all_clear_by_check_in")
    text = f"{reader.text('all_clear', outcome=reader.text(f'outcome.{outcome.value}'))} {by}"
    return _notice(incident, letter, reader, text)


def answer(incident: IncidentView, letter: Letter, reader: Reader) -> Page:
    """What is now true, where there is no press to answer."""
    return _notice(incident, letter, reader, answer_text(letter, reader))


def _notice(incident: IncidentView, letter: Letter, reader: Reader, text: str, rows: Rows = ()) -> Page:
    lines = [bold(about(incident, reader)), escaped(text)]
    if letter.maybe_repeat:
        lines.append(escaped(reader.text("maybe_repeat")))
    if incident.phase is Phase.CLOSED:
        return Page("\n".join(lines))
    show = show_row(incident, reader)
    return Page("\n".join(lines), (*rows, show))
