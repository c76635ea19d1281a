"""The commands do what they say, and ask when they were not told enough."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from engine.acts import Act, CameBack, ChoseLanguage, ChoseZone, Left, Say, UsedButton, WentAway
from engine.letter import Operation
from engine.naming import name_of
from escalation.people import IncidentId
from responders.door import LANGUAGES, RespondersDoor
from responders.lengths import read_length
from responders.presses import Action, read, written
from responders.showing import page_of
from responders.zones import zones_named

from .made import CALLING, K7Q2, SAY, button, carried, letter, pressed, responder, turn, wrote


async def acts_of(door: RespondersDoor, update: dict[str, Any]) -> list[Act]:
    made = turn(responder(CALLING), query_id="4711" if "callback_query" in update else None)
    await door.door.read(update, made)
    return made.acts


async def acts_of_press(door: RespondersDoor, says: str) -> list[Act]:
    """What a press of the button that says this notes, besides that it is used up."""
    made = turn(responder(CALLING), query_id="4711", pressed=button(says))
    await door.door.read(pressed(carried(says)), made)
    return [act for act in made.acts if not isinstance(act, UsedButton)]


def said(template: str, **words: Any) -> list[Act]:
    return [Say(Operation.SEND, f"responder.{template}", words)]


async def test_open_lists_what_this_person_was_alarmed_about(door: RespondersDoor) -> None:
    [act] = await acts_of(door, wrote("/open"))

    assert isinstance(act, Say)
    entry = {"incident": str(K7Q2), "reference": "K7Q2"}
    assert act.words == {"incidents": [{**entry, "name": name_of(CALLING.defender)}]}
    words = {"incidents": [{**entry, "name": "Ana"}]}
    page = page_of(letter(act.template, words=words), SAY, LANGUAGES)
    [[(label, data)]] = page.rows
    press = read(data)
    assert (page.text, label) == ("1 alarm is open for you.", "K7Q2 · Ana")
    assert press is not None
    assert (press.action, press.incident) == (Action.SHOW, K7Q2)


async def test_more_open_alarms_than_one_message_can_hold_come_in_several(door: RespondersDoor) -> None:
    many = [replace(CALLING, id=IncidentId(UUID(int=number))) for number in range(120)]
    made = turn(responder(*many))

    await door.door.read(wrote("/open"), made)

    rows = [
        page_of(letter(act.template, words=act.words), SAY, LANGUAGES).rows for act in made.acts if isinstance(act, Say)
    ]
    assert [len(each) for each in rows] == [50, 50, 20]
    assert len({data for each in rows for row in each for _, data in row}) == 120


async def test_open_says_so_when_nothing_is() -> None:
    page = page_of(letter("responder.open_list", words={"incidents": []}), SAY, LANGUAGES)

    assert (page.text, page.rows) == ("Nothing is open for you.", ())


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("8h", timedelta(hours=8)), ("8", timedelta(hours=8)), ("2 days", timedelta(days=2)),
        ("30 min", timedelta(minutes=30)),
        ("1d 12h", timedelta(days=1, hours=12)), ("1d12h", timedelta(days=1, hours=12)), ("8ч", timedelta(hours=8)),
        ("٨", timedelta(hours=8)), ("3 jours", timedelta(days=3)), ("8H", timedelta(hours=8)),
    ],
)  # fmt: skip
async def test_away_understands_how_people_write_it(door: RespondersDoor, text: str, length: timedelta) -> None:
    assert await acts_of(door, wrote(f"/away {text}")) == [WentAway(length)]


@pytest.mark.parametrize("text", ["", "soon", "h", "-3h", "0h", "8 bananas", "8h!"])
async def test_away_asks_for_what_it_does_not_understand(door: RespondersDoor, text: str) -> None:
    assert await acts_of(door, wrote(f"/away {text}".strip())) == said("away_question")


async def test_away_has_an_end(door: RespondersDoor) -> None:
    assert await acts_of(door, wrote("/away 31d")) == said("away_too_long")
    assert read_length("99999d") == timedelta(days=99999)


async def test_away_can_be_pressed(door: RespondersDoor) -> None:
    acts = await acts_of_press(door, written(Action.AWAY, None, 24))

    assert acts[1:] == [WentAway(timedelta(hours=24))]


async def test_back_is_back(door: RespondersDoor) -> None:
    assert await acts_of(door, wrote("/back")) == [CameBack()]


async def test_a_language_is_chosen_by_its_own_name(door: RespondersDoor) -> None:
    assert await acts_of(door, wrote("/language")) == said("language_question")

    acts = await acts_of_press(door, written(Action.LANGUAGE, None, "fr"))

    assert acts[0] == ChoseLanguage("fr")
    assert acts[2] == Say(Operation.EDIT, "responder.language_set", {}, "9")


@pytest.mark.parametrize("text", ["America/Bogota", "bogota", "BOGOTA", "america/bogota"])
async def test_a_zone_is_found_by_its_city(door: RespondersDoor, text: str) -> None:
    acts = await acts_of(door, wrote(f"/zone {text}"))

    assert acts == [ChoseZone("America/Bogota"), *said("zone_set", zone="America/Bogota")]


async def test_a_city_of_two_words_is_found() -> None:
    assert zones_named("new york") == ("America/New_York",)


async def test_a_zone_that_could_be_several_is_asked_for(door: RespondersDoor) -> None:
    [act] = await acts_of(door, wrote("/zone argentina"))

    assert isinstance(act, Say)
    assert act.template == "responder.zone_choice"
    page = page_of(letter(act.template, words=act.words), SAY, LANGUAGES)
    assert len(page.rows) == 8
    assert (await acts_of_press(door, page.rows[0][0][1]))[1] == ChoseZone("America/Argentina/Buenos_Aires")


@pytest.mark.parametrize(("text", "template"), [("/zone", "zone_question"), ("/zone Atlantis", "zone_unknown")])
async def test_a_zone_that_is_not_found_is_explained(door: RespondersDoor, text: str, template: str) -> None:
    [act] = await acts_of(door, wrote(text))

    assert isinstance(act, Say)
    assert act.template == f"responder.{template}"


async def test_leaving_is_asked_once_more(door: RespondersDoor) -> None:
    assert await acts_of(door, wrote("/leave")) == said("leave_question")
    assert (await acts_of_press(door, written(Action.STAY)))[1:] == [Say(Operation.EDIT, "responder.stays", {}, "9")]
    assert await acts_of_press(door, written(Action.LEAVE)) == [Left()]


@pytest.mark.parametrize("text", ["/help", "/start", "/start OLD-CODE", "/nonsense", "/OPENING"])
async def test_every_other_command_is_answered_with_help(door: RespondersDoor, text: str) -> None:
    assert await acts_of(door, wrote(text)) == said("help")
