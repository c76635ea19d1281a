"""Chains from the command line: whether somebody would be reached, and what to do when nobody would."""

from tests.front.conftest import Prompt


def test_a_sound_chain_is_exit_code_0(team: Prompt) -> None:
    team.done("responder", "add", "Harbour", "--role", "partner")
    team.enrol("Harbour")

    assert team.done("chain", "check") == "1 of 1 chains would reach somebody.\n"
    assert team.read("chain", "check") == [{"defender": "Ana", "faults": [], "doubts": []}]


def test_an_empty_first_tier_is_a_fault_of_each_defender(team: Prompt) -> None:
    team.done("defender", "add", "Ivo")
    team.done("defender", "add", "Mia")
    team.done("responder", "add", "Lea", "--role", "contact", "--for", "Mia")

    said = team.refused("chain", "check")

    ivo, mia = said.splitlines()
    assert ivo.startswith("Ivo: the first tier, contacts, is empty (nobody stands there): ")
    assert mia.startswith("Mia: the first tier, contacts, is empty (Lea has not agreed yet): ")


def test_a_first_tier_that_no_channel_reaches_is_a_fault(team: Prompt) -> None:
    from store import addresses, people
    from store.database import Tx

    def gone(tx: Tx) -> None:
        for one in people.responders(tx):
            for way in addresses.of_person(tx, one.id):
                addresses.disable(tx, way.id, "blocked")

    team.transact(gone)

    assert "nobody of the first tier, contacts, can be reached" in team.refused("chain", "check")


def test_protection_that_hangs_on_one_person_is_a_doubt(prompt: Prompt) -> None:
    prompt.done("defender", "add", "Ana")
    prompt.done("responder", "add", "Bo", "--role", "contact", "--for", "Ana")
    prompt.enrol("Ana", "Bo")

    [checked] = prompt.read("chain", "check")

    assert checked["faults"] == []
    assert [doubt.split(": ")[1].split(";")[0] for doubt in checked["doubts"]] == [
        "fewer than two people of the whole chain can be reached",
        "nobody stands in any tier after the first",
        "there is no coordinator to call when the chain has ended",
    ]


def test_a_chain_is_shown_as_it_would_be_called_now(team: Prompt) -> None:
    contacts, colleagues, lawyers, partners = team.read("chain", "show", "ana")

    assert (contacts["people"], contacts["after"], contacts["panic_after"]) == (["Bo", "Cleo"], 600, 0)
    assert (colleagues["people"], lawyers["people"], lawyers["panic_after"]) == ([], ["Dara"], 600)
    assert partners["approval"] is True
    assert "Bo, Cleo" in team.done("chain", "show", "Ana")
