"""Bar D4: whoever does not know the secret of a webhook learns nothing from it, not even that it is there."""

import asyncio
import json
import random
import re
from collections import Counter
from collections.abc import AsyncIterator
from typing import cast

import pytest
from aiohttp import web
from pydantic import SecretStr

from engine.intake import Intake
from engine.splitting import RawUpdate
from engine.webhook import LARGEST_BODY, SECRET_HEADER, Webhook
from tests.bars.conftest import Bar
from tocsin.webhooks import path_of, route, secret_of

TOKEN = SecretStr("100001:" + "d" * 35)
SECRET, PATH = secret_of(TOKEN), path_of(TOKEN)
UPDATE = json.dumps({"update_id": 7, "message": {"text": "sos"}}).encode()
SEED = 20_261_122
METHODS = ("GET", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE")

Given = list[bytes]


class Kept:
    """Stands in for the intake, and counts what it is given."""

    def __init__(self) -> None:
        self.updates: list[RawUpdate] = []

    async def keep(self, updates: list[RawUpdate]) -> None:
        self.updates += updates


@pytest.fixture
def kept() -> Kept:
    """What came through."""
    return Kept()


@pytest.fixture
async def port(kept: Kept) -> AsyncIterator[int]:
    """Where the webhook listens."""
    app = web.Application()
    app.add_routes([route(TOKEN, cast(Intake, kept))])
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield runner.addresses[0][1]
    await runner.cleanup()


async def answer_to(port: int, secrets: Given, path: str = PATH, method: str = "POST", *parts: bytes) -> bytes:
    """The whole answer to one request, as it came but for its date; the body goes out in `parts`."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    body = parts or (UPDATE,)
    head = [f"{method} {path} HTTP/1.1".encode(), b"Host: t", b"Connection: close"]
    head += [SECRET_HEADER.encode() + b": " + secret for secret in secrets]
    head += [b"Content-Length: %d" % sum(map(len, body)), b"", b""]
    writer.write(b"\r\n".join(head))
    try:
        for part in body:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0)
        answer = await reader.read()
    finally:
        writer.close()
    return re.sub(rb"\r\nDate: [^\r]*", b"", answer)


def wrong_secrets(dice: random.Random) -> Given:
    """The header as somebody might send it who does not know the secret, or who knows it and doubles it."""
    right = SECRET.encode()
    flipped = bytearray(right)
    flipped[dice.randrange(len(right))] ^= 1 << dice.randrange(3)
    kinds: list[Given] = [
        [],
        [b""],
        [right[: dice.randrange(len(right))]],
        [right + b"0"],
        [bytes(flipped)],
        [right.upper()],
        [dice.randbytes(8).hex().encode()],
        ["пароль".encode()],
        [right + "é".encode("latin-1")],
        [b"\xff\xfe" + dice.randbytes(4).replace(b"\0", b"1").translate(None, bytes(range(33)) + b"\x7f")],
        [right, right],
        [right, b"wrong"],
        [right + b", " + right],
        [b"x" * dice.choice((1, 31, 32, 43, 64, 256, 4_000))],
    ]
    return dice.choice(kinds)


async def test_d4_all_who_do_not_know_the_secret_get_one_answer(port: int, kept: Kept, bar: Bar) -> None:
    count, dice = bar.size(1_000, 10_000), random.Random(SEED)
    nothing_there = await answer_to(port, [], "/updates/nothing")
    said: Counter[bytes] = Counter()

    for _ in range(count):
        secrets = wrong_secrets(dice)
        said[await answer_to(port, secrets, PATH, dice.choice(("POST", "POST", *METHODS)))] += 1

    assert nothing_there.startswith(b"HTTP/1.1 404 ")
    assert set(said) == {nothing_there}
    assert kept.updates == []
    bar.holds(
        "a missing, wrong, short, foreign or doubled secret gets the answer of an address where there is nothing",
        f"{count:,} tries, {len(said)} answer, 0 updates taken",
    )


async def test_d4_who_knows_the_secret_and_asks_otherwise_gets_the_same_answer(port: int, kept: Kept) -> None:
    nothing_there = await answer_to(port, [], "/updates/nothing")
    good = [SECRET.encode()]

    assert {await answer_to(port, good, PATH, method) for method in METHODS} == {nothing_there}
    assert await answer_to(port, good, PATH, "POST", b"{}") == nothing_there
    assert await answer_to(port, good, PATH, "POST", b"x" * (LARGEST_BODY + 1)) == nothing_there
    assert kept.updates == []


async def test_d4_the_messenger_is_taken_from_however_its_update_is_cut_on_the_way(port: int, kept: Kept) -> None:
    long = json.dumps({"update_id": 8, "message": {"text": "sos", "caption": "x" * 200_000}}).encode()
    parts = [long[at : at + 9_000] for at in range(0, len(long), 9_000)]

    for body in ([UPDATE], [UPDATE[:5], UPDATE[5:]], parts):
        assert (await answer_to(port, [SECRET.encode()], PATH, "POST", *body)).startswith(b"HTTP/1.1 200 ")

    assert [update.raw for update in kept.updates] == [UPDATE, UPDATE, long]
    assert all(update.content is not None for update in kept.updates)


@pytest.mark.parametrize("secret", ["", "short", "x" * 31])
def test_d4_there_is_no_webhook_without_a_secret(secret: str) -> None:
    with pytest.raises(ValueError, match="at least 32"):
        Webhook(cast(Intake, Kept()), secret)
    assert len(SECRET) >= 43
    assert SECRET not in repr(Webhook(cast(Intake, Kept()), SECRET))
