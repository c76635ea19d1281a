"""Updates that no messenger would give: real ones with their structure or their bytes changed, the same for a seed."""

import copy
import json
import random
from collections.abc import Iterator
from typing import Any

Path = tuple[str | int, ...]

JUNK: tuple[Any, ...] = (
    None, True, False, 0, -1, 2**31, 2**53, 2**63, -(2**63), 10**30, 10**400, 0.5, 1e308, float("inf"), float("nan"),
    "", " ", "\x00", "\ud800", "\u202e\u2066\x1b[31m", "x" * 5_000, "👩‍👩‍👧" * 50, [], {}, [[]], [None], {"": None},
    {"id": {"id": {}}}, {"update_id": 1}, "0", "-1", "1e5", "null", "private", "supergroup",
)  # fmt: skip


def originals(person: int, text: str) -> list[dict[str, Any]]:
    """One well-formed update of every kind that we ask for, from `person`, without a number."""
    user = {"id": person, "is_bot": False, "first_name": "Max", "language_code": "en"}
    chat = {"id": person, "type": "private", "first_name": "Max"}
    message = {"message_id": 41, "date": 1_772_438_400, "chat": chat, "from": user}
    sizes = [{"file_id": "AgAD", "file_unique_id": "u", "width": 9, "height": 9, "file_size": 81}]
    return [
        {"message": {**message, "text": text, "entities": [{"type": "bold", "offset": 0, "length": 2}]}},
        {"message": {**message, "location": {"latitude": 4.6, "longitude": -74.1, "live_period": 60}}},
        {"message": {**message, "photo": sizes, "caption": text}},
        {"message": {**message, "contact": {"phone_number": "1", "first_name": "Max", "user_id": person}}},
        {"message": {**message, "text": text, "reply_to_message": {**message, "text": text, "message_id": 40}}},
        {"message": {**message, "text": text, "forward_origin": {"type": "hidden_user", "date": 1}}},
        {"message": {**message, "story": {"chat": chat, "id": 3}}},
        {"edited_message": {**message, "edit_date": 1_772_438_401, "text": text}},
        {"callback_query": {"id": "77", "from": user, "message": message, "chat_instance": "c", "data": "zone:UTC"}},
        {"my_chat_member": {"chat": chat, "from": user, "date": 1, "old_chat_member": {}, "new_chat_member": {}}},
        {"novelty_of_next_year": {"chat": chat, "from": user, "what": text}},
    ]


def malformed(seed: int, persons: list[int], text: str) -> Iterator[bytes]:
    """Malformed updates without end, numbered from 1; of every second hundred, half have broken bytes as well."""
    dice = random.Random(seed)
    number = 0
    while True:
        number += 1
        update = {"update_id": number, **copy.deepcopy(dice.choice(originals(dice.choice(persons), text)))}
        for _ in range(dice.randint(1, 4)):
            _mutate(dice, update)
        raw = _deep(json.dumps(update)) if dice.random() < 0.01 else json.dumps(update).encode()
        yield _torn(dice, raw) if number % 200 >= 100 and dice.random() < 0.5 else raw


def _mutate(dice: random.Random, update: dict[str, Any]) -> None:
    paths = list(_paths(update, ()))
    if not paths:
        return
    *way, last = dice.choice(paths)
    parent: Any = update
    for step in way:
        parent = parent[step]
    match dice.randint(0, 3):
        case 0:
            del parent[last]
        case 1:
            parent[last] = copy.deepcopy(dice.choice(JUNK))
        case 2:
            parent[last] = [parent[last]] * dice.randint(0, 3)
        case _:
            if isinstance(parent, dict):
                parent[f"{last}_"] = copy.deepcopy(dice.choice(JUNK))


def _paths(value: Any, way: Path) -> Iterator[Path]:
    """Everything that can be changed, but the number at the top, without which nothing is an update."""
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in steps:
        if (*way, step) != ("update_id",):
            yield (*way, step)
            yield from _paths(inner, (*way, step))


def _deep(update: str) -> bytes:
    """The update with a part that is nested deeper than anybody reads."""
    return update.replace("{", '{"deep": ' + '{"a":' * 900 + "1" + "}" * 900 + ", ", 1).encode()


def _torn(dice: random.Random, raw: bytes) -> bytes:
    """The bytes with some of them lost, changed, doubled or put in."""
    torn = bytearray(raw)
    for _ in range(dice.randint(1, 6)):
        at = dice.randrange(len(torn)) if torn else 0
        match dice.randint(0, 3):
            case 0:
                del torn[at : at + dice.randint(1, 20)]
            case 1 if torn:
                torn[at] = dice.randrange(256)
            case 2:
                torn[at:at] = dice.randbytes(dice.randint(1, 8))
            case _:
                torn[at:at] = torn[at : at + dice.randint(1, 40)]
    return bytes(torn)
