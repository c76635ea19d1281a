"""How the messenger says no: the status, words and parameters of the real Bot API.

Clients tell errors apart by these words, so each is written as the real service writes it
(Bot API "Making requests", and the texts of tdlib/telegram-bot-api, 2026-11).
"""


class Refused(Exception):
    """The answer to a call that cannot be done."""

    def __init__(self, code: int, description: str, parameters: dict[str, int] | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters


def bad_request(what: str) -> Refused:
    """400: what was asked cannot be done, whatever one tries."""
    return Refused(400, f"Bad Request: {what}")


def forbidden(what: str) -> Refused:
    """403: this person does not let the bot."""
    return Refused(403, f"Forbidden: {what}")


def unauthorized() -> Refused:
    """401: no bot has this token."""
    return Refused(401, "Unauthorized")


def unknown_method() -> Refused:
    """404: there is no such method."""
    return Refused(404, "Not Found")


def too_many(retry_after: int) -> Refused:
    """429: the flood limits; `retry_after` is in whole seconds."""
    return Refused(429, f"Too Many Requests: retry after {retry_after}", {"retry_after": retry_after})


def moved(chat_id: int) -> Refused:
    """400: the chat has another id now."""
    return Refused(400, "Bad Request: group chat was upgraded to a supergroup chat", {"migrate_to_chat_id": chat_id})


def second_poller() -> Refused:
    """409: two getUpdates of one bot; the older is ended."""
    return Refused(
        409,
        "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
    )


def webhook_is_set() -> Refused:
    """409: a bot is given its updates in one way at a time."""
    return Refused(
        409,
        "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
    )
