"""Updates brought to us by the messenger, instead of fetched (Bot API, setWebhook).

The secret is required and compared as bytes in constant time; everything that is not the messenger's gets one and the
same answer. 200 is said only after the update is in the inbox: on any other answer the messenger brings it again.
"""

import hmac

from aiohttp import web

from .intake import Intake
from .splitting import UPDATE_START, RawUpdate, read_update

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # nosec B105 # noqa: S105 - a header's name
SHORTEST_SECRET = 32  # characters
LARGEST_BODY = 256 * 1024  # bytes


class Webhook:
    """The address at which one bot's updates arrive."""

    def __init__(self, intake: Intake, secret: str) -> None:
        """Raises ValueError when `secret` is too short to be one."""
        if len(secret) < SHORTEST_SECRET:
            raise ValueError("The webhook's secret needs at least 32 characters.")
        self._intake = intake
        self._secret = secret.encode()

    async def receive(self, request: web.Request) -> web.Response:
        """Keep one update; 404 to whoever does not know the secret, whatever they sent."""
        given = request.headers.getall(SECRET_HEADER, [])
        if len(given) != 1 or not hmac.compare_digest(given[0].encode("utf-8", "surrogateescape"), self._secret):
            return web.Response(status=404)
        if (request.content_length or 0) > LARGEST_BODY:
            return web.Response(status=404)
        body = await request.content.read(LARGEST_BODY + 1)
        content = read_update(body)
        numbered = UPDATE_START.search(body) if content is None else None
        update_id = content.get("update_id") if content is not None else int(numbered[1]) if numbered else None
        if not isinstance(update_id, int) or len(body) > LARGEST_BODY:
            return web.Response(status=404)
        await self._intake.keep([RawUpdate(update_id, body, content)])
        return web.Response(status=200)
