"""What the documents say of the code is so: names, links, commands, and the example files for a server."""

import ast
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from config.ladders import load_ladders
from config.settings import Settings, load_settings
from tocsin.cli import tocsin

HOUSE = Path(__file__).resolve().parent.parent
PAGES = [HOUSE / "README.md", HOUSE / "SECURITY.md", *sorted((HOUSE / "docs").glob("*.md"))]
NAMED = re.compile(r"`([\w/.-]+\.py): ([\w.]+)`")  # `engine/intake.py: Intake.keep`
FILE = re.compile(r"`((?:bench|bot|config|engine|escalation|rehearsal|responders|store|tests|tocsin)/[\w/.-]*)`")
LINK = re.compile(r"\]\((?!https?:)([^)#\s]+)[^)]*\)")
COMMAND = re.compile(r"(?:^|`)(tocsin [a-z][^`\n]*)", re.MULTILINE)

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


def defined(body: list[ast.stmt]) -> Iterator[tuple[str, list[ast.stmt]]]:
    """What a module or class defines: names, with the body of those that have one."""
    for node in body:
        match node:
            case ast.ClassDef() | ast.FunctionDef() | ast.AsyncFunctionDef():
                yield node.name, node.body
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                yield name, []
            case ast.ImportFrom():
                yield from ((alias.asname, []) for alias in node.names if alias.asname)
            case _:
                pass


def holds(path: Path, name: str) -> bool:
    """Whether the file defines `name`, dots leading into classes."""
    body = ast.parse(path.read_text(encoding="utf-8")).body
    for part in name.split("."):
        found = dict(defined(body))
        if part not in found:
            return False
        body = found[part]
    return True


def commands(page: Path) -> list[list[str]]:
    """Every use of the command line on a page, as words."""
    return [shlex.split(found, comments=True) for found in COMMAND.findall(page.read_text(encoding="utf-8"))]


@each_page
def test_every_name_on_a_page_is_in_the_code(page: Path) -> None:
    named = NAMED.findall(page.read_text(encoding="utf-8"))

    assert [f"{file}: {name}" for file, name in named if not holds(HOUSE / file, name)] == []


@each_page
def test_every_file_on_a_page_is_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    missing = [name for name in FILE.findall(text) if not (HOUSE / name).exists()]

    assert missing + [link for link in LINK.findall(text) if not (page.parent / link).exists()] == []


@each_page
def test_every_command_on_a_page_can_be_typed(page: Path) -> None:
    wrong = []
    for _, *words in commands(page):
        command: click.Command = tocsin
        while isinstance(command, click.Group) and words and words[0] in command.commands:
            command = command.commands[words.pop(0)]
        known = {option for param in command.params for option in param.opts} | {"--help"}
        arguments = sum(isinstance(param, click.Argument) for param in command.params)
        options = [word for word in words if word.startswith("--")]
        unfit = [option for option in options if option not in known]
        spelled_out = not isinstance(command, click.Group) or not words
        if unfit or not spelled_out or (not arguments and words and not options):
            wrong.append((command.name, words))

    assert wrong == []


def test_the_pages_speak_of_commands() -> None:
    spoken_of = {words[1] for page in PAGES for words in commands(page)}

    assert set(tocsin.commands) - {"run"} <= spoken_of | {"demo"}


def test_the_example_settings_can_be_used(tmp_path: Path) -> None:
    example = (HOUSE / "config" / "deploy" / "tocsin.toml").read_text(encoding="utf-8")
    (tmp_path / "tocsin.toml").write_text(example, encoding="utf-8")

    settings = load_settings({"TOCSIN_DATA": str(tmp_path)}, tmp_path)

    assert settings.listen.port == 8080


def test_the_example_settings_and_the_manual_name_every_setting() -> None:
    example = (HOUSE / "config" / "deploy" / "tocsin.toml").read_text(encoding="utf-8")
    manual = (HOUSE / "docs" / "running.md").read_text(encoding="utf-8")
    names = set(Settings.model_fields) - {"data"}

    assert [name for name in sorted(names) if not re.search(rf"^(# )?{name}(_file)? =", example, re.MULTILINE)] == []
    assert [name for name in sorted(names | {"data"}) if f"`TOCSIN_{name.upper()}`" not in manual] == []


def test_the_manual_tells_the_graces_as_they_are() -> None:
    manual = (HOUSE / "docs" / "running.md").read_text(encoding="utf-8")
    row = re.search(r"^\| contacts are asked to verify \| (.*) \| (.*) \| (.*) \|$", manual, re.MULTILINE)
    assert row is not None

    minutes = [int(word.split()[0]) * (60 if word.endswith("h") else 1) for word in row.groups()]

    assert minutes == [profile.pace.grace.total_seconds() / 60 for profile in load_ladders(None).profiles.values()]
