"""Emptying a defender's chat before they are erased, for afterwards nobody knows which messages stand in it."""

import asyncio
from typing import TYPE_CHECKING
from uuid import UUID

import aiohttp

from .opening import Instance

if TYPE_CHECKING:
    from store.chat_messages import Standing
    from store.database import Tx

WITHIN = 20.0  # seconds for the whole chat; whoever erases waits for it
AT_ONCE = 100  # messages in one call (Bot API, deleteMessages)


async def empty_chat(instance: Instance, defender: UUID) -> None:
    """Delete, for both sides, what of a defender's chats is known and can be deleted. What cannot be now, stays known.

    Without the token of a bot, nothing is done in the chat with it."""
    from store import bots, chat_messages

    given = instance.settings.bots("defender")
    if not given:
        return
    names = await instance.store.run(lambda tx: bots.begin(tx, "defender", [bot.number for bot in given]))
    tokens = {name: bot.token.get_secret_value() for name, bot in zip(names, given, strict=True)}
    known = await instance.store.run(lambda tx: chat_messages.deletable(tx, defender))
    try:
        async with asyncio.timeout(WITHIN), aiohttp.ClientSession() as session:
            for some in _in_calls(known):
                chat, bot = bots.apart(some[0].chat)
                if bot not in tokens:
                    continue
                address = f"{instance.settings.telegram_api}/bot{tokens[bot]}/deleteMessages"
                body = {"chat_id": chat, "message_ids": [one.message_id for one in some]}
                async with session.post(address, json=body) as answer:
                    if answer.status == 200:
                        await instance.store.run(lambda tx, some=some: _gone(tx, defender, some))  # type: ignore[misc]
    except (aiohttp.ClientError, TimeoutError, OSError):
        return


def _gone(tx: "Tx", defender: UUID, messages: "list[Standing]") -> None:
    from escalation.people import DefenderId
    from store import chat_messages

    numbers = [one.message_id for one in messages]
    chat_messages.gone(tx, DefenderId(defender), messages[0].chat, numbers)


def _in_calls(messages: "list[Standing]") -> "list[list[Standing]]":
    """Messages of one chat at a time, a hundred at most."""
    by_chat: dict[str, list[Standing]] = {}
    for one in messages:
        by_chat.setdefault(one.chat, []).append(one)
    return [those[at : at + AT_ONCE] for those in by_chat.values() for at in range(0, len(those), AT_ONCE)]
