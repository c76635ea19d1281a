"""The house rules that no linter knows: which words, clocks and hosts may stand where.

Import arrows are import-linter's (`make check`); here is what it cannot see. Each rule walks the files as they are, so
a new file is held to it without being listed."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

HOUSE = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((HOUSE / "pyproject.toml").read_text(encoding="utf-8"))
SHIPPED: list[str] = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
ROOMS = [*SHIPPED, "bench"]

SERVING = ("engine", "tocsin", "bot", "responders")
ASKS_ONCE = {  # and is over soon
    "responders/aiohttp_request.py",  # a send, which the lane's own timer ends at the same time, with the same outcome
    "tocsin/bot_names.py",
    "tocsin/checks.py",
}
LONGEST_FILE = 260  # lines; over 200, look for the second subject
ROOMS_WITHOUT_A_SUBJECT = {"utils", "util", "helpers", "common", "core", "services", "managers", "base", "misc"}
CLOCKS = {"engine/clock.py", "rehearsal/clock.py"}
WALL_CLOCK = {
    *(f"datetime.datetime.{name}" for name in ("now", "utcnow", "today")),
    "datetime.date.today",
    *(f"time.{name}" for name in ("time", "time_ns", "localtime", "gmtime", "ctime")),
    *(f"sqlalchemy.{name}" for name in ("func.now", "func.current_timestamp")),
}

CATCHES_EVERYTHING: dict[str, str] = {  # file: why it may
    "engine/buttons.py": "the edge of one letter: an alarm without buttons is better than none",
    "engine/outbox.py": "the edge of one send: counts as an unknown outcome, and a coordinator is told",
    "engine/reading.py": "the edge of one update: it is tried again, then set aside, and a coordinator is told",
    "engine/sweeping.py": "the edge of one chat: the others are swept, and a coordinator is told",
    "engine/timekeeping.py": "the edge of one row: it is put off, the others go on, and a coordinator is told",
    "engine/warming.py": "the edge of the play before the beginning: the service begins all the same, and logs it",
    "tocsin/cli.py": "the edge of a command: the person gets a sentence, and no data",
    "tocsin/evidence/verify.py": "the edge of the verifier: whatever cannot be read is not verified",
}

# Written in halves, so that this file does not find itself.
HOSTS = ["py" + "pi.org", "python" + "hosted.org", "py" + "pi.python.org", "npm" + "js.org", "npm" + "js.com"]
MACHINE_PATHS = [f"/{folder}/" for folder in ("ro" + "ot", "ho" + "me", "wo" + "rk", "Us" + "ers")] + [
    "/opt/" + "wheels",
    "py" + "env",
]

SLOWEST_HELP = 0.5  # seconds for `tocsin --help`: what someone waits for at a prompt


def sources() -> list[Path]:
    """Every Python file of every room."""
    return [path for room in ROOMS for path in sorted((HOUSE / room).rglob("*.py"))]


def named(path: Path) -> str:
    """The path as one would type it from the house's folder."""
    return path.relative_to(HOUSE).as_posix()


each_source = pytest.mark.parametrize("path", sources(), ids=named)


def parsed(path: Path) -> ast.Module:
    """The file as a syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"), named(path))


def imported(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Pairs of (the name as the file uses it, what it stands for, in full)."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield (
                    (alias.asname, alias.name) if alias.asname else (alias.name.split(".")[0], alias.name.split(".")[0])
                )
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                yield alias.asname or alias.name, f"{node.module}.{alias.name}"


def spelled(node: ast.expr) -> str | None:
    """`a.b.c` for the expression that reads so; None for any other."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (owner := spelled(node.value)):
        return f"{owner}.{node.attr}"
    return None


def tracked() -> list[Path]:
    """Every file that is, or could be, committed."""
    listing = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=HOUSE, check=True, capture_output=True, text=True,
    )  # fmt: skip
    return [path for name in listing.stdout.split("\0") if name and (path := HOUSE / name).is_file()]


def test_no_room_or_file_is_named_for_nothing_in_particular() -> None:
    nameless = [name for name in map(named, sources()) if {*re.split("[/.]", name)} & ROOMS_WITHOUT_A_SUBJECT]

    assert nameless == []


