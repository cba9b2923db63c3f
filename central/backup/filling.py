"""The sink of a restore: schema of the backup's revision, rows, files; then what really stands there, counted again."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import UUID

from sqlalchemy import Connection, text

from central import db
from central.backup import engines
from central.backup import rows as forms
from central.backup.errors import PlaceRefused
from central.backup.rows import Digest, Shape
from central.vault.vault import Vault

_KEY = "key_id"
_BATCH = 5000


class Fill:
    """Fills one database, within the caller's transaction, and one folder. A context manager: at its end foreign keys hold again."""

    def __init__(self, connection: Connection, folder: Path, progress: Callable[[int], None]) -> None:
        self._connection, self._folder, self._progress = connection, folder, progress
        self._shapes: list[Shape] = []
        self._again: list[str] = []
        self._done = 0
        self._file: tuple[str, Any] = ("", None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close_file()
        if kind is None:
            self._check_foreign_keys()
            if self._is_postgres():
                engines.count_on(self._connection)

    def begin(self, shapes: list[Shape], revision: str) -> None:
        """Make the tables as they were in the backup."""
        self._shapes = shapes
        db.upgrade_on(self._connection, revision)
        if self._is_postgres():
            self._again = engines.without_foreign_keys(self._connection)

    def rows(self, shape: Shape, values: list[list[Any]]) -> None:
        """Put rows into a table."""
        engines.put(self._connection, shape, values)
        self._done += len(values)
        self._progress(self._done)

    def file(self, name: str, piece: bytes) -> None:
        """Put the next piece into a file."""
        if self._file[0] != name or not piece:
            self._close_file()
            path = self._folder / name
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            path.touch(mode=0o600)
            self._file = (name, path.open("wb"))
        self._file[1].write(piece)

    def counted(self) -> dict[str, dict[str, Any]]:
        """Return count and digest of each table as the database gives them back."""
        return {shape.name: self._digest(shape) for shape in self._shapes}

    def erased(self, vault: Vault) -> int:
        """Return how many rows have a key that was destroyed; raise `PlaceRefused` if one has a key the store never had."""
        return erased(self._connection, self._shapes, vault)

    def _digest(self, shape: Shape) -> dict[str, Any]:
        digest = Digest()
        for line in forms.lines(self._connection, shape):
            digest.add(line)
        return digest.result()

    def _check_foreign_keys(self) -> None:
        for statement in self._again:
            self._connection.exec_driver_sql(statement)
        if self._is_postgres():
            return
        broken = self._connection.execute(text("PRAGMA foreign_key_check")).first()
        if broken is not None:
            raise PlaceRefused("backup.row_refused", table=broken[0], reason=f"foreign key to {broken[2]}")

    def _is_postgres(self) -> bool:
        return self._connection.dialect.name == "postgresql"

    def _close_file(self) -> None:
        if self._file[1] is not None:
            self._file[1].close()
            self._file = ("", None)


def erased(connection: Connection, shapes: Iterable[Shape], vault: Vault) -> int:
    """Return how many rows have a key that was destroyed; raise `PlaceRefused` if one has a key the store never had."""
    destroyed = 0
    for shape in shapes:
        if _KEY not in dict(shape.columns):
            continue
        for ids in _batches(_key_ids(connection, shape)):
            found = {each.key_id: each.wrapped for each in vault.store.get(ids)}
            if missing := [each for each in ids if each not in found]:
                raise PlaceRefused("backup.keys_missing", key=missing[0])
            destroyed += sum(1 for each in ids if found[each] is None)
    return destroyed


def _key_ids(connection: Connection, shape: Shape) -> Iterator[UUID]:
    only = Shape(shape.name, ((_KEY, "id"),))
    for line in forms.lines(connection, only):
        [[value]] = forms.values(only, [line])
        if value:
            yield UUID(value)


def _batches(ids: Iterable[UUID]) -> Iterator[list[UUID]]:
    found = iter(ids)
    while batch := list(islice(found, _BATCH)):
        yield batch
