"""Reads that are sent to PostgreSQL together: prepared, and in one round trip.

Building a query with the ORM and planning it again take several times as long as a read of indexed
rows. For what is read for everybody who connects.
"""

import re
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from contextvars import ContextVar
from functools import cache, cached_property, wraps
from typing import Any, Generic, ParamSpec, TypeVar
from uuid import UUID

import psycopg
from django.conf import settings
from django.db import Error, connection
from django.db.models import Model

from apps.core.database import is_stale_statement

A = TypeVar("A")
K = TypeVar("K", bound=Hashable)
M = TypeVar("M", bound=Model)
P = ParamSpec("P")
Rows = Sequence[Sequence[Any]]
NAMED = re.compile(r"%\((\w+)\)s")

# Whether statements are prepared; not while something is repeated because of a stale one.
_prepares: ContextVar[bool] = ContextVar("prepares", default=True)


class Read(Generic[A]):
    """A statement and its parameters. `build` makes the result of its rows.

    `binary`: the format in which rows come. Text is for rows of models, whose fields expect what
    Django's loaders make of it; these are slower, above all for times.
    """

    def __init__(
        self,
        sql: str,
        parameters: Sequence[object],
        build: Callable[[Rows], A],
        *,
        binary: bool = True,
    ) -> None:
        self.sql = sql
        self.parameters = parameters
        self.binary = binary
        self.rows: Rows | None = None
        self._build = build

    @property
    def result(self) -> A:
        """What was read. Raises what `build` raises."""
        if self.rows is None:
            raise RuntimeError("this has not been read")
        return self._build(self.rows)


class KeyedRead(Read[dict[Any, list[Sequence[Any]]]], Generic[K, A]):
    """A statement for several keys, whose first columns are the key. `build` makes a value of the
    other columns of a row, when the values of its key are asked for: a row that cannot be built
    fails for its key alone.

    `width`: how many columns the key has. Of several, it is their tuple.
    """

    def __init__(
        self,
        sql: str,
        parameters: Sequence[object],
        build: Callable[[Sequence[Any]], A],
        *,
        width: int = 1,
        binary: bool = True,
    ) -> None:
        super().__init__(sql, parameters, self._by_key, binary=binary)
        self._build_row = build
        self._width = width

    @cached_property
    def result(self) -> dict[Any, list[Sequence[Any]]]:
        """The other columns of the rows by key."""
        return super().result

    def of(self, key: K) -> list[A]:
        """The values of the rows with this key, in their order. Raises what `build` raises."""
        return [self._build_row(row) for row in self.result.get(key, ())]

    def _by_key(self, rows: Rows) -> dict[Any, list[Sequence[Any]]]:
        width = self._width
        found: dict[Any, list[Sequence[Any]]] = {}
        for row in rows:
            key = row[0] if width == 1 else tuple(row[:width])
            found.setdefault(key, []).append(row[width:])
        return found


def read(*reads: Read[Any]) -> None:
    """Read these in one round trip. Raises Error of the database.

    After a migration that changed the result of a statement, the connection is closed that has it
    prepared, and outside of a transaction the statements are sent once more; inside of one, see
    `repeated_if_stale`.
    """
    if not reads:
        return
    try:
        _read(reads, prepare=_prepares.get() and not settings.PGBOUNCER)
    except Error as error:
        if not is_stale_statement(error):
            raise
        # In a transaction, whose end drops the connection, `connection` must stay as it is.
        connection.connection.close()
        if connection.in_atomic_block:
            raise
        connection.close()
        # The next connection of the pool may have the old statement as well.
        _read(reads, prepare=False)


def repeated_if_stale(work: Callable[P, A]) -> Callable[P, A]:
    """`work`, which begins a transaction, reads in it and changes nothing: done once more when a
    migration has changed the result of a statement that the connection has prepared."""

    @wraps(work)
    def run(*args: P.args, **kwargs: P.kwargs) -> A:
        try:
            return work(*args, **kwargs)
        except Error as error:
            if connection.in_atomic_block or not is_stale_statement(error):
                raise
        # The next connection of the pool may have the old statement as well.
        token = _prepares.set(False)
        try:
            return work(*args, **kwargs)
        finally:
            _prepares.reset(token)

    return run


def _read(reads: Sequence[Read[Any]], *, prepare: bool) -> None:
    connection.ensure_connection()
    raw: psycopg.Connection[Any] = connection.connection
    cursors = [psycopg.RawCursor(raw) for _ in reads]
    # A pipeline costs more than a single statement. It saves the round trip of BEGIN, though.
    alone = len(reads) == 1 and raw.autocommit
    with connection.wrap_database_errors:
        with nullcontext() if alone else raw.pipeline():
            for cursor, each in zip(cursors, reads, strict=True):
                sql = numbered(each.sql)
                cursor.execute(sql, each.parameters, prepare=prepare, binary=each.binary)
        for cursor, each in zip(cursors, reads, strict=True):
            each.rows = cursor.fetchall() if _has_rows(cursor) else ()