@each_source
def test_a_file_has_one_subject(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE


@pytest.mark.parametrize("path", [path for path in sources() if named(path).startswith("escalation/")], ids=named)
def test_the_heart_needs_nothing_but_the_standard_library(path: Path) -> None:
    roots = {full.split(".")[0] for _, full in imported(parsed(path))}

    assert roots <= sys.stdlib_module_names | {"escalation"}


@each_source
def test_time_comes_from_the_clock_that_was_passed_in(path: Path) -> None:
    if named(path) in CLOCKS:
        return
    tree = parsed(path)
    names = dict(imported(tree))
    called = {
        f"{names[first]}{dot}{rest}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute | ast.Name) and (text := spelled(node))
        for first, dot, rest in [text.partition(".")]
        if first in names
    }

    assert called & WALL_CLOCK == set()


@pytest.mark.parametrize("path", [path for path in sources() if named(path).split("/")[0] in SERVING], ids=named)
def test_what_runs_for_long_trusts_no_timer_of_aiohttp(path: Path) -> None:
    with_timer = {
        keyword.arg
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call) and spelled(node.func) in {"aiohttp.ClientTimeout", "ClientTimeout"}
        for keyword in node.keywords
        if not (isinstance(keyword.value, ast.Constant) and keyword.value.value is None)
    }

    assert with_timer == set() or named(path) in ASKS_ONCE


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_opens_with_its_own_page(room: str) -> None:
    assert (HOUSE / room / "__init__.py").is_file()


@each_source
def test_every_file_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(parsed(path))


@each_source
def test_every_public_name_says_what_it_gives(path: Path) -> None:
    silent = [
        f"{named(path)}:{node.lineno} {name}" for node, name in public(parsed(path)) if not ast.get_docstring(node)
    ]

    assert silent == []


def public(tree: ast.Module) -> Iterator[tuple[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, str]]:
    """The functions and classes of a module that others may use, and the name of each."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield node, node.name


def test_only_the_edges_of_tasks_catch_everything() -> None:
    catching = {named(path) for path in sources() if any(map(catches_everything, ast.walk(parsed(path))))}

    assert catching == set(CATCHES_EVERYTHING)


def catches_everything(node: ast.AST) -> bool:
    """Whether this is an `except` that would also take the faults nobody thought of."""
    if not isinstance(node, ast.ExceptHandler):
        return False
    caught = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
    return any(one is None or spelled(one) in {"Exception", "BaseException"} for one in caught)


def test_nothing_we_keep_names_a_machine_or_a_registry() -> None:
    told = []
    for path in tracked():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # a picture
        told += [f"{named(path)}: {needle}" for needle in HOSTS + MACHINE_PATHS if needle in text]

    assert told == []


def pins(lock: str) -> dict[str, str]:
    """What a lock holds: the version of each package."""
    lines = (HOUSE / lock).read_text(encoding="utf-8")
    return {canonicalize_name(name): version for name, version in re.findall(r"^([\w.-]+)==(\S+)", lines, re.MULTILINE)}


def wanted(*groups: str) -> list[Requirement]:
    """What pyproject.toml asks for, with these groups."""
    asked = [
        *PROJECT["project"]["dependencies"],
        *(line for group in groups for line in PROJECT["dependency-groups"][group]),
    ]
    return [Requirement(line) for line in asked]


@pytest.mark.parametrize(
    ("lock", "groups"), [("requirements.lock", ["build"]), ("requirements-dev.lock", ["build", "dev"])]
)
def test_a_lock_holds_what_was_asked_for(lock: str, groups: list[str]) -> None:
    held = pins(lock)
    missing = [str(one) for one in wanted(*groups) if held.get(canonicalize_name(one.name), "0") not in one.specifier]

    assert missing == []


def test_we_test_with_the_versions_that_we_run_with() -> None:
    assert pins("requirements.lock").items() <= pins("requirements-dev.lock").items()


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_every_package_of_a_lock_has_its_hash(lock: str) -> None:
    packages = re.split(r"^(?=[a-z0-9])", (HOUSE / lock).read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]

    assert [package.splitlines()[0] for package in packages if "--hash=sha256:" not in package] == []


@pytest.fixture(scope="module")
def imports_of_help() -> dict[str, float]:
    """Every module that `tocsin --help` imports, with the seconds its own code took; the quickest of three runs."""
    runs = []
    for _ in range(3):
        done = subprocess.run(
            [sys.executable, "-X", "importtime", "-m", "tocsin", "--help"],
            cwd=HOUSE,
            check=True,
            capture_output=True,
            text=True,
        )
        lines = re.findall(r"^import time:\s+(\d+) \|\s+\d+ \|\s+(\S+)$", done.stderr, re.MULTILINE)
        runs.append({name: int(microseconds) / 1e6 for microseconds, name in lines})
    return min(runs, key=lambda run: sum(run.values()))


def test_help_is_there_at_once(imports_of_help: dict[str, float]) -> None:
    assert sum(imports_of_help.values()) < SLOWEST_HELP


def test_help_waits_for_no_messenger_library(imports_of_help: dict[str, float]) -> None:
    heavy = {"aiogram", "telegram", "sqlalchemy", "sqlmodel", "apscheduler"}

    assert heavy & {name.split(".")[0] for name in imports_of_help} == set()
