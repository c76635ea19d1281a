"""What is said outside of alarms: the briefing, the commands' replies, and notices that belong to no incident."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from engine.letter import Letter, Words
from escalation.lowering import Want
from escalation.people import Role

from .alarm import tier_name
from .page import Button, Page, button, in_rows
from .presses import Action, written
from .wording import Reader, bold, escaped, kept_as_it_is, language_name, word

TROUBLES = frozenset(
    {
        "set_aside", "unreachable", "nobody_reachable", "not_decided", "locked", "responder_left", "defender_left",
        "first_tier_empty", "checkpoint_not_kept", "check_waits", "check_ran_out",
        "chat_not_swept", "chat_not_emptied", "unheard", "clock_put_back", "call_waits",
        "audit", "peer_unwell", "peer_back", "bot_gone",
    }
)  # fmt: skip
AWAY_HOURS = (8, 24, 72)
PLAIN = frozenset(
    {
        "active", "left", "back", "agree_first", "tell_cancelled", "closed_meanwhile", "only_words", "no_edits", "lost",
        "help", "stays", "language_set", "away_too_long", "trial",
    }
)  # fmt: skip


def conversation_page(letter: Letter, reader: Reader, languages: Sequence[str]) -> Page:
    """What `letter` says. Raises KeyError for a template that is none of ours."""
    key, words = letter.template.removeprefix("responder."), letter.words
    if key in PLAIN:
        return Page(escaped(reader.text(key)))
    notice = {"lowering": _lowering, "checkpoint": _checkpoint, "trouble": _trouble}.get(key)
    if notice is not None:
        return notice(words, reader)
    match key:
        case "welcome":
            return _welcome(words, reader, languages)
        case "check" | "tell":
            spoken, reference = word(words.get("words")), word(words.get("reference"))
            return Page(escaped(reader.text(key, words=spoken, reference=reference)))
        case "open_list":
            return _open_list(words.get("incidents"), reader)
        case "away":
            return Page(escaped(reader.text("away", until=reader.time(word(words.get("until"))))))
        case "away_question":
            hours = (button(reader, "hours", Action.AWAY, None, count, count=count) for count in AWAY_HOURS)
            return Page(escaped(reader.text("away_question")), in_rows(hours, 3))
        case "language_question":
            return Page(escaped(reader.text("language_question")), _languages(languages))
        case "zone_question" | "zone_unknown" | "zone_set":
            return Page(escaped(reader.text(key, zone=_place(word(words.get("zone"), letter.zone)))))
        case "zone_choice":
            return _zone_choice(words.get("zones"), reader)
        case "leave_question":
            buttons = (button(reader, "leave", Action.LEAVE), button(reader, "stay", Action.STAY))
            return Page(escaped(reader.text("leave_question")), (buttons,))
        case _:
            raise KeyError(letter.template)


def _welcome(words: Mapping[str, Words], reader: Reader, languages: Sequence[str]) -> Page:
    role = Role(word(words.get("role")))
    lines = [
        bold(reader.text("welcome", role=reader.text(f"role.{role.value}"))),
        escaped(reader.text(f"briefing.{role.value}")),
        "",
        escaped(reader.text("briefing")),
    ]
    text = "\n".join(lines)
    if words.get("agreed"):
        return Page(text)
    consent = (button(reader, "agree", Action.AGREE), button(reader, "decline", Action.LEAVE))
    return Page(text, (*_languages(languages), consent))


def _languages(languages: Sequence[str]) -> tuple[tuple[tuple[str, str], ...], ...]:
    return in_rows(((language_name(code), written(Action.LANGUAGE, None, code)) for code in languages), 3)


def _open_list(incidents: Words, reader: Reader) -> Page:
    found = [one for one in incidents if isinstance(one, dict)] if isinstance(incidents, list) else []
    if not found:
        return Page(escaped(reader.text("nothing_open")))
    rows = tuple((_entry(one, reader),) for one in found)
    return Page(escaped(reader.text("open_list", count=len(found))), rows)


def _zone_choice(zones: Words, reader: Reader) -> Page:
    names = [str(zone) for zone in zones] if isinstance(zones, list) else []
    choice = ((_place(name), written(Action.ZONE, None, name)) for name in names)
    return Page(escaped(reader.text("zone_choice")), in_rows(choice, 1))


def _entry(incident: Mapping[str, Words], reader: Reader) -> Button:
    label = f"{word(incident.get('reference'))} · {reader.name(word(incident.get('name')))}"
    return label, written(Action.SHOW, UUID(word(incident.get("incident"))))


def _lowering(words: Mapping[str, Words], reader: Reader) -> Page:
    name = reader.name(word(words.get("name"), "?"))
    what = reader.text(f"lowering.{Want(word(words.get('want'))).value}")
    text = reader.text("lowering", name=name, begins_at=reader.time(word(words.get("begins_at"))), what=what)
    return Page(f"{escaped(text)}\n\n{_covert(name, reader)}" if words.get("covert") else escaped(text))


def _checkpoint(words: Mapping[str, Words], reader: Reader) -> Page:
    return Page(f"{escaped(reader.text('checkpoint'))}\n\n{kept_as_it_is(word(words.get('note')))}")


def _trouble(words: Mapping[str, Words], reader: Reader) -> Page:
    what = word(words.get("what"))
    key = what if what in TROUBLES else "other"
    name, tier = reader.name(word(words.get("name"), "?")), tier_name(words.get("tier"), reader)
    count = int(word(words.get("count"), "0"))
    text = reader.text(f"trouble.{key}", name=name, tier=tier, count=count)
    told = f"{bold(reader.text('trouble'))}\n{escaped(text)}"
    return Page(f"{told}\n\n{_covert(name, reader)}" if words.get("covert") else told)


def _covert(name: str, reader: Reader) -> str:
    return bold(reader.text("lowering.covert", name=name))


def _place(zone: str) -> str:
    return zone.replace("_", " ")