def _has_rows(cursor: psycopg.RawCursor[Any]) -> bool:
    """Whether the statement returns rows. `cursor.description` would describe each column."""
    return cursor.pgresult is not None and cursor.pgresult.nfields > 0


def result_of(one: Read[A]) -> A:
    """The result of a single read."""
    read(one)
    return one.result


def rows_of(sql: str, values: Mapping[str, object]) -> Rows:
    """The rows of a single statement with named parameters, `%(name)s`."""
    with_numbers, names = _by_number(sql)
    return result_of(Read(with_numbers, [values[name] for name in names], lambda rows: rows))


def bigints(numbers: Iterable[int | None]) -> str:
    """Numbers for a parameter that the statement takes as `bigint[]`. Of a list, psycopg makes an
    array of the smallest type that holds them: a statement would be prepared for each, and planned.
    """
    return "{" + ",".join("NULL" if each is None else str(each) for each in numbers) + "}"


@cache
def numbered(sql: str) -> str:
    """A statement with `%s` as a `RawCursor` takes it: `$1`, `$2` and so on. Other cursors look for
    `%s` each time they execute a long statement."""
    parts = sql.split("%s")
    return "".join(f"{part}${place}" for place, part in enumerate(parts[:-1], start=1)) + parts[-1]


@cache
def _by_number(sql: str) -> tuple[str, list[str]]:
    """A statement with `%(name)s` as a `RawCursor` takes it, and the names in their order."""
    names: list[str] = []

    def number(found: re.Match[str]) -> str:
        if (name := found[1]) not in names:
            names.append(name)
        return f"${names.index(name) + 1}"

    return NAMED.sub(number, sql).replace("%%", "%"), names


class Columns(Generic[M]):
    """All columns of a model for a statement that names its table `alias`, and its instances."""

    def __init__(self, model: type[M], alias: str) -> None:
        fields = model._meta.concrete_fields
        self.sql = ", ".join(f'{alias}."{field.column}"' for field in fields)
        self.count = len(fields)
        self._model = model
        self._names = [field.attname for field in fields]
        self._converters = [
            (place, convert)
            for place, field in enumerate(fields)
            if (convert := getattr(field, "from_db_value", None)) is not None
        ]

    def instance(self, row: Sequence[Any]) -> M:
        """The instance with the values of these columns."""
        values = list(row)
        for place, convert in self._converters:
            values[place] = convert(values[place], None, connection)
        return self._model.from_db(connection.alias, self._names, values)


def read_models(
    model: type[M], tail: str, parameters: Sequence[object], build: Callable[[Iterable[M]], A]
) -> Read[A]:
    """A read of whole rows of a model. `tail`: the statement from WHERE on."""
    columns = _columns(model)
    sql = f"SELECT {columns.sql} FROM {model._meta.db_table} AS it {tail}"  # noqa: S608  names
    return Read(sql, parameters, lambda rows: build(map(columns.instance, rows)), binary=False)


def read_changes(
    model: type[M],
    since: Mapping[UUID, int],
    build: Callable[[M], A],
    *,
    person: str = "user_id",
    rev: str = "person_rev",
    limit: int | None = None,
) -> KeyedRead[UUID, A]:
    """The read of the first rows of each person that changed after a revision of their stream, in
    that order. `person`, `rev`: the columns of the person and of the revision."""
    columns = _columns(model)
    sql = f"""
    SELECT asked.person, {columns.sql}
    FROM unnest(%s::uuid[], %s::bigint[]) AS asked (person, since)
    CROSS JOIN LATERAL (
        SELECT * FROM {model._meta.db_table} AS own
        WHERE own.{person} = asked.person AND own.{rev} > asked.since ORDER BY own.{rev} LIMIT %s
    ) it
    """  # noqa: S608  names
    return KeyedRead(
        sql,
        [list(since), bigints(since.values()), limit],
        lambda row: build(columns.instance(row)),
        binary=False,
    )


@cache
def _columns(model: type[M]) -> Columns[M]:
    return Columns(model, "it")


def complete_rows(rows: Rows) -> dict[Any, list[Sequence[Any]]]:
    """The rows of each key of which all were read, by key. For a statement with a LIMIT over
    several keys: its rows are the key, how many rows the key has (NULL: none), and values."""
    found: dict[Any, list[Sequence[Any]]] = {}
    totals: dict[Any, int] = {}
    for key, total, *values in rows:
        totals[key] = total or 0
        own = found.setdefault(key, [])
        if total:
            own.append(values)
    return {key: own for key, own in found.items() if len(own) == totals[key]}
