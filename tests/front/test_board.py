"""The board of the demo's page: what is open, who was called, what comes next, in the page's own words."""

import asyncio
from collections.abc import Callable
from typing import Any

from config.ladders import load_ladders
from engine.clock import SystemClock
from engine.happenings import Happenings
from engine.metrics import Metrics
from engine.planning import Book
from escalation import incident_words as said
from escalation.incident_words import Outcome
from escalation.people import ResponderId
from store import incidents, people
from store.database import Store, Tx
from store.keyring import Keyring
from tests.front.conftest import Prompt
from tests.front.test_incidents import call_for_help
from tocsin.board import read_board


def board_of(prompt: Prompt) -> Any:
    """What the page would be given now."""

    async def read() -> dict[str, object]:
        keyring = Keyring.load(prompt.data / "keys")
        store = await Store.open(f"sqlite:///{prompt.data / 'tocsin.sqlite'}", SystemClock().now, keyring)
        try:
            return await read_board(store)
        finally:
            await store.close()

    return asyncio.run(read())


def press(prompt: Prompt, name: str, event: Callable[[ResponderId], said.Event]) -> None:
    """Somebody presses a button of the one incident there is."""
    ladders = load_ladders()
    happenings = Happenings(Book(ladders.profiles, ladders.chains), Metrics())

    def pressed(tx: Tx) -> None:
        [incident] = incidents.recent(tx, 1)
        person = next(one for one in people.responders(tx) if one.name == name)
        happenings.to_incident(tx, incident, event(person.id))

    prompt.transact(pressed)


def test_an_incident_is_shown_with_its_tiers_and_its_story(team: Prompt) -> None:
    call_for_help(team)

    [incident] = board_of(team)["incidents"]

    assert (incident["kind"], incident["state"], incident["defender"], incident["holder"]) == (
        "panic",
        "held",
        "Ana",
        "Bo",
    )
    assert [(tier["name"], tier["people"], tier["asked"]) for tier in incident["tiers"]] == [
        ("Contacts", ["Bo", "Cleo"], 1),
        ("Coordinator", ["Max"], 1),
        ("Lawyers", ["Dara"], 0),
    ]
    assert incident["next"]["what"] == "Bo has no more time; everybody is called again"
    assert incident["next"]["at"] == incident["held_until"]
    assert incident["entries"][0]["text"] == "Ana called for help"


def test_who_cannot_and_what_waits_for_a_second_person_are_shown(team: Prompt) -> None:
    call_for_help(team)
    press(team, "Cleo", said.Declined)
    press(team, "Bo", lambda person: said.Closed(person, Outcome.SAFE))

    [incident] = board_of(team)["incidents"]

    assert [tier["cannot"] for tier in incident["tiers"]] == [["Cleo"], [], []]
    assert incident["proposal"] == "Bo says: safe. A second person must agree."


def test_what_is_over_says_so_and_nothing_comes_next(team: Prompt) -> None:
    reference = call_for_help(team)
    team.done("incident", "close", reference, "--outcome", "false_alarm", "--as", "Bo", "--as", "Max")

    [incident] = board_of(team)["incidents"]

    assert (incident["state"], incident["next"]) == ("closed: false_alarm", None)


def test_what_is_open_is_never_left_out_for_what_is_over(team: Prompt) -> None:
    first = call_for_help(team)
    for _ in range(4):
        team.done("drill", "Ana", "--yes")
        drill = next(one["reference"] for one in team.read("incident", "list", "--open") if one["kind"] == "drill")
        team.done("incident", "close", drill, "--outcome", "safe", "--as", "Bo")

    shown = board_of(team)["incidents"]

    assert (len(shown), shown[0]["reference"]) == (3, first)
