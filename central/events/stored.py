"""Rows as the log knows them, read for many at once: the fast look, after which only what does not fit is read value by value.

The engine gives values as it stores them, and they become the log's form by cutting texts alone: no id, no moment is built. A value
that somebody wrote by hand and that is none of its column then stands as it is, and fits nothing.
"""

import json
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Date, Table, Uuid
from sqlmodel import Session

from central.db import UtcDateTime, is_sqlite
from central.events.journal import SALT, key_columns
from central.events.journal import columns as logged_columns
from central.vault.columns import Opener, SealedText
from central.vault.errors import KeyGone, SealBroken
from central.vault.rows import vault_of
from shared.canonical import sha256_hex

#: Key of a row as the log writes it, key of the stream it belongs to, and its image: None if it cannot be told in this way.
Image = tuple[str, Any, dict[str, Any] | None]


@dataclass(frozen=True, slots=True)
class _Form:
    """How the rows of a table are asked for, and what stands where in an answer."""

    sql: str
    cut: tuple[tuple[int, Callable[[Any], Any]], ...]
    key: tuple[int, ...]
    owner: int
    id: int
    salt: int | None
    #: Place, name, whether it is sealed, and what the log holds of it: its digest (True), itself (False) or nothing (None).
    secret: tuple[tuple[int, str, bool, bool | None], ...]
    plain: tuple[tuple[int, str], ...]


def images(s: Session, table: Table, keys: Sequence[Any]) -> list[Image]:
    """Return all rows of a journaled table that belong to the streams of `keys` (as the log writes them), in no order."""
    form = _form(table, is_sqlite(s))
    found = _fetched(s, form, keys)
    if found is None:
        return [("", key, None) for key in keys]
    if form.cut:
        found = [_cut(form, row) for row in found]
    opener = Opener(vault_of(s), table) if any(sealed for _, _, sealed, _ in form.secret) else None
    if opener is not None:
        opener.prefetch([[row[at] for at, _, sealed, _ in form.secret if sealed] for row in found])
    return [_image(form, row, opener) for row in found]


def _image(form: _Form, row: Sequence[Any], opener: Opener | None) -> Image:
    key = str(row[form.key[0]]) if len(form.key) == 1 else "|".join([str(row[at]) for at in form.key])
    image = {name: row[at] for at, name in form.plain if row[at] is not None}
    if form.secret:
        try:
            _tell(form, row, opener, image)
        except (KeyGone, SealBroken):
            return key, row[form.owner], None
    return key, row[form.owner], image


def _tell(form: _Form, row: Sequence[Any], opener: Opener | None, image: dict[str, Any]) -> None:
    """Put what is sealed, or known to the log by its digest, into the image."""
    salt = row[form.salt] if form.salt is not None else ""
    if opener is not None and form.salt is not None and isinstance(salt, bytes):
        salt = opener.text(salt, row[form.id], SALT)
    for at, name, sealed, is_digest in form.secret:
        value = row[at]
        if value is None or name == SALT:
            continue
        if sealed and opener is not None:
            # What the log does not hold has to open as well.
            value = opener.text(value, row[form.id], name)
        if is_digest is not None:
            image[name] = "~" + sha256_hex(f"{salt}:{name}:{value}")[:40] if is_digest else value


def _fetched(s: Session, form: _Form, keys: Sequence[Any]) -> list[Sequence[Any]] | None:
    """Return the rows as stored, None if one holds text that is none."""
    connection: Any = s.connection().connection.driver_connection
    if not is_sqlite(s):
        with connection.cursor(binary=True) as cursor:
            return cursor.execute(form.sql, (list(keys),)).fetchall()  # type: ignore[no-any-return]
    usual, connection.text_factory = connection.text_factory, str
    try:
        return connection.execute(form.sql, (json.dumps(list(keys)),)).fetchall()  # type: ignore[no-any-return]
    except sqlite3.OperationalError as error:
        if "decode" not in str(error):
            raise
        return None
    finally:
        connection.text_factory = usual


def _cut(form: _Form, row: Sequence[Any]) -> list[Any]:
    cut = list(row)
    for at, shape in form.cut:
        if cut[at] is not None:
            cut[at] = shape(cut[at])
    return cut


def _moment_of_sqlite(value: Any) -> Any:
    return f"{value[:10]}T{value[11:]}+00:00" if isinstance(value, str) and len(value) == 26 else value


def _moment_of_postgres(value: str) -> str:
    if len(value) == 29 and value.endswith("+00"):
        return f"{value[:10]}T{value[11:26]}+00:00"
    if len(value) < 22 or not value.endswith("+00"):
        return value
    whole, _, part = value[11:-3].partition(".")
    return f"{value[:10]}T{whole}.{part:0<6}+00:00"


@lru_cache
def _form(table: Table, lite: bool) -> _Form:  # noqa: FBT001 a key of the cache
    columns = list(table.columns)
    places = {column.name: at for at, column in enumerate(columns)}
    logged = {name: sensitive for name, _, sensitive in logged_columns(table)}
    secret = [
        (at, c.name, isinstance(c.type, SealedText), logged.get(c.name))
        for at, c in enumerate(columns)
        if isinstance(c.type, SealedText) or logged.get(c.name)
    ]
    _, owner = table.info["journal"]
    moment = _moment_of_sqlite if lite else _moment_of_postgres
    keys = key_columns(table)
    return _Form(
        sql=_sql(table, columns, table.c[owner], lite=lite),
        cut=tuple((places[c.name], moment) for c in columns if isinstance(c.type, UtcDateTime)),
        key=tuple(places[name] for name in keys),
        owner=places[owner],
        id=places[keys[0]],
        salt=places.get(SALT),
        secret=tuple(secret),
        plain=tuple(
            (at, c.name)
            for at, c in enumerate(columns)
            if c.name in logged and not logged[c.name] and not isinstance(c.type, SealedText)
        ),
    )


def _sql(table: Table, columns: Sequence[Column[Any]], owner: Column[Any], *, lite: bool) -> str:
    # Names of our own tables alone are put together here.
    asked = ", ".join(_asked(column, lite=lite) for column in columns)
    name = f'"{owner.name}"'
    if lite:
        where = f"{name} IN (SELECT value FROM json_each(?))"  # noqa: S608 # nosec B608
    else:
        kind = {UUID: "uuid", int: "integer"}.get(owner.type.python_type, "text")
        where = f"{name} = ANY(%s::{kind}[])"
    return f'SELECT {asked} FROM "{table.name}" WHERE {where}'  # noqa: S608 # nosec B608


def _asked(column: Column[Any], *, lite: bool) -> str:
    name = f'"{column.name}"'
    if lite or not isinstance(column.type, Uuid | UtcDateTime | Date):
        return name
    return f"replace({name}::text, '-', '')" if isinstance(column.type, Uuid) else f"{name}::text"
