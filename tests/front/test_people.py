"""Defenders and responders from the command line: invited once, named once, found by name or id, gone when they go."""

import json
import re
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from escalation import watch as watch_machine
from escalation.incident_words import Kind
from escalation.ladder import Pace
from escalation.people import WatchId
from escalation.routine import Daily
from store import invitations, journal, people, watches
from store.database import Tx
from tests.front.conftest import Prompt

CODE = re.compile(r"(?:[0-9A-HJKMNP-TV-Z]{4}-){6}[0-9A-HJKMNP-TV-Z]{4}")
LIFE = timedelta(hours=72)


def agree_on_times(prompt: Prompt) -> None:
    """Ana has a daily check-in."""
    from datetime import time

    def agreed(tx: Tx) -> None:
        [ana] = people.defenders(tx)
        pace = Pace((), timedelta(minutes=10))
        watches.save(tx, watch_machine.begin(WatchId(UUID(int=7)), ana.id, Daily((time(9),), "UTC"), pace, tx.now))

    prompt.transact(agreed)


def test_adding_a_defender_prints_an_invitation_of_which_only_the_hash_is_kept(prompt: Prompt) -> None:
    added = prompt.read("defender", "add", "Ana", "--zone", "America/Bogota", "--profile", "high")

    assert CODE.fullmatch(added["code"])
    assert added["link"] is None  # there is no token to ask the messenger with
    left = datetime.fromisoformat(added["expires_at"]) - datetime.now(UTC)
    assert LIFE - timedelta(minutes=1) < left <= LIFE
    kept = b"".join(path.read_bytes() for path in prompt.data.rglob("*") if path.is_file())
    assert added["code"].encode() not in kept
    assert prompt.transact(lambda tx: invitations.redeem(tx, "defender", added["code"])) == UUID(added["id"])


def test_an_invitation_is_for_one_side(prompt: Prompt) -> None:
    added = prompt.read("responder", "add", "Max", "--role", "coordinator")

    assert prompt.transact(lambda tx: invitations.redeem(tx, "defender", added["code"])) is None


def test_a_new_invitation_takes_the_place_of_the_last(prompt: Prompt) -> None:
    first = prompt.read("defender", "add", "Ana")["code"]
    second = prompt.read("defender", "invite", "ana")["code"]

    assert prompt.transact(lambda tx: invitations.redeem(tx, "defender", first)) is None
    assert prompt.transact(lambda tx: invitations.redeem(tx, "defender", second)) is not None


def test_a_code_is_the_same_however_it_is_read_out(prompt: Prompt) -> None:
    code = f" {prompt.read('defender', 'add', 'Ana')['code'].lower().replace('-', '')} "

    assert prompt.transact(lambda tx: invitations.redeem(tx, "defender", code)) is not None


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("defender", "add", "  ana "), "There is a defender named 'ana' already"),
        (("defender", "add", " "), "A name has one to 80 letters"),
        (("defender", "add", "Ivo", "--zone", "Mars/Olympus"), "There is no time zone 'Mars/Olympus'"),
        (("defender", "add", "Ivo", "--profile", "brave"), "There is no profile 'brave': take low or standard or high"),
        (("defender", "add", "Ivo", "--chain", "gold"), "There is no chain 'gold': take default"),
        (("defender", "add", "Ivo", "--language", "tlh"), "There are no texts in 'tlh'"),
        (("responder", "add", "bo", "--role", "contact"), "There is a responder named 'bo' already"),
        (
            ("responder", "add", "Harbour", "--role", "contact", "--for", "Nobody"),
            "There is no defender named 'Nobody'",
        ),
        (
            ("responder", "add", "Harbour", "--role", "contact", "--for", "Ana", "--tier", "x"),
            "There is no tier 'x' for Ana",
        ),
        (("responder", "add", "Harbour", "--role", "lead", "--for", "Ana"), "stands in no tier"),
        (("responder", "add", "Harbour", "--role", "lawyer", "--mail", "not one"), "This is no e-mail address"),
        (("responder", "place", "Dara", "--for", "Ana", "--out"), "Dara was not placed there for Ana"),
        (("defender", "show", "Nobody"), "There is no defender named 'Nobody'"),
        (("defender", "invite", "Ana"), "needs no invitation"),
        (("defender", "pause", "Ana"), "Ana has no daily check-in that could be paused"),
        (("responder", "remove", "Nobody"), "There is no responder named 'Nobody'"),
    ],
)
def test_what_cannot_be_done_is_refused_with_a_sentence(team: Prompt, words: tuple[str, ...], said: str) -> None:
    before = team.read("defender", "list"), team.read("responder", "list")

    assert said in team.refused(*words)

    assert (team.read("defender", "list"), team.read("responder", "list")) == before


