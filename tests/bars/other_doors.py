"""The ways to the outside that no story of people comes by, tried where they fail: nothing is there to answer them."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import aiohttp
from pydantic import SecretStr

from engine.auditor import Auditor
from engine.checkpointing import Checkpointing, Holders
from engine.metrics import Metrics
from engine.pruning import prune
from engine.warming import warm
from responders.mail_answers import MailAnswers
from store.key_files import KeyFile
from tests.world import TOKENS, World
from tocsin.bot_names import ask_who
from tocsin.peers import _is_well, _tell
from tocsin.shares import ask_for, write_certificates
from tocsin.webhooks import settle
from tocsin.wellbeing import _sign


async def try_other_doors(world: World, word: Callable[[], str], folder: Path) -> None:
    """Every way to the outside that no story of people comes by: each fails as planted, and then by itself."""
    nowhere = f"http://127.0.0.1:9/{word()}"
    token, file = SecretStr(TOKENS["defenders"]), cast("KeyFile", SimpleNamespace(id="0a1b2c3d"))
    keys, elsewhere = folder / "ours", folder / "theirs"
    for path in (keys, elsewhere):
        path.mkdir(mode=0o700)
    write_certificates("127.0.0.1", keys, elsewhere, world.clock.now())
    dropping = Checkpointing(world.store, Holders(drop=folder / word(), partners=True))
    async with aiohttp.ClientSession() as session:
        for _ in range(2):
            await fails(_sign(session, nowhere))
            await fails(_is_well(session, nowhere))
            await fails(ask_who(token, nowhere))
            await fails(ask_for(file, "https://127.0.0.1:9", keys))
            await fails(asyncio.wait_for(settle(token, nowhere, None, "defenders"), 0.5))
    engine = world.engine
    auditor = Auditor(world.store, Metrics(), is_ready=lambda: True, state=engine.state, changed=engine.changed)
    answers = MailAnswers(world.store, engine.happenings, engine.changed)
    for _ in range(8):
        await fails(dropping.look())
        await fails(prune(world.store))
    for _ in range(2):
        await fails(_tell(engine, "peer_back"))
        await fails(answers.give(word(), cannot=True))
        await fails(auditor.look())
        await fails(warm(world.store, engine.happenings.book, {}))


async def fails(act: Awaitable[object]) -> None:
    """Do it; what comes of it is printed, as by the process when it ends."""
    try:
        await act
    except Exception as fault:
        sys.excepthook(type(fault), fault, fault.__traceback__)
