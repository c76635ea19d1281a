"""What the messenger's refusals mean for a delivery. One place; permanent before transient, for in the library a
BadRequest is a NetworkError. Reasons are words of ours: the library's texts may name a chat.
"""

from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, TelegramError

from engine.letter import DeliveryFailure, OutcomeUnknown, PermanentFailure, TemporaryFailure
from responders.aiohttp_request import BrokenOff, SlowDown

NOBODY_THERE = ("chat not found", "user not found", "peer_id_invalid", "user is deactivated", "chat_id is empty")
UNCHANGED = "message is not modified"
TOO_LATE_TO_ANSWER = "query is too old"
NOT_THERE_ANY_MORE = "message to delete not found"


def failure_for(error: TelegramError) -> DeliveryFailure:
    """The failure that the engine knows for this refusal."""
    match error:
        case ChatMigrated():
            return PermanentFailure("chat_moved", moved_to=str(error.new_chat_id))
        case Forbidden():
            return PermanentFailure("blocked", address_is_dead=True)
        case InvalidToken():
            return TemporaryFailure("token_refused")  # the token's fault and no chat's: nobody is passed over for it
        case BadRequest():
            dead = any(says(error, words) for words in NOBODY_THERE)
            return PermanentFailure("nobody_there" if dead else "refused", address_is_dead=dead)
        case SlowDown():
            return TemporaryFailure("flood_limit", retry_in=error.seconds)
        case BrokenOff():
            return OutcomeUnknown("no_answer")
        case _:
            return TemporaryFailure("not_taken")


def says(error: TelegramError, words: str) -> bool:
    """Whether the messenger's own sentence holds these words."""
    return words in error.message.lower()
