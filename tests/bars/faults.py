"""Where the service speaks with its database and with the outside, and a fault planted at every such place once.

The places are found by looking through the rooms, so that a new one is held to it without being listed."""

import ast
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from smtplib import SMTP
from types import FrameType
from typing import Any

import aiohttp

from store.database import Store, Tx

HOUSE = Path(__file__).resolve().parent.parent.parent
ROOMS = ("engine", "bot", "responders", "tocsin")
STORE = re.compile(r"(^|[._])store\.(run|read)$")
OUTSIDE = re.compile(
    r"(session\.(get|post)|_open\(\)\.request|_bot\.\w+|channel\.(deliver|clear)|smtplib\.SMTP|smtp\.\w+)$"
)


def store_calls() -> set[str]:
    """Every call of the store, as "file:line:function"."""
    return {f"{path}:{line}:{function}" for path, line, function in _calls(STORE)}


def outside_calls() -> set[str]:
    """Every function that asks something of the outside, as "file:function"."""
    return {f"{path}:{function}" for path, _, function in _calls(OUTSIDE)}


def _calls(wanted: re.Pattern[str]) -> Iterator[tuple[str, int, str]]:
    for room in ROOMS:
        for path in sorted((HOUSE / room).rglob("*.py")):
            name = path.relative_to(HOUSE).as_posix()
            tree = ast.parse(path.read_text(encoding="utf-8"))
            yield from ((name, line, function) for line, function in _within(tree, "", wanted))


def _within(node: ast.AST, function: str, wanted: re.Pattern[str]) -> Iterator[tuple[int, str]]:
    """The calls below a node, each with the innermost function that is no lambda around it."""
    for child in ast.iter_child_nodes(node):
        inner = child.name if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) else function
        if isinstance(child, ast.Call) and wanted.search(ast.unparse(child.func)):
            yield child.func.end_lineno or 0, function
        yield from _within(child, inner, wanted)


class Planted:
    """A fault at every call of the store, and at every function that asks the outside, the first time it does."""

    def __init__(self, words: Callable[[], str]) -> None:
        """`words` gives what each fault says."""
        self.store: set[str] = set()
        self.outside: set[str] = set()
        self._words = words

    def sow(self) -> None:
        """From now on they fail."""
        run, read, request = Store.run, Store.read, aiohttp.ClientSession._request
        connect, data = SMTP.connect, SMTP.data

        def through(once: Callable[[Store, Callable[[Tx], Any]], Any]) -> Any:
            def failing(store: Store, work: Callable[[Tx], Any]) -> Any:
                site = _store_site(sys._getframe(1))
                if site is not None and site not in self.store:
                    self.store.add(site)
                    raise OSError(self._words())
                return once(store, work)

            return failing

        async def asked(session: aiohttp.ClientSession, *args: Any, **kwargs: Any) -> Any:
            if self._is_new(sys._getframe(1)):
                raise aiohttp.ClientConnectionError(self._words())
            return await request(session, *args, **kwargs)

        def connected(smtp: SMTP, *args: Any, **kwargs: Any) -> Any:
            if self._is_new(sys._getframe(1)):
                raise OSError(self._words())
            return connect(smtp, *args, **kwargs)

        def handed(smtp: SMTP, message: Any) -> Any:
            if "handed" not in self.outside:
                self.outside.add("handed")
                raise OSError(self._words())
            return data(smtp, message)

        Store.run, Store.read = through(run), through(read)  # type: ignore[method-assign]
        aiohttp.ClientSession._request = asked  # type: ignore[method-assign, assignment]
        SMTP.connect, SMTP.data = connected, handed  # type: ignore[method-assign, assignment]

    def _is_new(self, frame: FrameType | None) -> bool:
        """Whether a function of ours on the way here has not failed yet; then all of them have."""
        way = {site for site in map(_place, _frames(frame)) if site is not None}
        fresh = way - self.outside
        self.outside |= fresh
        return bool(fresh)


def _frames(frame: FrameType | None) -> Iterator[FrameType]:
    while frame is not None:
        yield frame
        frame = frame.f_back


def _file(frame: FrameType) -> str | None:
    path = Path(frame.f_code.co_filename)
    name = path.relative_to(HOUSE).as_posix() if path.is_relative_to(HOUSE) else ""
    return name if name.split("/")[0] in ROOMS else None


def _place(frame: FrameType) -> str | None:
    name = _file(frame)
    return None if name is None else f"{name}:{frame.f_code.co_name}"


def _store_site(frame: FrameType) -> str | None:
    name = _file(frame)
    return None if name is None else f"{name}:{frame.f_lineno}:{frame.f_code.co_name}"
