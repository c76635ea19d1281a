"""Asking the messenger who a bot is (Bot API, getMe), with a time limit, and without its token in any message."""

from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime

import aiohttp
from pydantic import SecretStr

ASK_TIMEOUT = 8.0  # seconds


class NotKnown(Exception):
    """The messenger knows no bot with this token."""


class OutOfReach(Exception):
    """The messenger does not answer, or not as a messenger would; the message is a word for it."""


@dataclass(frozen=True, slots=True)
class BotFacts:
    """What the messenger says about a bot. `messenger_time` is that of its answer, None when it gave none."""

    id: int
    username: str
    messenger_time: datetime | None


async def ask_who(token: SecretStr, api: str) -> BotFacts:
    """Who the bot of `token` is. Raises NotKnown or OutOfReach."""
    address = f"{api}/bot{token.get_secret_value()}/getMe"
    try:
        timeout = aiohttp.ClientTimeout(total=ASK_TIMEOUT)
        async with aiohttp.ClientSession(timeout=timeout) as session, session.get(address) as answer:
            if answer.status in (401, 404):
                raise NotKnown
            content = await answer.json(content_type=None)
            date = answer.headers.get("Date")
        bot = content["result"]
        return BotFacts(int(bot["id"]), str(bot["username"]), parsedate_to_datetime(date) if date else None)
    except (aiohttp.ClientError, TimeoutError, OSError) as failure:
        raise OutOfReach(type(failure).__name__) from None
    except (ValueError, KeyError, TypeError):
        raise OutOfReach("not a Bot API") from None


async def username_of(token: SecretStr | None, api: str) -> str | None:
    """The bot's username; None when it cannot be had now."""
    if token is None:
        return None
    try:
        return (await ask_who(token, api)).username
    except (NotKnown, OutOfReach):
        return None
