"""Incidents from the command line: shown with their story, closed by the same rules as in the responders' chats."""

from escalation import incident_words as said
from escalation.incident_words import Kind
from store import incidents, people
from store.database import Tx
from tests.front.conftest import Prompt


def call_for_help(team: Prompt) -> str:
    """Ana calls for help; gives the incident's reference."""
    from config.ladders import load_ladders
    from engine.happenings import Happenings
    from engine.metrics import Metrics
    from engine.planning import Book

    ladders = load_ladders()

    def called(tx: Tx) -> str:
        [ana] = people.defenders(tx)
        happenings = Happenings(Book(ladders.profiles, ladders.chains), Metrics())
        opened = happenings.open(tx, ana.id, Kind.PANIC, "panic:1")
        assert opened is not None
        bo = next(one for one in people.responders(tx) if one.name == "Bo")
        happenings.to_incident(tx, opened, said.TookIt(bo.id))
        return incidents.reference(tx, opened.id)

    return team.transact(called)


def test_an_open_incident_is_listed_with_what_comes_next(team: Prompt) -> None:
    reference = call_for_help(team)

    [listed] = team.read("incident", "list", "--open")

    assert (listed["reference"], listed["kind"], listed["phase"]) == (reference, "panic", "held")
    assert (listed["defender_name"], listed["holder_name"], listed["next"]["what"]) == ("Ana", "Bo", "lapse")
    assert team.done("incident", "list").splitlines()[1].startswith(f"{reference}\tpanic\tAna\t")


def test_the_story_of_an_incident_is_told_in_sentences(team: Prompt) -> None:
    reference = call_for_help(team)

    story = [line["text"] for line in team.read("incident", "show", reference.lower())["story"]]

    assert story[:3] == ["Ana called for help", "Contacts called: Bo and Cleo", "Coordinator called: Max"]
    assert story[3] == "Bo takes it"
    assert story[4].startswith("Bo has it until ")
    assert "Ana called for help" in team.done("incident", "show", reference)


def test_closing_a_call_for_help_takes_two(team: Prompt) -> None:
    reference = call_for_help(team)

    assert "a second person has to agree" in team.refused(
        "incident", "close", reference, "--outcome", "safe", "--as", "Bo"
    )
    assert "has said so already" in team.refused("incident", "close", reference, "--outcome", "safe", "--as", "Bo")
    assert "is closed" in team.done("incident", "close", reference, "--outcome", "safe", "--as", "Max")

    shown = team.read("incident", "show", reference)
    assert (shown["incident"]["phase"], shown["incident"]["outcome"]) == ("closed", "safe")
    assert shown["story"][-1]["text"] == "All-clear to 3 people: safe"
    assert team.read("incident", "list", "--open") == []


def test_two_names_close_it_at_once(team: Prompt) -> None:
    reference = call_for_help(team)

    team.done("incident", "close", reference, "--outcome", "confirmed", "--as", "cleo", "--as", "Max")

    assert team.read("incident", "show", reference)["incident"]["outcome"] == "confirmed"


def test_one_person_twice_is_one_person(team: Prompt) -> None:
    reference = call_for_help(team)

    said_so = team.refused("incident", "close", reference, "--outcome", "safe", "--as", "Bo", "--as", "bo")

    assert "a second person has to agree" in said_so
    assert [one["reference"] for one in team.read("incident", "list", "--open")] == [reference]


def test_nobody_closes_what_they_were_not_called_about(team: Prompt) -> None:
    reference = call_for_help(team)
    before = team.read("incident", "show", reference)["story"]

    said_so = team.refused("incident", "close", reference, "--outcome", "safe", "--as", "Bo", "--as", "Dara")

    assert "Dara was not called about this" in said_so
    assert team.read("incident", "show", reference)["story"] == before


def test_what_is_closed_or_unknown_is_refused_with_a_sentence(team: Prompt) -> None:
    reference = call_for_help(team)
    team.done("incident", "close", reference, "--outcome", "safe", "--as", "Bo", "--as", "Max")

    assert "closed already" in team.refused("incident", "close", reference, "--outcome", "safe", "--as", "Bo")
    assert "There is no incident" in team.refused("incident", "show", "ZZZZZZ")


def test_a_drill_asks_first_and_there_is_one_at_a_time(team: Prompt) -> None:
    assert team.type("drill", "Ana", answer="n\n").exit_code == 1
    assert team.read("incident", "list") == []

    assert "has begun" in team.done("drill", "Ana", answer="y\n")
    assert "is under way" in team.refused("drill", "Ana", "--yes")
    assert [(one["kind"], one["phase"]) for one in team.read("incident", "list")] == [("drill", "calling")]
