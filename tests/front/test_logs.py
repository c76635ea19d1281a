"""What the log lets through, and what it makes of everything else."""

import ast
import asyncio
import io
import json
import logging
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from engine.log import FIELDS, OURS, Log
from tocsin.log_events import EVENTS
from tocsin.log_hooks import hook_in, watch_loop
from tocsin.log_scrub import scrubbed
from tocsin.logs import REFUSED, OneLine, Output, Pseudonyms, Refusal

HOUSE = Path(__file__).resolve().parent.parent.parent
ROOMS = ("tocsin", "engine", "bot", "responders", "store", "config", "escalation", "rehearsal")
MAY_IMPORT_LOGGING = {"engine/log.py", "tocsin/logs.py", "tocsin/demo.py"}
NAME = "Ana Yupanqui"
SOMEBODY = UUID(int=2**100)

Lines = Callable[[], list[dict[str, object]]]


@pytest.fixture
def lines() -> Iterator[Lines]:
    """What the log has written, read as a machine would; without the strict listener of the tests."""
    written = io.StringIO()
    output = Output(written)
    output.setFormatter(OneLine(Pseudonyms(b"a key"), for_people=False))
    root, ours = logging.getLogger(), logging.getLogger(OURS)
    strict, levels = ours.handlers[:], (root.level, ours.level)
    ours.handlers.clear()
    root.addHandler(output)
    root.setLevel(logging.DEBUG)
    ours.setLevel(logging.DEBUG)
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    root.removeHandler(output)
    ours.handlers += strict
    root.setLevel(levels[0])
    ours.setLevel(levels[1])


@pytest.fixture
def hooked() -> Iterator[None]:
    """The hooks in place of Python's own, for one test."""
    before = sys.excepthook, threading.excepthook, sys.unraisablehook, warnings.showwarning
    hook_in()
    yield
    sys.excepthook, threading.excepthook, sys.unraisablehook, warnings.showwarning = before


class FailsAtTheEnd:
    """Raises where nobody can catch it."""

    def __del__(self) -> None:
        raise failed()


def failed() -> ValueError:
    """A fault that names somebody, with the way it came."""
    try:
        raise ValueError(NAME) from KeyError(NAME)
    except ValueError as fault:
        return fault


def test_an_event_is_one_line_with_its_fields(lines: Lines) -> None:
    Log("outbox").warning("not_sent", delivery=7, outcome="temp", reason="unsayable_KeyError")

    [line] = lines()

    assert line.pop("at")
    assert line == {
        "level": "warning", "event": "not_sent", "part": "outbox", "delivery": 7, "outcome": "temp",
        "reason": "unsayable",
    }  # fmt: skip


def test_of_a_fault_the_log_has_its_kind_and_its_functions_and_nothing_of_its_values(lines: Lines) -> None:
    Log("reading").error("turn_not_committed", inbox=1, fault=failed())

    [line] = lines()

    assert (line["fault"], line["through"], line["behind"]) == ("ValueError", ["failed"], ["KeyError"])
    assert NAME not in json.dumps(line)


def test_of_a_group_of_faults_the_log_has_the_kind_of_each(lines: Lines) -> None:
    Log("process").error("process_fault", fault=ExceptionGroup(NAME, [ValueError(NAME), OSError(NAME)]))

    assert lines()[0]["behind"] == ["ValueError", "OSError"]


def test_a_person_is_a_pseudonym_that_is_another_one_tomorrow(lines: Lines) -> None:
    names = Pseudonyms(b"a key")

    Log("timekeeping").error("row_not_decided", row=SOMEBODY, fault=failed())

    assert str(lines()[0]["row"]).isalpha()
    assert names.name(SOMEBODY, "2026-03-02") == Pseudonyms(b"a key").name(SOMEBODY, "2026-03-02")
    assert names.name(SOMEBODY, "2026-03-02") != names.name(SOMEBODY, "2026-03-03")
    assert names.name(SOMEBODY, "2026-03-02") != Pseudonyms().name(SOMEBODY, "2026-03-02")


@pytest.mark.parametrize(
    ("event", "fields"),
    [
        ("not_sent", {"reason": NAME}),
        ("not_sent", {"delivery": "7"}),
        ("not_sent", {"delivery": True}),
        ("not_sent", {"text": "hello"}),
        ("service_open", {"port": 5_730_123_456}),
        ("caught_up", {"away": 3.5}),
        ("row_not_decided", {"row": NAME, "fault": NAME}),
    ],
)
def test_a_field_that_is_not_of_its_kind_is_dropped_and_counted(
    lines: Lines, event: str, fields: dict[str, object]
) -> None:
    before = REFUSED.count

    Log("outbox").info(event, **fields)

    assert set(lines()[0]) == {"at", "level", "event", "part"}
    assert REFUSED.count == before + len(fields)


@pytest.mark.parametrize("sentence", ["ana is at home", NAME, "%s"])
def test_an_event_that_is_not_on_the_list_is_not_said_at_all_but_counted(lines: Lines, sentence: str) -> None:
    before = REFUSED.count

    logging.getLogger(f"{OURS}.outbox").error(sentence)
    logging.getLogger(f"{OURS}.outbox").error("service_stopped %s", NAME)

    assert lines() == []
    assert REFUSED.count == before + 2
    registry = CollectorRegistry()
    registry.register(Refusal())
    assert f"tocsin_log_refused_total {float(REFUSED.count)}".encode() in generate_latest(registry)


