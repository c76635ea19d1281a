"""Who erases somebody empties their chat before, is told what that leaves behind, and can begin again."""

import json
from typing import Any
from uuid import UUID, uuid4

import pytest
from aiohttp import web

from store import chat_messages, erasing, people
from store.database import Tx
from store.sealing import erase_subject
from tests.front.conftest import Prompt
from tocsin.emptying import empty_chat
from tocsin.opening import open_instance

TOKEN = "1001:" + "d" * 35


def spoken(tx: Tx) -> UUID:
    """Two messages stand in Ana's chat."""
    [ana] = people.defenders(tx)
    for number in (1, 2):
        chat_messages.note(tx, ana.id, "700000001", number, tx.now)
    return ana.id


def loses_key(tx: Tx, side: str) -> UUID:
    """The first person of a side has no data key any more."""
    everybody = people.defenders(tx) if side == "defender" else people.responders(tx)
    erase_subject(tx, everybody[0].id)
    return everybody[0].id


def test_what_stands_in_their_chat_and_cannot_be_deleted_any_more_is_counted(team: Prompt) -> None:
    team.transact(spoken)

    said = team.done("defender", "erase", "Ana", "--yes")

    assert "Messages that stand in their chat: 2." in said
    assert "Not reached: what the messenger or a phone keeps of the chat, and what responders were sent." in said


@pytest.mark.parametrize("takes", [True, False])
async def test_a_chat_is_emptied_as_far_as_the_messenger_deletes(
    prompt: Prompt, takes: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[dict[str, Any]] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(await request.json())
        return web.json_response({"ok": takes, "result": True}, status=200 if takes else 400)

    app = web.Application()
    app.router.add_post(f"/bot{TOKEN}/deleteMessages", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    monkeypatch.setenv("TOCSIN_DEFENDER_BOT_TOKEN", TOKEN)
    monkeypatch.setenv("TOCSIN_TELEGRAM_API", f"http://127.0.0.1:{runner.addresses[0][1]}")

    def added(tx: Tx) -> UUID:
        people.add_defender(tx, "Ana", language="en", zone="UTC", profile="standard", chain="default")
        return spoken(tx)

    async with open_instance() as instance:
        person = await instance.store.run(added)
        await empty_chat(instance, person)
        left = await instance.store.read(lambda tx: chat_messages.standing(tx, person))
    await runner.cleanup()

    [body] = asked
    assert body["chat_id"] == "700000001"
    assert sorted(body["message_ids"]) == [1, 2]
    assert left == (0 if takes else 2)


def test_a_messenger_that_does_not_answer_keeps_nobody_from_being_erased(
    team: Prompt, monkeypatch: pytest.MonkeyPatch
) -> None:
    team.transact(spoken)
    team.environ |= {"TOCSIN_DEFENDER_BOT_TOKEN": TOKEN, "TOCSIN_TELEGRAM_API": "http://127.0.0.1:9"}

    assert json.loads(team.done("defender", "erase", "Ana", "--yes", "--json"))["in_chat"] == 2


@pytest.mark.parametrize("side", ["defender", "responder"])
def test_somebody_without_a_key_is_listed_as_such_and_removed_by_id(team: Prompt, side: str) -> None:
    person = str(team.transact(lambda tx: loses_key(tx, side)))

    listed = team.type(side, "list")
    shown = team.refused(side, "show", person)
    erased = json.loads(team.done(side, "erase", person, "--json"))

    assert "for nobody to read: 1." in listed.stderr
    assert person in listed.stderr
    assert f"tocsin {side} erase" in shown
    assert (erased["subject"], erased["key"]) == (person, None)
    assert team.type(side, "list").stderr == ""


def test_an_erasure_that_was_cut_short_is_finished_by_the_next_command(team: Prompt) -> None:
    def cut_short(tx: Tx) -> UUID:
        [ana] = people.defenders(tx)
        erasing.begin(tx, "defender", ana.id)
        return ana.id

    person = team.transact(cut_short)
    team.transact(lambda tx: loses_key(tx, "defender"))

    listed = team.type("defender", "list")
    again = json.loads(team.done("defender", "erase", str(person), "--json"))

    assert listed.stderr == ""
    assert len(again["key"]) == 64


def test_erasing_again_by_id_shows_the_same_certificate(team: Prompt) -> None:
    first = json.loads(team.done("defender", "erase", "Ana", "--yes", "--json"))

    again = json.loads(team.done("defender", "erase", first["subject"], "--json"))

    assert {name: again[name] for name in ("subject", "key", "complete_on")} == {
        name: first[name] for name in ("subject", "key", "complete_on")
    }
    assert "There is no defender named" in team.refused("defender", "erase", str(uuid4()))


def test_a_responder_is_removed_before_they_are_erased(team: Prompt) -> None:
    assert "`tocsin responder remove` them first" in team.refused("responder", "erase", "Bo", "--yes")

    team.done("responder", "remove", "Bo")
    said = team.done("responder", "erase", "Bo", answer="bo\n")

    assert "Bo is erased." in said
    assert "There is no responder named" in team.refused("responder", "erase", "Bo", "--yes")
    assert [one["name"] for one in team.read("responder", "list")] == ["Cleo", "Dara", "Max"]
