"""How the messenger is to hand us updates: brought to a secret address of ours, or fetched by us (Bot API, setWebhook).

Path and secret are made from the bot's own token, so that they stay the same after a restart and on every machine of an
instance, and nobody has to choose or keep them. Updates that wait at the messenger are never dropped.
"""

import asyncio
import hmac
import json

import aiohttp
from aiohttp import web
from pydantic import SecretStr

from engine.intake import Intake
from engine.log import Log
from engine.polling import ALLOWED, NO_TIMER
from engine.webhook import Webhook

log = Log("webhooks")

CALL_TIMEOUT = 15.0  # seconds
TRY_AGAIN_FIRST, TRY_AGAIN_CEILING = 1.0, 30.0  # seconds


def path_of(token: SecretStr) -> str:
    """The path at which the bot's updates arrive; not to be guessed."""
    return f"/updates/{_made_of(token, 'path')[:40]}"


def secret_of(token: SecretStr) -> str:
    """The word by which we know that the messenger brings them."""
    return _made_of(token, "secret")


def route(token: SecretStr, intake: Intake) -> web.RouteDef:
    """The address of one bot's updates."""
    return web.route("*", path_of(token), Webhook(intake, secret_of(token)).receive)


async def settle(token: SecretStr, api: str, webhook_url: str | None, source: str) -> None:
    """Tell the messenger how we want the updates of this bot; tries until it is told."""
    if webhook_url is None:
        method, form = "deleteWebhook", {"drop_pending_updates": "false"}
    else:
        method = "setWebhook"
        form = {
            "url": f"{webhook_url}{path_of(token)}",
            "secret_token": secret_of(token),
            "allowed_updates": json.dumps(ALLOWED),
        }
    wait = TRY_AGAIN_FIRST
    while not await _call(f"{api}/bot{token.get_secret_value()}/{method}", form):
        log.warning("webhook_not_settled", source=source, method=method)
        await asyncio.sleep(wait)
        wait = min(wait * 2, TRY_AGAIN_CEILING)


async def _call(address: str, form: dict[str, str]) -> bool:
    try:
        async with (
            asyncio.timeout(CALL_TIMEOUT),
            aiohttp.ClientSession(timeout=NO_TIMER) as session,
            session.post(address, data=form) as answer,
        ):
            content = await answer.json(content_type=None)
            return answer.status == 200 and bool(content["ok"])
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError, KeyError, TypeError):
        return False


def _made_of(token: SecretStr, purpose: str) -> str:
    return hmac.digest(token.get_secret_value().encode(), f"tocsin webhook {purpose}".encode(), "sha256").hex()
