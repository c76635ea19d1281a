"""Whatever either bot sends cannot be forwarded or saved, and no link in it is looked up by the messenger."""

import json
from collections.abc import Iterator

from rehearsal.messages import Call
from tests.stories.test_nothing_leaks import played
from tests.world import World

WITH_LINKS = ("sendMessage", "editMessageText")  # the others have no preview (Bot API, LinkPreviewOptions)


def calls(world: World) -> Iterator[tuple[Call, dict[str, object]]]:
    """Everything that both bots did in any chat, with what was said."""
    for chat in world.stage.messenger.chats.values():
        for call in chat.calls:
            yield call, json.loads(call.said)


async def test_nothing_that_is_sent_can_be_forwarded_or_saved(world: World) -> None:
    await played(world)
    sent = [(call.method, said) for call, said in calls(world) if call.method.startswith("send")]

    assert {"sendMessage", "sendLocation", "sendPhoto"} <= {method for method, _ in sent}
    assert [method for method, said in sent if said.get("protect_content") not in (True, "true", "True", "1")] == []


async def test_no_link_is_looked_up(world: World) -> None:
    await played(world)
    texts = [(call.method, said) for call, said in calls(world) if call.method in WITH_LINKS]

    assert set(WITH_LINKS) == {method for method, _ in texts}
    assert [
        method for method, said in texts
        if not isinstance(options := said.get("link_preview_options"), dict) or options.get("is_disabled") is not True
    ] == []  # fmt: skip
