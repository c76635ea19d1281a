"""Updates brought to us by the messenger, instead of fetched (Bot API, setWebhook).

The secret is required and compared as bytes in constant time; everything that is not the messenger's gets one and the
same answer. 200 is said only after the update is in the inbox: on any other answer the messenger brings it again.
"""

import asyncio
import hmac

from aiohttp import web

from .intake import Intake
from .splitting import read_brought

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # nosec B105 # noqa: S105 - a header's name
SHORTEST_SECRET = 32  # characters
LARGEST_BODY = 256 * 1024  # bytes; an update of the messenger is far smaller
BODY_TIMEOUT = 10.0  # seconds


class Webhook:
    """The address at which one bot's updates arrive."""

    def __init__(self, intake: Intake, secret: str) -> None:
        """Raises ValueError when `secret` is too short to be one."""
        if len(secret) < SHORTEST_SECRET:
            raise ValueError("The webhook's secret needs at least 32 characters.")
        self._intake = intake
        self._secret = secret.encode()

    async def receive(self, request: web.Request) -> web.Response:
        """Keep one update. Raises HTTPNotFound for whoever does not know the secret, whatever they ask and send: it is
        the answer that they get for an address where there is nothing at all."""
        if request.method != "POST" or not self._is_the_messengers(request):
            raise web.HTTPNotFound
        body = await _body_of(request)
        update = read_brought(body) if body is not None else None
        if update is None:
            raise web.HTTPNotFound
        await self._intake.keep([update])
        return web.Response(status=200)

    def _is_the_messengers(self, request: web.Request) -> bool:
        given = request.headers.getall(SECRET_HEADER, [])
        return len(given) == 1 and hmac.compare_digest(given[0].encode("utf-8", "surrogateescape"), self._secret)


async def _body_of(request: web.Request) -> bytes | None:
    """All of what was sent; None when it is more than an update can be, or does not come to its end."""
    if (request.content_length or 0) > LARGEST_BODY:
        return None
    body = b""
    try:
        async with asyncio.timeout(BODY_TIMEOUT):
            async for part in request.content.iter_any():
                body += part
                if len(body) > LARGEST_BODY:
                    return None
    except TimeoutError:
        return None
    return body
