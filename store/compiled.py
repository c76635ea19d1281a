"""Statements that run again and again, compiled once.

They are written in SQLAlchemy's words like all others, but of its layers only the compiler and the types are used: at
its second use a statement that is still the same object, as a constant of a module is, is kept as text with what turns
values into parameters and columns into values. From then on it goes straight to the driver's cursor of the same
connection, in the same transaction. What such a use gives and raises is what SQLAlchemy gives and raises, and what is
not that simple takes SQLAlchemy's way: a statement made for one use, one that fills in defaults or has very many values
in a list, and every statement while somebody listens to them.
"""

from collections import namedtuple
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import count
from typing import TYPE_CHECKING, Any, Self
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Delete, Dialect, Engine, Insert, Select, Update
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

from .rows import Rows

MOST = 64  # values in the lists of one statement; each number of them is a text of its own
KEPT = (Select, Insert, Update, Delete)

Words = dict[str, Any]
Turned = Callable[[Any], Any] | None  # None where a value goes as it is


class _Form:
    """One statement for words of these names, with lists of these lengths: a text, and how it is filled in."""

    def __init__(self, compiled: SQLCompiler, dialect: Dialect, words: Words) -> None:
        """Raises LookupError where this is not all that a use needs."""
        if compiled.insert_prefetch or compiled.update_prefetch or compiled.escaped_bind_names:
            raise LookupError
        if compiled.implicit_returning or compiled.literal_execute_params:
            raise LookupError
        self._dialect = dialect
        self.returns = bool(compiled._result_columns)  # noqa: SLF001 - the types as they were compiled
        self._types = [column.type for column in compiled._result_columns]  # noqa: SLF001
        expands = bool(compiled.post_compile_params)
        self.lists = tuple(bind.key for bind in compiled.post_compile_params if bind.key in words)
        whole = compiled.construct_expanded_state(words, escape_names=False) if expands else None
        self.text = whole.statement if whole else compiled.string
        places = (whole.positiontup if whole else compiled.positiontup) or None
        lists = whole.parameter_expansion if whole else {}
        parts = {part: (name, n) for name, some in lists.items() for n, part in enumerate(some)}
        by_name = {name: bind for bind, name in compiled.bind_names.items()}
        names = places if compiled.positional else tuple(whole.parameters if whole else by_name)
        self._empty: Any = [None] * len(names or ()) if compiled.positional else dict.fromkeys(names or ())
        self._plain: list[tuple[Any, str, Turned]] = []
        self._listed: list[tuple[Any, str, int, Turned]] = []
        for index, name in enumerate(names or ()):
            at: Any = index if compiled.positional else name
            whose, n = parts.get(name, (name, None))
            bind = by_name[whose]
            turned = _turned(bind.type, dialect)
            key = next((key for key in (bind.key, whose) if key in words), None)
            if key is None and (bind.required or bind.callable):
                raise LookupError
            if key is None:
                value: Any = bind.value
                value = value if n is None else value[n]
                self._empty[at] = turned(value) if turned else value
            elif n is None:
                self._plain.append((at, key, turned))
            else:
                self._listed.append((at, key, n, turned))
        self._make: Callable[[Any], Any] | None = None

    def fill(self, words: Words) -> Any:
        """The parameters as the driver takes them."""
        filled = self._empty.copy()
        for at, key, turned in self._plain:
            filled[at] = words[key] if turned is None else turned(words[key])
        for at, key, n, turned in self._listed:
            filled[at] = words[key][n] if turned is None else turned(words[key][n])
        return filled

    def rows(self, cursor: DBAPICursor) -> Rows:
        """What the cursor holds, which is read to its end."""
        if not self.returns:
            return Rows([], tuple, cursor.rowcount)
        raw = cursor.fetchall()
        if self._make is None:
            self._make = self._maker(cursor.description)
        return Rows(raw, self._make, cursor.rowcount)

    def _maker(self, columns: Sequence[Any]) -> Callable[[Any], Any]:
        """What makes a row of what the driver gives for these columns."""
        row = namedtuple("row", [column[0] for column in columns], rename=True)  # type: ignore[misc]
        readers = [_read(kind, self._dialect, column[1]) for kind, column in zip(self._types, columns, strict=True)]
        some = [(index, reader) for index, reader in enumerate(readers) if reader is not None]
        new = row._make

        def make(raw: Any) -> Any:
            values = list(raw)
            for index, reader in some:
                values[index] = reader(values[index])
            return new(values)

        return make if some else new


def _turned(kind: TypeEngine[Any], dialect: Dialect) -> Turned:
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _read(kind: TypeEngine[Any], dialect: Dialect, code: object) -> Turned:
    return kind.dialect_impl(dialect).result_processor(dialect, code)