@pytest.mark.parametrize("name", ["httpx", "aiogram.event", "telegram.ext", "sqlalchemy.engine", "py.warnings", "new"])
def test_of_a_library_the_log_has_that_it_spoke(lines: Lines, name: str) -> None:
    try:
        raise ValueError(NAME)
    except ValueError:
        logging.getLogger(name).exception("%s was here", NAME, extra={FIELDS: {"name": NAME}})

    [line] = lines()

    assert (line["event"], line["fault"]) == ("library_spoke", "ValueError")
    assert NAME not in json.dumps(line)


def test_how_long_is_said_as_people_do(lines: Lines) -> None:
    Log("engine").info("caught_up", away=timedelta(days=30, seconds=62), overdue=3)

    assert lines()[0]["away"] == "30d00h01m02s"


@pytest.mark.usefixtures("hooked")
async def test_what_python_would_print_is_an_event_instead(lines: Lines, capfd: pytest.CaptureFixture[str]) -> None:
    loop = asyncio.get_running_loop()
    watch_loop(loop)

    sys.excepthook(ValueError, failed(), None)
    thread = threading.Thread(target=lambda: [][1])
    await asyncio.to_thread(thread.start)
    await asyncio.to_thread(thread.join)
    del_ = FailsAtTheEnd()
    del del_
    loop.call_exception_handler({"message": NAME, "exception": failed(), "task": NAME})
    loop.call_exception_handler({"message": NAME})
    warnings.showwarning(UserWarning(NAME), UserWarning, NAME, 1)

    said = lines()
    assert [line["event"] for line in said if line["event"] != "library_spoke"] == [
        "process_fault", "thread_fault", "unraisable_fault", "loop_fault", "loop_fault", "warning_given",
    ]  # fmt: skip
    assert NAME not in json.dumps(said) + "".join(capfd.readouterr())


def test_a_log_that_cannot_be_written_stops_nobody() -> None:
    broken = io.StringIO()
    output = Output(broken)
    output.setFormatter(OneLine(Pseudonyms(), for_people=True))
    broken.close()

    output.handle(logging.LogRecord("tocsin.service", logging.INFO, "", 0, "service_stopped", None, None))


def test_at_a_terminal_a_line_can_be_read() -> None:
    record = logging.LogRecord("tocsin.service", logging.INFO, "", 0, "service_open", None, None)
    vars(record)[FIELDS] = {"port": 8080}

    line = OneLine(Pseudonyms(), for_people=True).format(record)

    assert "service_open" in line
    assert "port=8080" in line
    assert "{" not in line


@pytest.mark.parametrize(
    "secret",
    [
        "123456789:" + "AbC-_1" * 6,
        "ana.yupanqui@example.org",
        "4.60971, -74.08175",
        "+57 301 234 5678",
        "987654321",
        "٩٨٧٦٥٤٣٢١",
        "\x1b[31mred",
        "a\nb",
        "\u202eback",
    ],
)
def test_the_second_line_strikes_out_what_could_be_somebodys(secret: str) -> None:
    line = scrubbed(f"said: {secret}!")

    assert secret not in line
    assert line.isprintable()


def test_words_of_ours_pass_the_second_line() -> None:
    words = ["no_answer_in_time", "Reader._read", "30d00h01m02s", "sqlalchemy"]

    assert [scrubbed(word) for word in words] == words


def calls() -> Iterator[tuple[str, str, set[str]]]:
    """Every call of a log in the rooms: where, the event, the names of its fields."""
    for room in ROOMS:
        for path in sorted((HOUSE / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                match node:
                    case ast.Call(
                        func=ast.Attribute(value=ast.Name(id="log"), attr="info" | "warning" | "error"), args=[event]
                    ):
                        name = event.value if isinstance(event, ast.Constant) else ast.unparse(event)
                        fields = {word.arg for word in node.keywords if word.arg is not None}
                        yield f"{path.relative_to(HOUSE)}:{node.lineno}", str(name), fields
                    case ast.Call(func=ast.Attribute(value=ast.Name(id="log"), attr=attr)):
                        yield f"{path.relative_to(HOUSE)}:{node.lineno}", f"log.{attr}", set()
                    case _:
                        pass


def test_every_call_of_a_log_is_on_the_list() -> None:
    wrong = [(where, event, fields) for where, event, fields in calls() if not fields <= set(EVENTS.get(event, ()))]

    assert [one for one in wrong if one[1]] == []
    assert [where for where, event, _ in calls() if event not in EVENTS] == []


def test_every_event_of_the_list_is_said_somewhere() -> None:
    assert set(EVENTS) - {event for _, event, _ in calls()} == {"library_spoke"}


def test_no_room_has_a_logger_of_its_own() -> None:
    importing = {
        path.relative_to(HOUSE).as_posix()
        for room in ROOMS
        for path in (HOUSE / room).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (
            isinstance(node, ast.Import)
            and any(alias.name.split(".")[0] in ("logging", "structlog") for alias in node.names)
        )
        or (isinstance(node, ast.ImportFrom) and str(node.module).split(".")[0] in ("logging", "structlog"))
    }

    assert importing == MAY_IMPORT_LOGGING
