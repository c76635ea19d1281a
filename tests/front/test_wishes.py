"""A coordinator sees what waits to leave a defender less watched, and takes it back; nobody sees what the code said."""

from datetime import timedelta
from uuid import uuid4

import pytest

from escalation.lowering import Verdict, Want, Wish, begin
from escalation.people import LoweringId
from store import journal, lowerings, people
from store.database import Tx
from tests.front.conftest import Prompt

DAY = timedelta(hours=24)


def ask(team: Prompt, want: Want, verdict: Verdict) -> None:
    """Ana has asked for something with her code, an hour ago."""

    def asked(tx: Tx) -> None:
        [ana] = people.defenders(tx)
        wish = Wish(want, length=DAY) if want is Want.PAUSE else Wish(want)
        lowerings.save(tx, begin(LoweringId(uuid4()), ana.id, wish, verdict, DAY, tx.now))

    team.transact(asked)


@pytest.mark.parametrize("verdict", [Verdict.GOOD, Verdict.FORCED])
def test_what_waits_is_shown_alike_whatever_the_code_said(team: Prompt, verdict: Verdict) -> None:
    ask(team, Want.PAUSE, verdict)
    ask(team, Want.CODE, verdict)

    shown = team.read("defender", "wishes", "Ana")

    assert [set(one) for one in shown["waiting"]] == [{"want", "begins_at"}] * 2
    assert sorted(one["want"] for one in shown["waiting"]) == ["code", "pause"]
    assert shown["covert"] is False
    assert "no check-ins for a while" in team.done("defender", "wishes", "Ana")


def test_what_will_not_take_effect_does_not_wait(team: Prompt) -> None:
    ask(team, Want.LEAVE, Verdict.WRONG)
    ask(team, Want.CODE, Verdict.WRONG)
    ask(team, Want.SIGN, Verdict.GOOD)

    assert team.read("defender", "wishes", "Ana") == {"waiting": [], "covert": False}
    assert "Nothing waits" in team.refused("defender", "keep", "Ana", "--by", "Max")


def test_a_coordinator_takes_it_back_and_the_journal_says_who(team: Prompt) -> None:
    ask(team, Want.PAUSE, Verdict.GOOD)
    ask(team, Want.LEAVE, Verdict.GOOD)

    said = team.done("defender", "keep", "Ana", "--by", "Max")

    [entry] = team.transact(lambda tx: journal.newest(tx, 1))
    max_ = next(one["id"] for one in team.read("responder", "list") if one["name"] == "Max")
    assert "no check-ins for a while" in said
    assert "to leave" in said
    assert (entry.event, str(entry.actor)) == ("kept_as_it_is", max_)
    assert sorted(map(str, entry.detail["wants"])) == ["leave", "pause"]  # type: ignore[arg-type]
    assert team.read("defender", "wishes", "Ana")["waiting"] == []


def test_what_was_forced_still_raises_its_alarm_when_it_is_taken_back(team: Prompt) -> None:
    ask(team, Want.LEAVE, Verdict.FORCED)

    team.done("defender", "keep", "Ana", "--by", "Max")
    shown = team.type("defender", "wishes", "Ana")

    assert [one["kind"] for one in team.read("incident", "list")] == ["duress"]
    assert "do not ask them about it" in shown.stderr


@pytest.mark.parametrize("name", ["Bo", "Dara"])
def test_only_who_coordinates_takes_anything_back(team: Prompt, name: str) -> None:
    ask(team, Want.PAUSE, Verdict.GOOD)

    assert "does not coordinate" in team.refused("defender", "keep", "Ana", "--by", name)
    assert len(team.read("defender", "wishes", "Ana")["waiting"]) == 1