class Forms:
    """The statements of one engine that were met."""

    def __init__(self) -> None:
        """None yet."""
        self._met: WeakKeyDictionary[Any, dict[object, _Form | None]] = WeakKeyDictionary()

    def __len__(self) -> int:
        """How many there are that somebody still has."""
        return len(self._met)

    def of(self, statement: Any, words: Words, dialect: Dialect, *, many: bool) -> _Form | None:
        """How `statement` is run with words like these; None where that is SQLAlchemy's to do."""
        forms = self._met.get(statement)
        if forms is None:
            if isinstance(statement, KEPT) and not statement.get_execution_options():
                self._met[statement] = {}
            return None
        key: object = (many, *words)
        if key in forms:
            form = forms[key]
        else:
            form = forms[key] = _form(statement, words, dialect, many=many)
        if form is None or not form.lists:
            return form
        lists = [words[name] for name in form.lists]
        if many or not all(isinstance(one, list) for one in lists) or sum(map(len, lists)) > MOST:
            return None
        longer: object = (many, *words, *map(len, lists))
        if longer not in forms:
            forms[longer] = _form(statement, words, dialect, many=many)
        return forms[longer]


def _form(statement: Any, words: Words, dialect: Dialect, *, many: bool) -> _Form | None:
    compiled = statement.compile(dialect=dialect, column_keys=sorted(words), for_executemany=many)
    with suppress(LookupError):
        form = _Form(compiled, dialect, words)
        return None if many and form.returns else form
    return None


class Swift(Connection):
    """A connection that runs what it knows without ado."""

    def __init__(self, engine: Engine, forms: Forms) -> None:
        """`forms` are the engine's own."""
        super().__init__(engine)
        self._forms, self._depth = forms, count(1)

    if not TYPE_CHECKING:  # for whom it is SQLAlchemy's own, to the last type

        def execute(self, statement, parameters=None, *, execution_options=None):
            """As SQLAlchemy does."""
            found = None if execution_options else self._at_once(statement, parameters)
            if found is None:
                found = super().execute(statement, parameters, execution_options=execution_options)
            return found

    def _at_once(self, statement: object, parameters: Any) -> Rows | None:
        """What the statement gives; None where it was not run, because that is SQLAlchemy's to do."""
        if self._is_special():
            return None
        many = isinstance(parameters, list) and len(parameters) > 1
        words = parameters or {}
        one: Words = words[0] if isinstance(words, list) else words
        form = self._forms.of(statement, one, self.dialect, many=many)
        return None if form is None else self._run(form, words if many else one, many=many)

    def _is_special(self) -> bool:
        """Whether rows are to come bit by bit, or somebody listens."""
        return "yield_per" in self.get_execution_options() or bool(self.dispatch.before_cursor_execute)

    def _run(self, form: _Form, words: Any, *, many: bool) -> Rows:
        with _Attempt(self, form.text, [words]) as attempt:
            attempt.words = filled = [form.fill(one) for one in words] if many else form.fill(words)
            attempt.cursor = cursor = self.connection.cursor()
            if many:
                cursor.executemany(form.text, filled)
            else:
                cursor.execute(form.text, filled)
            rows = form.rows(cursor)
            cursor.close()
        return rows

    @contextmanager
    def part(self) -> Iterator[Self]:
        """A savepoint: what was done in the block is undone when it raises."""
        name, whole = f"part_{next(self._depth)}", False
        self._say(f"SAVEPOINT {name}")
        try:
            yield self
            whole = True
        finally:
            if not whole and not self.invalidated:
                self._say(f"ROLLBACK TO SAVEPOINT {name}")
            if not self.invalidated:
                self._say(f"RELEASE SAVEPOINT {name}")

    def _say(self, text: str) -> None:
        with _Attempt(self, text, None) as attempt:
            attempt.cursor = cursor = self.connection.cursor()
            cursor.execute(text)
            cursor.close()


class _Attempt:
    """What fails in here fails as SQLAlchemy's own: hidden as it must be, told to who listens, a connection that broke
    given up."""

    __slots__ = ("_connection", "_text", "cursor", "words")

    def __init__(self, connection: Connection, text: str, words: Any) -> None:
        """`words` as far as they are known."""
        self._connection, self._text, self.words = connection, text, words
        self.cursor: DBAPICursor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, fault: BaseException | None, trace: object) -> None:
        if fault is not None:
            self._connection._handle_dbapi_exception(fault, self._text, self.words, self.cursor, None)  # noqa: SLF001
