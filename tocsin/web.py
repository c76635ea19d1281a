"""What others may ask us over HTTP: whether we are well, and the numbers. Nothing here names anybody.

/health is 200 only while time is being kept and messages go out; otherwise 503 with what is wrong, in words. /well says
the same and not a word, for whoever watches us from elsewhere.
"""

from collections.abc import Iterable

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from .wellbeing import Wellbeing

GOODBYE = 1.0  # seconds that open requests are given when we stop
LARGEST_BODY = 1024 * 1024  # bytes; an update of the messenger is far smaller


def web_app(wellbeing: Wellbeing, numbers: CollectorRegistry, more: Iterable[web.RouteDef] = ()) -> web.Application:
    """The pages of one service; `more` are the addresses at which a messenger brings updates."""

    async def health(request: web.Request) -> web.Response:
        troubles = wellbeing.troubles()
        how = "locked" if wellbeing.is_locked else "trouble" if troubles else "ok"
        return web.json_response({"status": how, "troubles": troubles}, status=503 if troubles else 200)

    async def well(request: web.Request) -> web.Response:
        return web.Response(status=503 if wellbeing.troubles() else 200)

    async def metrics(request: web.Request) -> web.Response:
        return web.Response(body=generate_latest(numbers), headers={"Content-Type": CONTENT_TYPE_LATEST})

    app = web.Application(client_max_size=LARGEST_BODY)
    app.add_routes([web.get("/health", health), web.get("/well", well), web.get("/metrics", metrics), *more])
    return app


class Pages:
    """The HTTP server of one service."""

    def __init__(self, app: web.Application, host: str, port: int) -> None:
        """Nothing listens before `open`."""
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=GOODBYE, handle_signals=False)
        self._host, self._port = host, port

    @property
    def port(self) -> int:
        """The port; the one that was found, when 0 was asked for."""
        return self._port

    @property
    def url(self) -> str:
        """Where the pages are; with the port that was found when 0 was asked for."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._port}"

    async def open(self) -> None:
        """Begin to listen. Raises OSError when the address is taken or not ours."""
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._host, self._port).start()
        except OSError:
            await self._runner.cleanup()
            raise
        self._port = self._runner.addresses[0][1]

    async def close(self) -> None:
        """Answer what was asked, and listen no more."""
        await self._runner.cleanup()
