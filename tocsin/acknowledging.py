"""The page behind the link in an alarm's mail, and the one thing that can be said on it.

The link's token stands behind the "#", so that no server on the way sees it. Asking for the page, in whatever way and
however often, changes nothing: programs that look into mail do so before people. Only what a button sends counts.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable

from aiohttp import web

from config.seen_page import SeenPage
from responders.mail_answers import MailAnswers
from store.sealing import Locked

PATH = "/seen"
LARGEST_ANSWER = 1024  # bytes
BODY_TIMEOUT = 5.0  # seconds
HEADERS = {
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
ONLY_OURS = ("same-origin", "none")  # of Sec-Fetch-Site, where a browser says whose page sends this
SAYS_WHAT_FOR = ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")  # headers
ANSWERS = ("seen", "cannot")

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def link_of(public_url: str) -> Callable[[str, str], str]:
    """What makes a link of a language and a token."""
    return lambda language, token: f"{public_url}{PATH}/{language}#{token}"


def routes(page: SeenPage, answers: MailAnswers) -> list[web.RouteDef]:
    """The page in each language, and where its buttons send to."""

    async def shown(request: web.Request) -> web.Response:
        text = page.by_language.get(request.match_info["language"])
        if text is None:
            raise web.HTTPNotFound(headers=HEADERS)
        headers = {**HEADERS, "Content-Security-Policy": page.policy}
        return web.Response(text=text, content_type="text/html", charset="utf-8", headers=headers)

    async def answered(request: web.Request) -> web.Response:
        said = await _said(request)
        if said is None:
            return _told("gone", 404)
        token, answer = said
        try:
            became = await answers.give(token, cannot=answer == "cannot")
        except Locked:
            return _told("failed", 503)
        return _told(became.value, 404 if became.value == "gone" else 200)

    return [web.get(PATH + "/{language}", shown), web.post(PATH, answered)]


async def _said(request: web.Request) -> tuple[str, str] | None:
    """Token and answer, as our own page sends them; None for anything else."""
    plain = request.content_type != "application/json" or (request.content_length or 0) > LARGEST_ANSWER
    if plain or _is_looking_ahead(request) or request.headers.get("Sec-Fetch-Site", "same-origin") not in ONLY_OURS:
        return None
    try:
        said = json.loads(await _body_of(request))
    except (ValueError, RecursionError):
        return None
    match said:
        case {"token": str(token), "answer": str(answer)} if answer in ANSWERS:
            return token, answer
        case _:
            return None


async def _body_of(request: web.Request) -> bytes:
    """What was sent, as far as an answer of ours is long."""
    body = b""
    try:
        async with asyncio.timeout(BODY_TIMEOUT):
            while len(body) <= LARGEST_ANSWER and (part := await request.content.readany()):
                body += part
    except TimeoutError:
        return b""
    return body if len(body) <= LARGEST_ANSWER else b""


def _is_looking_ahead(request: web.Request) -> bool:
    """Whether a browser fetches this before anybody has asked for it."""
    told = (value.lower() for name in SAYS_WHAT_FOR for value in request.headers.getall(name, ()))
    return any("prefetch" in value or "preview" in value for value in told)


def _told(became: str, status: int) -> web.Response:
    return web.json_response({"became": became}, status=status, headers=HEADERS)