def test_a_person_is_found_by_name_in_any_case_or_by_id(team: Prompt) -> None:
    found = team.read("defender", "show", "ANA")

    assert team.read("defender", "show", found["id"]) == found
    assert found["tiers"] == {"contacts": ["Bo", "Cleo"], "colleagues": [], "lawyers": ["Dara"], "partners": []}


def test_a_listing_is_a_line_for_each_person(team: Prompt) -> None:
    lines = team.done("responder", "list").splitlines()

    assert [line.split("\t")[0] for line in lines] == ["Name", "Bo", "Cleo", "Dara", "Max"]
    assert "Ana (contacts)" in lines[1]


def test_no_address_is_shown(team: Prompt) -> None:
    team.done("responder", "add", "Harbour", "--role", "partner", "--mail", "harbour@example.org")

    shown = team.done("responder", "show", "Harbour") + team.done("responder", "list", "--json")

    assert "mail" in shown
    assert "harbour@example.org" not in shown


def test_the_bot_comes_before_mail_even_when_mail_was_there_first(prompt: Prompt) -> None:
    prompt.done("responder", "add", "Dara", "--role", "lawyer", "--mail", "dara@example.org")
    prompt.enrol("Dara")

    assert [way["channel"] for way in prompt.read("responder", "show", "Dara")["reached_by"]] == ["telegram", "mail"]


def test_a_responder_can_be_placed_and_taken_out_and_what_follows_is_said(team: Prompt) -> None:
    assert team.done("responder", "place", "Dara", "--for", "Ana", "--tier", "colleagues").startswith("Dara stands in")
    assert team.read("defender", "show", "Ana")["tiers"]["colleagues"] == ["Dara"]

    team.done("responder", "place", "Bo", "--for", "Ana", "--out")
    result = team.type("responder", "place", "Cleo", "--for", "Ana", "--out")

    assert result.exit_code == 0
    assert "Ana: the first tier, contacts, is empty" in result.stderr


def test_a_removed_responder_is_called_no_more_and_the_name_is_free(team: Prompt) -> None:
    team.done("responder", "remove", "Bo")

    assert "Bo" not in [one["name"] for one in team.read("responder", "list")]
    assert team.read("defender", "show", "Ana")["tiers"]["contacts"] == ["Cleo"]
    team.done("responder", "add", "Bo", "--role", "contact", "--for", "Ana")


def test_a_pause_lasts_72_hours_at_most_and_ends_by_itself(team: Prompt) -> None:
    agree_on_times(team)

    assert "at most 72 hours" in team.refused("defender", "pause", "Ana", "--for", "73h")
    assert "is no length of time" in team.refused("defender", "pause", "Ana", "--for", "a while")
    assert "Ana is left in peace until" in team.done("defender", "pause", "Ana", "--for", "2d")

    [watch] = team.read("defender", "show", "Ana")["watches"]
    left = datetime.fromisoformat(watch["paused_until"]) - datetime.now(UTC)
    assert watch["phase"] == "paused"
    assert timedelta(hours=47) < left <= timedelta(hours=48)


def test_a_pause_can_be_ended(team: Prompt) -> None:
    agree_on_times(team)
    team.done("defender", "pause", "Ana")

    assert "the next check-in is due" in team.done("defender", "pause", "Ana", "--end")
    assert [watch["phase"] for watch in team.read("defender", "show", "Ana")["watches"]] == ["waiting"]
    assert "Ana is not paused" in team.refused("defender", "pause", "Ana", "--end")


def test_erasing_asks_for_the_name(team: Prompt) -> None:
    assert "Nothing was erased" in team.refused("defender", "erase", "Ana", answer="Bo\n")
    assert [one["name"] for one in team.read("defender", "list")] == ["Ana"]

    team.done("defender", "erase", "Ana", answer="ana\n")
    assert team.read("defender", "list") == []


def test_nobody_is_erased_while_an_incident_is_open(team: Prompt) -> None:
    team.done("drill", "Ana", "--yes")

    assert "close it first" in team.refused("defender", "erase", "Ana", "--yes")
    assert [one["name"] for one in team.read("defender", "list")] == ["Ana"]
    assert [one["kind"] for one in team.read("incident", "list")] == [Kind.DRILL]


def test_what_was_erased_is_in_no_file(prompt: Prompt) -> None:
    prompt.done("defender", "add", "Anastasia of the River")
    certificate = json.loads(prompt.done("defender", "erase", "Anastasia of the River", "--yes", "--json"))
    entries = prompt.transact(lambda tx: journal.newest(tx, 1))

    everything = b"".join(path.read_bytes() for path in prompt.data.rglob("*") if path.is_file())
    assert b"Anastasia of the River" not in everything
    assert entries[0].event == "erased"
    assert entries[0].detail == {"key": certificate["key"], "complete_on": certificate["complete_on"]}
    assert len(certificate["key"]) == 64
