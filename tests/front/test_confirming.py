"""The spoken check from the command line: the words are shown and asked for, and only the right ones confirm."""

import pytest

from config.check_words import load_check_words
from engine import enrolment
from store import people, spoken_checks
from store.database import Tx
from tests.front.conftest import Prompt


@pytest.fixture
def waiting(prompt: Prompt) -> Prompt:
    """Ana and Bo have followed their invitations; Bo has agreed. Cleo was invited only."""
    codes = {"Ana": prompt.read("defender", "add", "Ana")["code"]}
    for name in ("Bo", "Cleo"):
        codes[name] = prompt.read("responder", "add", name, "--role", "contact", "--for", "Ana")["code"]

    def follow(tx: Tx) -> None:
        [ana] = people.defenders(tx)
        enrolment.begin(tx, "defender", ana.id, codes["Ana"], "7001")
        bo = next(one for one in people.responders(tx) if one.name == "Bo")
        enrolment.begin(tx, "responder", bo.id, codes["Bo"], "8001")
        people.change_responder(tx, bo.id, state="enrolling", consented_at=tx.now)

    prompt.transact(follow)
    return prompt


def words_of(prompt: Prompt, name: str) -> str:
    """The four words of somebody, as their chat shows them."""

    def read(tx: Tx) -> tuple[int, ...]:
        check = next(one for one in spoken_checks.waiting(tx) if people.name(tx, one.person) == name)
        return check.numbers

    known = load_check_words()
    return " ".join(known[number] for number in prompt.transact(read))


def state_of(prompt: Prompt, side: str, name: str) -> str:
    return str(prompt.read(side, "show", name)["state"])


def test_the_words_are_shown_and_asked_for(waiting: Prompt) -> None:
    words = words_of(waiting, "Bo")

    said = waiting.done("responder", "confirm", "bo", answer="y\n")

    assert all(word in said for word in words.split())
    assert "Bo is confirmed and counts from now on." in said
    assert state_of(waiting, "responder", "Bo") == "active"


def test_whoever_has_not_agreed_counts_as_soon_as_they_have(waiting: Prompt) -> None:
    said = waiting.done("defender", "confirm", "Ana", "--words", words_of(waiting, "Ana").upper())

    assert "as soon as they have agreed" in said
    assert state_of(waiting, "defender", "Ana") == "invited"


@pytest.mark.parametrize("answer", ["n\n", "\n"])
def test_saying_no_confirms_nobody_and_says_how_to_shut_a_thief_out(waiting: Prompt, answer: str) -> None:
    said = waiting.refused("responder", "confirm", "Bo", answer=answer)

    assert "`tocsin responder invite 'Bo'` shuts them out" in said
    assert state_of(waiting, "responder", "Bo") == "enrolling"


@pytest.mark.parametrize("change", [str.title, lambda words: f"  {words}  "])
def test_words_are_the_same_however_they_are_typed(waiting: Prompt, change: object) -> None:
    assert callable(change)

    waiting.done("responder", "confirm", "Bo", "--words", change(words_of(waiting, "Bo")))


@pytest.mark.parametrize("wrong", [slice(0, 3), slice(None, None, -1), slice(0, 0)])
def test_other_words_confirm_nobody(waiting: Prompt, wrong: slice) -> None:
    words = " ".join(words_of(waiting, "Bo").split()[wrong])

    assert "Nothing was confirmed" in waiting.refused("responder", "confirm", "Bo", "--words", words)
    assert state_of(waiting, "responder", "Bo") == "enrolling"


def test_who_waits_for_nothing_is_not_confirmed(waiting: Prompt) -> None:
    assert "Cleo has not followed an invitation yet" in waiting.refused("responder", "confirm", "Cleo")
    waiting.done("responder", "confirm", "Bo", "--words", words_of(waiting, "Bo"))

    assert "Bo was confirmed already" in waiting.refused("responder", "confirm", "Bo")


def test_everybody_is_told_who_waits(waiting: Prompt) -> None:
    listed = {one["name"]: one["waits_for_check"] for one in waiting.read("responder", "list")}

    assert listed == {"Bo": True, "Cleo": False}
    assert "waits for the four words" in waiting.done("defender", "list")
    assert "waits for the four words" in waiting.done("responder", "show", "Bo")
    doctor = waiting.type("doctor").stdout
    assert "Ana waits for the spoken check: `tocsin defender confirm 'Ana'`." in doctor
    assert "Bo waits for the spoken check: `tocsin responder confirm 'Bo'`." in doctor


def test_a_new_invitation_shuts_out_whoever_followed_the_last(waiting: Prompt) -> None:
    waiting.done("responder", "invite", "Bo")

    shown = waiting.read("responder", "show", "Bo")
    assert (shown["state"], shown["reached_by"], shown["waits_for_check"]) == ("invited", [], False)
