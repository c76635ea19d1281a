"""`doctor` looks at everything and says what to do; the messenger that it asks is the stage."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from rehearsal import RehearsalClock, Stage
from tests.front.conftest import Prompt
from tocsin.bot_names import BotFacts
from tocsin.checks import _clock

TOKENS = ("1001:" + "d" * 35, "1002:" + "r" * 35)


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    """A messenger with both bots."""
    async with Stage(RehearsalClock()) as stage:
        stage.add_bot(TOKENS[0], "daybook_bot", "Daybook")
        stage.add_bot(TOKENS[1], "rota_bot", "Rota")
        yield stage


async def examine(prompt: Prompt) -> tuple[int, dict[str, Any]]:
    """The exit code, and the findings by what was looked at; a fault goes before what is well."""
    result = await asyncio.to_thread(prompt.type, "doctor", "--json")
    findings = sorted(json.loads(result.stdout), key=lambda finding: not finding["ok"])
    return result.exit_code, {finding["check"]: finding for finding in findings}


async def test_all_is_well(team: Prompt, stage: Stage) -> None:
    team.environ |= {
        "TOCSIN_DEFENDER_BOT_TOKEN": TOKENS[0],
        "TOCSIN_RESPONDER_BOT_TOKEN": TOKENS[1],
        "TOCSIN_TELEGRAM_API": stage.url,
    }

    code, found = await examine(team)

    assert code == 0, found
    assert found["defenders' bot"]["said"] == "@daybook_bot answers."
    assert found["responders' bot"]["said"] == "@rota_bot answers."
    assert found["clock"]["said"] == "It agrees with the messenger's."
    assert found["heartbeat"]["doubt"] is True


async def test_who_keeps_checkpoints_of_the_journal_is_told(team: Prompt, tmp_path: Path) -> None:
    _, alone = await examine(team)
    assert alone["journal"]["doubt"] is True
    assert "Nobody outside keeps its checkpoints" in alone["journal"]["said"]

    await asyncio.to_thread(team.done, "responder", "add", "Harbour", "--role", "partner")
    await asyncio.to_thread(team.enrol, "Harbour")
    _, kept = await examine(team)
    assert kept["journal"]["said"] == "Partner organisations that keep its checkpoints: 1."

    team.environ |= {"TOCSIN_CHECKPOINT_PARTNERS": "no"}
    assert (await examine(team))[1]["journal"]["doubt"] is True
    team.environ |= {"TOCSIN_CHECKPOINT_DROP": str(tmp_path)}
    assert (await examine(team))[1]["journal"]["said"].endswith("0. A folder gets them too.")


async def test_everything_that_is_wrong_is_found_in_one_go(prompt: Prompt, stage: Stage) -> None:
    await asyncio.to_thread(prompt.done, "defender", "add", "Ana")
    prompt.data.chmod(0o755)
    prompt.environ |= {
        "TOCSIN_DEFENDER_BOT_TOKEN": "1003:" + "x" * 35,
        "TOCSIN_TELEGRAM_API": stage.url,
        "TOCSIN_HEARTBEAT_URL": f"{stage.url}/nowhere",
    }

    code, found = await examine(prompt)

    assert code == 1
    wrong = {check for check, finding in found.items() if not finding["ok"]}
    assert wrong == {"data folder", "chains", "defenders' bot", "responders' bot", "heartbeat"}
    assert "x" * 35 not in str(found)


async def test_a_messenger_that_does_not_answer_is_said_so(prompt: Prompt, unused_tcp_port: int) -> None:
    prompt.environ |= {
        "TOCSIN_DEFENDER_BOT_TOKEN": TOKENS[0],
        "TOCSIN_TELEGRAM_API": f"http://127.0.0.1:{unused_tcp_port}",
    }

    _, found = await examine(prompt)

    assert "The messenger does not answer" in found["defenders' bot"]["said"]
    assert TOKENS[0] not in str(found)


async def test_two_tokens_of_one_bot_are_noticed(prompt: Prompt) -> None:
    async def same(request: web.Request) -> web.Response:
        return web.json_response({"ok": True, "result": {"id": 1, "is_bot": True, "username": "one_bot"}})

    app = web.Application()
    app.router.add_get("/{anything:.*}", same)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    prompt.environ |= {
        "TOCSIN_DEFENDER_BOT_TOKEN": TOKENS[0],
        "TOCSIN_RESPONDER_BOT_TOKEN": TOKENS[1],
        "TOCSIN_TELEGRAM_API": f"http://127.0.0.1:{runner.addresses[0][1]}",
    }

    _, found = await examine(prompt)

    await runner.cleanup()
    assert found["two bots"]["ok"] is False


def test_a_clock_that_is_off_is_noticed() -> None:
    clock = RehearsalClock()
    messenger_time = clock.now() - timedelta(minutes=5)

    assert not _clock(BotFacts(1, "daybook_bot", messenger_time), clock).ok
    assert _clock(BotFacts(1, "daybook_bot", clock.now()), clock).ok


def test_settings_that_cannot_be_read_are_findings_too(bare: Prompt) -> None:
    bare.environ |= {"TOCSIN_LISTEN": "nowhere", "TOCSIN_LANGUAGE": "tlh"}

    result = bare.type("doctor", "--json")

    assert result.exit_code == 1
    assert [finding["check"] for finding in json.loads(result.stdout)] == ["settings", "settings"]


def test_doctor_speaks_to_people_too(prompt: Prompt) -> None:
    result = prompt.type("doctor")

    assert "✓ database" in result.stdout
    assert "✗ defenders' bot   It has no token: make a bot with BotFather" in result.stdout
    assert result.stderr == "2 things are wrong.\n"


async def test_the_cover_is_tried_on(team: Prompt, stage: Stage) -> None:
    own = team.data / "cover.toml"
    own.write_text('[en]\nname = "Panic Button"\nabout = "B"\ndescription = "C"\nstranger = "D"\n', encoding="utf-8")
    team.environ |= {"TOCSIN_TELEGRAM_API": stage.url, "TOCSIN_COVER": "habits"}
    _, well = await examine(team)
    team.environ |= {"TOCSIN_COVER": str(own)}
    code, found = await examine(team)

    assert well["cover"]["said"] == "The defenders' bot calls itself “Small Steps”."
    assert code == 1
    assert found["cover"]["said"] == "TOCSIN_COVER: en.name: say it without “panic”."


async def test_the_other_instance_and_the_chat_of_the_trials_are_looked_at(team: Prompt, stage: Stage) -> None:
    ourselves = stage.add_phone("Nobody's")
    ourselves.start(stage.messenger.bots[TOKENS[1]])
    team.environ |= {
        "TOCSIN_DEFENDER_BOT_TOKEN": TOKENS[0],
        "TOCSIN_RESPONDER_BOT_TOKEN": TOKENS[1],
        "TOCSIN_TELEGRAM_API": stage.url,
        "TOCSIN_TRIAL_CHAT": str(ourselves.id),
        "TOCSIN_PEER_URL": f"{stage.url}/nowhere",
    }

    _, found = await examine(team)
    assert found["trials"]["said"] == "The responders' bot knows the chat that they go to."
    assert found["other instance"]["ok"] is False

    team.environ |= {"TOCSIN_TRIAL_CHAT": "424242", "TOCSIN_PEER_URL": stage.url}
    _, found = await examine(team)
    assert "press Start" in found["trials"]["said"]
    assert found["other instance"]["said"] == "It answers, and is well."
    assert TOKENS[1] not in str(found)
