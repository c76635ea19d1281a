"""The board and the rules that come with the service speak of numbers that it has."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import generate_latest

from engine.auditing import Code
from engine.metrics import Metrics
from tocsin.log_events import EVENTS
from tocsin.log_fields import NotAllowed
from tocsin.logs import Refusal

DEPLOY = Path(__file__).resolve().parents[2] / "config" / "deploy"
NUMBER = re.compile(r"\b(tocsin_\w+)")
RULE = re.compile(r"^ +expr: (.+)$", re.MULTILINE)


def exported() -> set[str]:
    """Every series that /metrics can show."""
    metrics = Metrics()
    metrics.registry.register(Refusal())
    for family in metrics.registry.collect():
        assert family.documentation
    text = generate_latest(metrics.registry).decode()
    families = re.findall(r"^# TYPE (\w+) (\w+)$", text, re.MULTILINE)
    parts = {"histogram": ("_bucket", "_sum", "_count"), "counter": ("",), "gauge": ("",)}
    return {name + part for name, kind in families for part in parts[kind]}


def questions_of_the_board() -> list[str]:
    """What each panel asks."""
    board: dict[str, Any] = json.loads((DEPLOY / "dashboard.json").read_text(encoding="utf-8"))
    return [target["expr"] for panel in board["panels"] for target in panel["targets"]]


def questions_of_the_rules() -> list[str]:
    """What each rule asks."""
    return RULE.findall((DEPLOY / "alerts.yml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("questions", [questions_of_the_board, questions_of_the_rules])
def test_every_question_names_a_number_that_there_is(questions: Any) -> None:
    asked = questions()
    named = {name for question in asked for name in NUMBER.findall(question)}

    assert len(asked) > 9
    assert named <= exported()
    assert all(question.count("(") == question.count(")") for question in asked)


def test_what_can_be_found_stands_on_the_list_of_what_may_be_logged() -> None:
    kind = EVENTS["audit_found"]["code"]

    assert [kind(code.value) for code in Code] == [code.value for code in Code]
    with pytest.raises(NotAllowed):
        kind("Ana")


def test_the_manual_explains_everything_that_can_be_found() -> None:
    page = (DEPLOY.parents[1] / "docs" / "watching.md").read_text(encoding="utf-8")

    assert [code.value for code in Code if f"`{code.value}`" not in page] == []
    assert set(NUMBER.findall(page)) <= exported() | {name.removesuffix("_sum") for name in exported()}
