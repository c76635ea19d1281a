"""What we build on and how we look at it: every exception to a security rule has its reason, silence of the advisory
database is never taken for a clean bill, and a change that no test noticed is counted."""

import importlib.util
import json
import re
import signal
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

HOUSE = Path(__file__).resolve().parent.parent
PYPROJECT = (HOUSE / "pyproject.toml").read_text(encoding="utf-8")
PROJECT: dict[str, Any] = tomllib.loads(PYPROJECT)
ROOMS: list[str] = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
EXCEPTION = re.compile(r"#\s*(?:noqa: [^#]*\bS\d{3}|nosec\b).*")
MARK = r"#\s*(?:noqa: [A-Z]+\d+(?:, [A-Z]+\d+)*|nosec B\d{3}(?:, B\d{3})*)"
REASONED = re.compile(rf"{MARK}(?:\s+{MARK})*\s+[-#] \S.{{5,}}")
MAKEFILE = (HOUSE / "Makefile").read_text(encoding="utf-8")


def script(name: str) -> ModuleType:
    """A script of `.ci/`, which is no package."""
    spec = importlib.util.spec_from_file_location(name, HOUSE / ".ci" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def audit() -> ModuleType:
    """What `make audit` runs."""
    return script("audit")


def answer(*packages: dict[str, object]) -> str:
    """What pip-audit writes about these packages."""
    return json.dumps({"dependencies": [{"name": "snail", "version": "1.0"} | one for one in packages], "fixes": []})


def sources() -> list[Path]:
    """Every Python file that security rules are asked of, but this one, in which exceptions are spoken of."""
    folders = [*ROOMS, "tests", "bench", ".ci"]
    return [path for name in folders for path in (HOUSE / name).rglob("*.py") if path != Path(__file__)]


def test_the_security_rules_are_on_for_everything() -> None:
    lint = PROJECT["tool"]["ruff"]["lint"]
    off = [code for code in lint["ignore"] if code.startswith("S") and not code.startswith("SIM")]
    whole = [place for place, codes in lint["per-file-ignores"].items() if "S" in codes]

    assert "S" in lint["select"]
    assert off == []
    assert whole == []


def test_every_security_exception_of_a_line_says_why() -> None:
    silent = [
        f"{path.relative_to(HOUSE)}: {found[0]}"
        for path in sources()
        for found in EXCEPTION.finditer(path.read_text(encoding="utf-8"))
        if not REASONED.match(found[0])
    ]

    assert silent == []


def test_every_security_exception_of_a_folder_says_why() -> None:
    section = PYPROJECT.partition("[tool.ruff.lint.per-file-ignores]")[2].partition("\n[")[0]
    silent = [
        line for line in section.splitlines() if re.search(r'"S\d{3}"', line) and not re.search(r"# \w.{5,}", line)
    ]

    assert silent == []


def test_the_scanner_reads_every_room() -> None:
    scanned = re.search(r"bandit .* -r (.*)", MAKEFILE)

    assert scanned is not None
    assert set(scanned[1].split()) == {*ROOMS, ".ci"}


def test_known_faults_fail_the_audit_and_are_named() -> None:
    code, said = audit().verdict(answer({"vulns": [{"id": "CVE-1", "fix_versions": ["1.1"]}]}, {"vulns": []}))

    assert (code, said) == (1, ["snail 1.0: CVE-1, mended in 1.1", "1 known fault in 2 packages."])


def test_packages_that_nobody_could_be_asked_about_are_no_clean_bill() -> None:
    code, said = audit().verdict(answer({"vulns": []}, {"skip_reason": "not found"}))

    assert code == 2
    assert said == [audit().UNREACHED.format(what=" about 1 of 2 packages")]


def test_a_fault_is_told_even_when_others_could_not_be_asked_about() -> None:
    code, said = audit().verdict(answer({"vulns": [{"id": "CVE-1", "fix_versions": []}]}, {"skip_reason": "not found"}))

    assert code == 1
    assert said[0] == "snail 1.0: CVE-1, mended in no version"
    assert "about 1 of 2 packages" in said[1]


@pytest.mark.parametrize("text", ["", "Traceback", "[]", "{}"])
def test_no_answer_is_one_sentence(text: str) -> None:
    code, said = audit().verdict(text)

    assert code == 2
    assert said == ["The advisory database could not be asked: run `make audit` where the network lets you reach it."]


def test_a_clean_answer_is_clean() -> None:
    assert audit().verdict(answer({"vulns": []})) == (0, ["No known fault in 1 packages."])


def test_the_audit_asks_about_what_is_locked() -> None:
    assert str(HOUSE / "requirements-dev.lock") in audit().ASK


def change(became: str, was: str = "return left + right") -> dict[str, object]:
    """What became of a change of one line."""
    guards = script("small_changes").guards(was)
    return {"function": "joined", "line": 7, "was": was, "now": "return None", "guards": guards, "became": became}


def listed(was: str) -> dict[str, str]:
    """The same change, listed as one that alters nothing."""
    return {"function": "joined", "was": was, "now": "return None", "why": "Nothing is joined to nothing."}


def test_nine_of_ten_changes_noticed_are_enough() -> None:
    told = script("mutants").told

    assert told("a.py", [change("noticed")] * 9 + [change("survived")], []).enough
    assert not told("a.py", [change("noticed")] * 8 + [change("survived")], []).enough
    assert not told("a.py", [change("noticed")] * 8 + [change("no test")], []).enough


def test_nothing_tried_is_not_enough() -> None:
    assert not script("mutants").told("a.py", [], []).enough


@pytest.mark.parametrize("line", ["if here == there:", "key.verify(signature)", "return not proof", "assert one < two"])
def test_one_change_that_nobody_noticed_in_a_line_that_guards_is_too_many(line: str) -> None:
    found = [change("noticed")] * 99 + [change("survived", line)]

    assert not script("mutants").told("a.py", found, []).enough
    assert script("mutants").told("a.py", found, [listed(line)]).enough


@pytest.mark.parametrize(
    ("new", "found"),
    [("a\nx\nc\n", (2, "b", "x")), ("a\nc\n", (2, "b", "")), ("a\n", (2, "b c", "")), ("a\nb\nb\nc", (3, "", "b"))],
)
def test_a_change_is_told_by_the_lines_before_and_after_it(new: str, found: tuple[int, str, str]) -> None:
    assert script("small_changes").difference("a\nb\nc\n", new) == found


def test_whoever_stops_it_leaves_nothing_running(tmp_path: Path) -> None:
    """Its standard error is open as long as anything runs that it has started."""
    endless = tmp_path / "endless.py"
    endless.write_text(
        "import os, signal\n"
        "parent = os.getppid()\n"
        "if not os.fork():\n"
        "    os.kill(parent, signal.SIGTERM)\n"
        "while True:\n"
        "    signal.pause()\n"
    )
    stopped = (
        f"import sys; sys.path.insert(0, {str(HOUSE / '.ci')!r}); import mutants; from pathlib import Path;"
        f"mutants.CHANGING = Path({str(endless)!r}); mutants.main(['padding'])"
    )

    ran = subprocess.run([sys.executable, "-c", stopped], check=False, capture_output=True, timeout=30)

    assert ran.returncode == 128 + signal.SIGTERM, ran.stderr


def test_what_is_changed_stands_in_a_function_and_is_no_sentence_of_a_fault() -> None:
    source = """class Step:
    WISH = "wish"

    def taken(self) -> bool:
        if not self.WISH:
            raise ValueError("none" + "at all")
        return True


TAPS = 4 + 1
"""
    found = {(line, now) for line, _, now, _ in script("small_changes").changed(source)}

    assert found == {(5, "if self.WISH:"), (7, "return False")}


def test_what_is_listed_for_one_change_excuses_no_other() -> None:
    row = script("mutants").told("a.py", [change("survived", "if one:")], [listed("if two:")])

    assert (row.alike, row.unguarded) == (0, 1)


def test_every_file_that_is_to_be_changed_is_there_with_its_tests() -> None:
    chosen: dict[str, list[str]] = PROJECT["tool"]["mutants"]

    assert [name for file, tests in chosen.items() for name in (file, *tests) if not (HOUSE / name).is_file()] == []


def test_a_change_that_is_listed_as_altering_nothing_stands_in_its_file_and_has_a_reason() -> None:
    files = tomllib.loads((HOUSE / ".ci" / "mutants_equivalent.toml").read_text(encoding="utf-8"))

    for file, changes in files.items():
        text = " ".join(line.strip() for line in (HOUSE / file).read_text(encoding="utf-8").splitlines())
        for one in changes:
            assert one["was"] in text
            assert one["was"] != one["now"]
            assert len(one["why"]) > 10
