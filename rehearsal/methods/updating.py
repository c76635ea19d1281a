"""Methods that choose how a bot is given its updates. getUpdates itself waits, and is in `bot_api`."""

import re

from rehearsal import wire
from rehearsal.accounts import BotAccount, WebhookState
from rehearsal.arguments import Arguments
from rehearsal.messenger import Messenger
from rehearsal.refusals import bad_request

from .outcome import DONE, Method, Outcome

SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")  # Bot API, setWebhook


def set_webhook(messenger: Messenger, bot: BotAccount, args: Arguments) -> Outcome:
    """Unlike the real service, plain http is taken: everything here is on one machine."""
    url, secret = args.text("url"), args.text("secret_token")
    if url and not url.startswith(("http://", "https://")):
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    if secret and not SECRET.fullmatch(secret):
        raise bad_request("secret token contains unallowed characters")
    _choose(bot, args)
    bot.webhook = WebhookState(url, secret, max(1, min(args.number("max_connections", 40), 100)))
    bot.updates.turn_away()
    bot.updates.on_put()
    return DONE


def delete_webhook(messenger: Messenger, bot: BotAccount, args: Arguments) -> Outcome:
    """Bot API, deleteWebhook."""
    if args.flag("drop_pending_updates"):
        bot.updates.drop_all()
    bot.webhook = WebhookState()
    return DONE


def get_webhook_info(messenger: Messenger, bot: BotAccount, args: Arguments) -> Outcome:
    """Bot API, getWebhookInfo."""
    hook = bot.webhook
    info: dict[str, object] = {
        "url": hook.url,
        "has_custom_certificate": False,
        "pending_update_count": len(bot.updates),
    }
    if hook.url:
        info["max_connections"] = hook.connections
        if bot.updates.allowed:
            info["allowed_updates"] = sorted(bot.updates.allowed)
    if hook.last_error_at is not None:
        info["last_error_date"], info["last_error_message"] = wire.stamp(hook.last_error_at), hook.last_error
    return Outcome(info)


def _choose(bot: BotAccount, args: Arguments) -> None:
    kinds = args.json("allowed_updates")
    if isinstance(kinds, list):
        bot.updates.allow(str(kind) for kind in kinds)
    if args.flag("drop_pending_updates"):
        bot.updates.drop_all()


METHODS: dict[str, Method] = {
    "setWebhook": set_webhook,
    "deleteWebhook": delete_webhook,
    "getWebhookInfo": get_webhook_info,
}
