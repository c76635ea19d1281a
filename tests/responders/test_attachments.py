"""What Ana sends along reaches the responders; and if it cannot, they are told that something came."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from engine.letter import Letter
from rehearsal import BotAccount, Phone, Stage
from responders import attachments
from responders.door import RespondersDoor, open_door

from .conftest import TOKEN, Files
from .made import CALLING, NOW, SAY, covert, letter


def sent(kind: str, **words: Any) -> Letter:
    """The letter for something that Ana sent."""
    empty = dict.fromkeys(["text", "latitude", "longitude", "file_id", "file_name"])
    return letter("responder.attachment", CALLING, words={**empty, "kind": kind, "at": NOW.isoformat(), **words})


async def test_a_text_is_passed_on_as_it_was_written(bot: BotAccount, bo: Phone, door: RespondersDoor) -> None:
    await door.channel.deliver(str(bo.id), sent("text", text="They are <at> the door\nthree men"))

    [heard] = bo.heard(bot)
    assert heard.text == "Ana · K7Q2\nCame at 14:07:\nThey are <at> the door\nthree men"
    assert heard.labels == ["Show K7Q2"]


async def test_a_place_is_on_the_map_and_says_whose_it_is(bot: BotAccount, bo: Phone, door: RespondersDoor) -> None:
    await door.channel.deliver(str(bo.id), sent("place", latitude=4.6, longitude=-74))

    [heard] = bo.heard(bot)
    assert heard.place is not None
    assert (heard.place.lat, heard.place.lon) == (4.6, -74.0)
    assert heard.labels == ["Ana · 14:07 · K7Q2"]


@pytest.mark.parametrize(("kind", "word"), [("photo", "photo"), ("voice", "voice message"), ("document", "file")])
async def test_a_file_is_fetched_and_handed_on(
    bot: BotAccount, bo: Phone, door: RespondersDoor, files: Files, kind: str, word: str
) -> None:
    files.kept["F1"] = b"\xff\xd8 the bytes"

    receipt = await door.channel.deliver(str(bo.id), sent(kind, file_id="F1", file_name="list.pdf", text="look"))

    [heard] = bo.heard(bot)
    assert (heard.kind, heard.data, heard.protected) == (kind, b"\xff\xd8 the bytes", True)
    assert heard.caption == f"Ana · K7Q2\nA {word} came at 14:07.\nlook"
    assert receipt.message_id == str(heard.id)


@pytest.mark.parametrize(("kind", "word"), [("photo", "photo"), ("voice", "voice message"), ("document", "file")])
async def test_a_file_that_is_gone_is_still_told_of(
    bot: BotAccount, bo: Phone, door: RespondersDoor, kind: str, word: str
) -> None:
    await door.channel.deliver(str(bo.id), sent(kind, file_id="F1", text="look"))

    [heard] = bo.heard(bot)
    assert heard.text.splitlines()[1:] == [
        f"A {word} came at 14:07, but it could not be fetched. Ask a coordinator for it.",
        "look",
    ]


class Hanging:
    """A messenger of defenders that never answers."""

    async def fetch(self, file_id: str) -> bytes:
        await asyncio.Event().wait()
        raise AssertionError("unreachable")


async def test_a_file_that_takes_too_long_is_told_of_in_time(
    stage: Stage, bot: BotAccount, bo: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attachments, "FETCH_TIMEOUT", 0.01)
    door = open_door(token=TOKEN, api=stage.url, say=SAY, attachments=Hanging())

    await door.channel.deliver(str(bo.id), sent("photo", file_id="F1"))
    await door.close()

    assert "could not be fetched" in bo.heard(bot)[0].text


async def test_what_came_covertly_says_so_first(bot: BotAccount, bo: Phone, door: RespondersDoor) -> None:
    words = sent("text", text="where are you").words
    await door.channel.deliver(str(bo.id), letter("responder.attachment", covert(), words=words))

    assert bo.heard(bot)[0].text.startswith("COVERT · Ana · K7Q2. Do not contact them.")


async def test_the_longest_text_and_caption_fit(bot: BotAccount, bo: Phone, door: RespondersDoor, files: Files) -> None:
    files.kept["F1"] = b"x"

    await door.channel.deliver(str(bo.id), sent("text", text="&" * 4096))
    await door.channel.deliver(str(bo.id), sent("photo", file_id="F1", text="😀" * 1024))

    assert [len(message.says) > 300 for message in bo.heard(bot)] == [True, True]


def refused(stage: Stage, bot: BotAccount, *methods: str) -> None:
    """Have the messenger refuse these ways of handing a file on, as it does for a receiver who wants no voice."""
    for method in methods:
        stage.faults.fail(bot, 400, method=method)


@pytest.mark.parametrize(("kind", "method"), [("photo", "sendPhoto"), ("voice", "sendVoice")])
async def test_what_is_refused_as_a_picture_or_a_voice_is_handed_on_as_a_file(
    stage: Stage, bot: BotAccount, bo: Phone, door: RespondersDoor, files: Files, kind: str, method: str
) -> None:
    files.kept["F1"] = b"the bytes"
    refused(stage, bot, method)

    await door.channel.deliver(str(bo.id), sent(kind, file_id="F1"))

    [heard] = bo.heard(bot)
    assert (heard.kind, heard.data) == ("document", b"the bytes")


async def test_a_file_that_is_refused_in_every_way_is_still_told_of(
    stage: Stage, bot: BotAccount, bo: Phone, door: RespondersDoor, files: Files
) -> None:
    files.kept["F1"] = b"the bytes"
    refused(stage, bot, "sendVoice", "sendDocument")

    await door.channel.deliver(str(bo.id), sent("voice", file_id="F1"))

    [heard] = bo.heard(bot)
    assert "could not be fetched" in heard.text


async def test_a_large_file_is_not_uploaded_again_and_again(
    bot: BotAccount, bo: Phone, door: RespondersDoor, files: Files
) -> None:
    files.kept["F1"] = b"x" * 3_000_000

    await door.channel.deliver(str(bo.id), replace(sent("document", file_id="F1"), maybe_repeat=True))

    [heard] = bo.heard(bot)
    assert "could not be fetched" in heard.text


async def test_the_name_of_a_file_ends_in_what_the_file_is(
    bot: BotAccount, bo: Phone, door: RespondersDoor, files: Files
) -> None:
    files.kept["F1"] = b"x"

    await door.channel.deliver(str(bo.id), sent("document", file_id="F1", file_name='ма"рт\u202egnp.\n exe'))

    [heard] = bo.heard(bot)
    assert heard.file is not None
    assert heard.file.name == 'ма"ртgnp. exe'
