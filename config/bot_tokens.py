"""The tokens of a side's bots: one, or several beside each other.

A bot is known by its number, which stands before the colon and stays when the messenger gives it another token.
"""

import re
from typing import NamedTuple

from pydantic import SecretStr
from pydantic_core import PydanticCustomError

TOKEN = re.compile(r"[0-9]{1,18}:[A-Za-z0-9_-]{1,100}")
NO_TOKEN = "this is no bot token: copy the whole line that BotFather gave, such as 123456:ABC-DEF."  # nosec B105 # noqa: S105 - a sentence
SAME_BOT = "two of these tokens are of the same bot: keep the newer one, and make another bot if you want two."


class Bot(NamedTuple):
    """One of our bots: the number by which the messenger knows it, and its token."""

    number: int
    token: SecretStr


def read_tokens(value: object) -> str:
    """One token or several (a list, or with commas or spaces between them, or on lines), with one space between them.

    Raises PydanticCustomError with a sentence."""
    tokens = _parts(value)
    if not tokens or not all(TOKEN.fullmatch(token) for token in tokens):
        raise PydanticCustomError("setting", "{sentence}", {"sentence": NO_TOKEN})
    if len({bot.number for bot in bots_of(value)}) < len(tokens):
        raise PydanticCustomError("setting", "{sentence}", {"sentence": SAME_BOT})
    return " ".join(tokens)


def bots_of(value: object) -> tuple[Bot, ...]:
    """The bots whose tokens these are, in their order; what is no token is passed over."""
    tokens = [token for token in _parts(value) if TOKEN.fullmatch(token)]
    return tuple(Bot(int(token.partition(":")[0]), SecretStr(token)) for token in tokens)


def _parts(value: object) -> list[str]:
    texts = value if isinstance(value, list) else [value]
    return [part for text in texts for part in (text.replace(",", " ").split() if isinstance(text, str) else [""])]
