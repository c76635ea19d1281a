"""Bars C1, C2 and C4: a whole story at the finest level of every logger, and not one word of anybody's in it.

The story runs in a process of its own (`noisy`), so that its whole output is read, hooks and all."""

import json
import re
import subprocess
import sys
import unicodedata
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.bars.conftest import FULL, Bar
from tests.bars.faults import outside_calls, store_calls
from tests.bars.markers import found_in, tokens_in

HOUSE = Path(__file__).resolve().parent.parent.parent
LONGEST = 600  # seconds
ROWS = ("inbox", "delivery")  # fields that hold numbers of our own database, which may become long
COMMAND = "a command: whatever fails in it is one sentence without its values, and ends there"
NOT_IN_THE_STORY = {  # calls that need not fail in it, by the beginning of their place, and why
    **dict.fromkeys(
        (
            "tocsin/commands/",
            "tocsin/checks.py",
            "tocsin/confirming.py",
            "tocsin/emptying.py",
            "tocsin/erasing.py",
            "tocsin/handing_over.py",
            "tocsin/remaining.py",
            "tocsin/restoring.py",
        ),
        COMMAND,
    ),
    "tocsin/board.py": "the demonstration",
    "tocsin/team.py": "the demonstration",
    "tocsin/service.py": "the story begins with the engine; what fails there ends the process as any other does",
    "engine/trials.py": "trial messages, which name nobody and which no world sends",
    "engine/colleagues.py": "what one of several processes on one database does for another; a story has one",
    "engine/outbox.py:_share_pace": "the same",
    "engine/several_bots.py": "a side with more than one bot",
    "engine/outbox.py:_settle_each": "comes only after a transaction for several letters failed by one of them",
    "engine/sweeping.py:_delete_one_by_one": "comes only after the messenger refused one message among several",
    "engine/checkpointing.py:look": "the last of three: a checkpoint for a partner, whom the story has not",
    "responders/channels/telegram.py:_upload": "asks as `_send_attachment` does, which fails, with a file in it",
    "responders/door.py:dress": "the names of our commands, when a process begins",
    "engine/auditor.py": "the second call comes only after the same fault of the database was found twice",
    "responders/mail_answers.py": "the second call notes what a press in a chat notes",
}
HAPPENS = {"opened", "took_it", "reported", "closed", "pass_on", "check_confirmed", "defender_sent"}


@dataclass(frozen=True)
class Output:
    """What a story printed, and what was planted in it."""

    lines: list[str]
    planted: list[str]
    sites: list[str]
    outside: list[str]
    methods: list[str]
    missed: list[str]
    events: list[str]

    @property
    def whole(self) -> bytes:
        """Everything it printed."""
        return "\n".join(self.lines).encode()

    def long_numbers(self) -> list[str]:
        """Numbers that could be somebody's: seven digits or more, but for those of our own rows."""
        bare = [re.sub(rf'"({"|".join(ROWS)})": \d+', "", line) for line in self.lines]
        return [number for line in bare for number in re.findall(r"\d{7,}", line)]

    def said(self, event: str) -> int:
        """How many lines say it."""
        return sum(f'"event": "{event}"' in line for line in self.lines)


def output_of(mode: str, folder: Path) -> Output:
    """Play the story, and read what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.bars.noisy", mode, str(folder)],
        cwd=HOUSE, capture_output=True, timeout=LONGEST, check=False,
    )  # fmt: skip
    printed = done.stdout + done.stderr
    assert done.returncode == 0, printed[-2_000:].decode(errors="replace")
    told = json.loads((folder / "planted.json").read_text(encoding="utf-8"))
    return Output(printed.decode(errors="backslashreplace").split("\n"), **told)


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Output:
    """The story in which every channel fails once; its beginning, unless bars are run at full size."""
    return output_of("once" if FULL else "start", tmp_path_factory.mktemp("once"))


@pytest.fixture(scope="module")
def everywhere(tmp_path_factory: pytest.TempPathFactory) -> Output:
    """The story in which everything fails once; its beginning, unless bars are run at full size."""
    return output_of("everywhere" if FULL else "beginning", tmp_path_factory.mktemp("everywhere"))


def leaks(output: Output) -> list[str]:
    """Whatever in the output could be somebody's."""
    return [*found_in(output.whole, output.planted), *tokens_in(output.whole), *output.long_numbers()]


