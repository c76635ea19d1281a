"""The stage: a pocket messenger that speaks Telegram's Bot API, with everybody's phones on one page.

Rules: bots come in over HTTP as to the real service and are told nothing else; people act through `Phone`;
time is the clock that was passed in, but waits, faults and flood limits are in real seconds.
Begin with `server.Stage`; what the messenger remembers is in `messenger`, how it speaks in `bot_api` and `methods`.
"""

from .accounts import BotAccount
from .clock import RehearsalClock
from .messages import Answer, Call, Message
from .phone import Phone
from .server import Stage

__all__ = ["Answer", "BotAccount", "Call", "Message", "Phone", "RehearsalClock", "Stage"]
