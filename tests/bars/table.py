"""The table of the bars in the README: what the tests of each bar found, joined into one line for a reader.

A bar is met only if every test of it passed in the run that the line tells of. What failed says "not met", what was
left out "not run": a line is never dropped because it does not please."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

BEGIN, END = "<!-- bars:begin -->\n", "<!-- bars:end -->"
HEAD = "| Bar | What must hold | What was measured | Seconds | Day |\n|---|---|---|---:|---|\n"
NAME = re.compile(r"test_([a-h]\d+)_(\w+)")
ROW = re.compile(r"^\| ([A-H]\d+) \|.*\|$", re.MULTILINE)


@dataclass(frozen=True)
class Ran:
    """One test of a bar, at full size. `said` are pairs of (what must hold, what was measured), noted as it went."""

    test: str  # with its parameters: "test_a1_nothing_lies_open[sqlite]"
    outcome: str  # "passed", "failed", "skipped"
    seconds: float
    said: tuple[tuple[str, str], ...] = ()

    @property
    def bar(self) -> str:
        """The bar that the test is for: "A1"."""
        return named(self.test)[0]

    @property
    def promise(self) -> str:
        """What the name of the test promises, as words."""
        return named(self.test)[1].replace("_", " ")

    @property
    def parameters(self) -> str:
        """Which of several runs of the test this was, or nothing."""
        return self.test.partition("[")[2].removesuffix("]")


def named(test: str) -> tuple[str, str]:
    """The bar that a test's name begins with, and the rest of the name. Raises ValueError when there is none."""
    found = NAME.match(test)
    if found is None:
        raise ValueError(f"{test}: the name of a test in tests/bars/ begins with its bar: test_a1_…")
    return found[1].upper(), found[2]


def lines(ran: Iterable[Ran], day: str) -> dict[str, str]:
    """For each bar of these tests its line of the table."""
    of: dict[str, list[Ran]] = {}
    for one in ran:
        of.setdefault(one.bar, []).append(one)
    return {bar: _line(bar, tests, day) for bar, tests in sorted(of.items())}


def _line(bar: str, tests: list[Ran], day: str) -> str:
    must = _once(must for one in tests for must, _ in one.said) or _once(one.promise for one in tests)
    found: dict[str, list[str]] = {}  # what was measured, and in which runs
    for one in tests:
        for _, text in one.said if one.outcome == "passed" else ():
            found.setdefault(text, []).append(one.parameters)
    told = [
        f"**{word}:** {'; '.join(_once(map(_which if word == 'not met' else _promise, those)))}"
        for word, those in _bad(tests)
    ]
    told += [text + _in(runs) for text, runs in found.items()]
    silent = {one.promise for one in tests if one.outcome == "passed" and not one.said}
    if silent:
        told.append(f"{len(silent)} {'more ' if told else ''}{'test' if len(silent) == 1 else 'tests'} passed")
    cells = [bar, "; ".join(must), "; ".join(told), _seconds(sum(one.seconds for one in tests)), day]
    return "| " + " | ".join(re.sub(r"\s+", " ", cell).replace("|", "\\|") for cell in cells) + " |"


def _once(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(filter(None, texts)))


def _bad(tests: list[Ran]) -> list[tuple[str, list[Ran]]]:
    kinds = {"not met": "failed", "not run": "skipped"}
    return [(word, those) for word, kind in kinds.items() if (those := [one for one in tests if one.outcome == kind])]


def _promise(one: Ran) -> str:
    return f"some runs of “{one.promise}”" if one.parameters else one.promise


def _which(one: Ran) -> str:
    return one.promise + _in([one.parameters])


def _in(runs: list[str]) -> str:
    which = _once(runs)
    return f" ({', '.join(which)})" if which else ""


def _seconds(seconds: float) -> str:
    return f"{seconds:.0f}" if seconds >= 10 else f"{seconds:.1f}"


def shown(page: str) -> dict[str, str]:
    """The lines that a page shows, by bar."""
    return {found[1]: found[0] for found in ROW.finditer(_between(page))}


def put(page: str, new: dict[str, str], about: str, *, whole: bool) -> str:
    """The page with the new lines in its table; what it showed of other bars goes if this was a `whole` run.

    `about` says with what and on what it was measured. Raises ValueError on a page without a place for the table."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"the page needs the lines {BEGIN.strip()} and {END}")
    rows = new if whole else shown(page) | new
    table = "".join(rows[bar] + "\n" for bar in sorted(rows))
    return f"{before}{begin}{HEAD}{table}\n{about}\n{end}{after}"


def write(path: Path, new: dict[str, str], about: str, *, whole: bool) -> None:
    """Put the lines into a file, or leave it as it is when nothing ran."""
    if new:
        page = path.read_text(encoding="utf-8")
        path.write_text(put(page, new, about, whole=whole), encoding="utf-8")


def _between(page: str) -> str:
    return page.partition(BEGIN)[2].partition(END)[0]
