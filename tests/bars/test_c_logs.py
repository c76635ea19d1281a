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
from tests.bars.markers import found_in, tokens_in

HOUSE = Path(__file__).resolve().parent.parent.parent
LONGEST = 600  # seconds
ROWS = ("inbox", "delivery")  # fields that hold numbers of our own database, which may become long
HAPPENS = {"opened", "took_it", "reported", "closed", "pass_on", "check_confirmed", "defender_sent"}


@dataclass(frozen=True)
class Output:
    """What a story printed, and what was planted in it."""

    lines: list[str]
    planted: list[str]
    sites: list[str]
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
    assert len(everywhere.sites) >= bar.size(8, 15)
    assert {"getupdates", "sendmessage", "deletemessage"} <= set(everywhere.methods)
    assert everywhere.said("process_fault") > 3
    assert everywhere.said("not_sent") > 3
    assert leaks(everywhere) == []
    bar.holds(
        "a fault at every call to the messenger and to the store: as C1",
        f"0 of {len(everywhere.planted)} markers, 0 tokens, 0 long numbers; {len(everywhere.sites)} kinds of "
        f"transactions and {len(everywhere.methods)} methods failed, in {len(everywhere.lines):,} lines",
    )


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
