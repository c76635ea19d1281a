"""The arguments of a call, however they were sent: in the address, as JSON, as a form, or with files.

Source: Bot API, "Making requests". Values of a form are strings and JSON in strings; here each is read as what the
method wants. What cannot be read is refused in one sentence.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from aiohttp import web

from .refusals import bad_request

TRUE = frozenset({"true", "1", "yes"})


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came with a call."""

    name: str
    mime: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Arguments:
    """One call's arguments by name, and its files."""

    values: Mapping[str, object]
    uploads: Mapping[str, Upload] = field(default_factory=dict)

    def text(self, name: str, default: str = "") -> str:
        value = self.values.get(name)
        return default if value is None else str(value)

    def number(self, name: str, default: int = 0) -> int:
        value = self.values.get(name)
        if value is None or value == "":
            return default
        try:
            return int(str(value))
        except ValueError:
            raise bad_request(f"invalid {name} specified") from None

    def degrees(self, name: str) -> float:
        try:
            return float(str(self.values[name]))
        except (KeyError, ValueError):
            raise bad_request(f"{name} is empty") from None

    def flag(self, name: str) -> bool:
        value = self.values.get(name)
        return value is True or (isinstance(value, (str, int)) and str(value).lower() in TRUE)

    def json(self, name: str) -> object:
        """An object or list; None when it was not given."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            parsed: object = json.loads(value)
        except ValueError:
            raise bad_request(f"can't parse {name.replace('_', ' ')} JSON object") from None
        return parsed

    def numbers(self, name: str) -> list[int]:
        """A list of ids."""
        value = self.json(name)
        if not isinstance(value, list):
            raise bad_request("message identifiers are not specified")
        try:
            return [int(str(item)) for item in value]
        except ValueError:
            raise bad_request(f"invalid {name} specified") from None

    def chat_id(self, name: str = "chat_id") -> int | str:
        """A number, or an @name."""
        value = self.values.get(name)
        if value is None or value == "":
            raise bad_request("chat_id is empty")
        text = str(value)
        return int(text) if text.lstrip("-").isdigit() else text

    def upload(self, name: str) -> Upload | None:
        """The file of this argument: sent under its name, or attached under the name that its value gives."""
        value = self.values.get(name)
        if isinstance(value, str) and value.startswith("attach://"):
            return self.uploads.get(value.removeprefix("attach://"))
        return self.uploads.get(name)


async def read_arguments(request: web.Request) -> Arguments:
    """Raises Refused for a body that is not what its type says."""
    values: dict[str, object] = dict(request.query) if request.query_string else {}
    if request.method != "POST" or not request.can_read_body:
        return Arguments(values)
    match request.content_type:
        case "application/json":
            try:
                body = json.loads(await request.read())
            except ValueError:
                raise bad_request("can't parse JSON object") from None
            if not isinstance(body, dict):
                raise bad_request("object expected as JSON")
            return Arguments({**values, **body})
        case "application/x-www-form-urlencoded":
            text = (await request.read()).decode("utf-8", "replace")
            values.update(parse_qsl(text, keep_blank_values=True))
            return Arguments(values)
        case _:
            uploads: dict[str, Upload] = {}
            for name, value in (await request.post()).items():
                if isinstance(value, web.FileField):
                    uploads[name] = Upload(value.filename, value.content_type, value.file.read())
                else:
                    values[name] = value if isinstance(value, str) else bytes(value).decode("utf-8", "replace")
            return Arguments(values, uploads)
