"""What the messenger's refusals and silences mean for a delivery: the one place where the library's errors are read.

What can never succeed is told apart first, then what may succeed later, then what nobody can say. The words are those
of the Bot API server (github.com/tdlib/telegram-bot-api and td, 2026-11).
"""

from aiogram.exceptions import (
    TelegramAPIError,
    TelegramBadRequest,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiohttp import ClientConnectorError, ClientResponseError, ConnectionTimeoutError

from engine.letter import DeliveryFailure, OutcomeUnknown, PermanentFailure, TemporaryFailure

ALREADY_SO = ("message is not modified", "message to delete not found")
NOBODY_THERE = ("chat not found", "peer_id_invalid", "user not found", "user is deactivated", "input_user_deactivated")


def is_already_so(error: Exception) -> bool:
    """Whether the call was refused because what it wants is so already."""
    return isinstance(error, TelegramBadRequest) and _says(error, ALREADY_SO)


def failure(error: Exception) -> DeliveryFailure:
    """What `error`, raised by the library or by HTTP below it, means.

    An error that nobody thought of is an unknown outcome: the letter was on its way, and saying that it was not taken
    could silence it or double it without a word."""
    match error:
        case TelegramForbiddenError():
            return PermanentFailure("forbidden", address_is_dead=True)
        case TelegramMigrateToChat():
            return PermanentFailure("moved", moved_to=str(error.migrate_to_chat_id))
        case TelegramBadRequest() if _says(error, NOBODY_THERE):
            return PermanentFailure("nobody_there", address_is_dead=True)
        case TelegramBadRequest() | TelegramEntityTooLarge():
            return PermanentFailure("refused")
        case TelegramRetryAfter():
            return TemporaryFailure("too_many", retry_in=float(error.retry_after))
        case TelegramServerError():
            return TemporaryFailure("server_error")
        case TelegramUnauthorizedError() | TelegramNotFound():
            return TemporaryFailure("bot_refused")  # the token's fault and not the chat's: it can be put right
        case TelegramNetworkError():
            return _network(error.__cause__)
        case TelegramAPIError():
            return PermanentFailure("refused")
        case ClientResponseError(status=404):
            return PermanentFailure("file_is_gone")
        case _:
            return _network(error)


def _network(error: BaseException | None) -> DeliveryFailure:
    if isinstance(error, ClientConnectorError | ConnectionTimeoutError):
        return TemporaryFailure("not_reached")
    if isinstance(error, TimeoutError):
        return OutcomeUnknown("no_answer_in_time")
    return OutcomeUnknown("connection_lost")


def _says(error: TelegramAPIError, words: tuple[str, ...]) -> bool:
    said = error.message.casefold()
    return any(word in said for word in words)