def raw_signs(output: Output) -> list[str]:
    """Signs that steer a terminal, turn the writing around or break a line."""
    return [sign for line in output.lines for sign in line if unicodedata.category(sign) in ("Cc", "Cf", "Zl", "Zp")]


@pytest.mark.slow
def test_c1_a_whole_story_prints_no_word_of_anybodys(once: Output, bar: Bar) -> None:
    assert set(once.events) >= (HAPPENS if FULL else {"check_confirmed", "counted"})
    assert once.missed == []
    assert once.said("library_spoke") > 1_000
    assert once.said("not_sent") > 0
    assert once.said("no_updates") > 0
    assert leaks(once) == []
    bar.holds(
        "a whole story at DEBUG of every logger: 0 markers in any encoding, 0 tokens, 0 long numbers",
        f"0 of {len(once.planted)} markers, 0 tokens, 0 long numbers in {len(once.lines):,} lines",
    )


@pytest.mark.slow
def test_c1_with_the_log_that_python_has_by_itself_the_same_search_finds_them(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    naive = output_of("naive", tmp_path_factory.mktemp("naive"))

    assert tokens_in(naive.whole)
    assert len(found_in(naive.whole, naive.planted)) > 3
    assert raw_signs(naive)


@pytest.mark.slow
def test_c2_a_fault_at_every_call_to_the_outside_prints_nothing_of_what_was_at_hand(
    everywhere: Output, bar: Bar
) -> None:
    known, asked = store_calls(), outside_calls()
    unfailed = {bare(site) for site in known - set(everywhere.sites)} | (asked - set(everywhere.outside))
    assert set(everywhere.sites) <= known, "what is looked for is what is met"
    assert len(everywhere.sites) >= bar.size(20, 30)
    if FULL:
        assert sorted(one for one in unfailed if not reason(one)) == []
        assert everywhere.missed == []
        assert set(everywhere.events) >= HAPPENS
    assert {one for one in asked if one.startswith("tocsin/") and not reason(one)} <= set(everywhere.outside)
    assert {"check_confirmed", "counted"} <= set(everywhere.events)
    assert {"getupdates", "sendmessage", "deletemessage"} <= set(everywhere.methods)
    assert everywhere.said("process_fault") > 3
    assert everywhere.said("not_sent") > 3
    assert leaks(everywhere) == []
    bar.holds(
        "a fault at every call of the store and of the outside, found by looking through the rooms: as C1",
        f"0 of {len(everywhere.planted)} markers, 0 tokens, 0 long numbers; {len(everywhere.sites)} of {len(known)} "
        f"calls of the store, {len(asked & set(everywhere.outside))} of {len(asked)} ways to the outside and "
        f"{len(everywhere.methods)} methods failed, in {len(everywhere.lines):,} lines",
    )


def bare(site: str) -> str:
    """A call of the store without its line."""
    path, _, function = site.split(":")
    return f"{path}:{function}"


def reason(site: str) -> str:
    """Why a call need not fail in the story; nothing when it has to."""
    return next((why for place, why in NOT_IN_THE_STORY.items() if site.startswith(place)), "")


def test_c2_what_need_not_fail_is_there() -> None:
    places = {*map(bare, store_calls()), *outside_calls()}

    assert [one for one in NOT_IN_THE_STORY if not any(place.startswith(one) for place in places)] == []
    assert len(store_calls()) > 60


@pytest.mark.slow
def test_c4_no_sign_that_steers_a_terminal_reaches_the_log(once: Output, everywhere: Output, bar: Bar) -> None:
    assert raw_signs(once) == []
    assert raw_signs(everywhere) == []
    for output in (once, everywhere):
        assert all(json.loads(line)["event"] for line in output.lines if line)
    bar.holds(
        "control characters, ANSI and writing directions in all inputs: 0 raw in the log, every line is one event",
        f"0 in {len(once.lines) + len(everywhere.lines):,} lines",
    )
