"""Every table is covered by the log, or says why it need not be."""

import pytest
from sqlalchemy.orm import Mapper
from sqlmodel import SQLModel

from central import tables
from central.events.journal import SALT, journaled_models

assert tables.ALL


def classes() -> dict[str, type[SQLModel]]:
    """Return the class of every table."""
    mappers: list[Mapper[SQLModel]] = list(SQLModel._sa_registry.mappers)
    return {str(mapper.local_table.name): mapper.class_ for mapper in mappers}  # type: ignore[attr-defined]


def uncovered(kinds: dict[str, type]) -> list[str]:
    """Return tables that are neither in the log nor excused by a reason."""
    return sorted(
        name
        for name, kind in kinds.items()
        if not any(getattr(kind, "__journal__", ("", ""))) and len(getattr(kind, "__operational__", "")) < 20
    )


def test_every_table_is_journaled_or_gives_its_reason() -> None:
    assert uncovered(classes()) == []


def test_a_table_without_either_is_caught() -> None:
    assert uncovered({"secret_list": type("SecretList", (), {})}) == ["secret_list"]


def test_a_reason_of_one_word_is_caught() -> None:
    assert uncovered({"cache": type("Cache", (), {"__operational__": "cache"})}) == ["cache"]


@pytest.mark.parametrize("kind", journaled_models(), ids=lambda kind: str(kind.__tablename__))
def test_the_stream_of_a_journaled_table_is_one_of_its_columns(kind: type[SQLModel]) -> None:
    prefix, column = kind.__journal__  # type: ignore[attr-defined]
    assert prefix
    assert column in kind.__table__.columns  # type: ignore[attr-defined]


@pytest.mark.parametrize("kind", journaled_models(), ids=lambda kind: str(kind.__tablename__))
def test_a_table_with_sensitive_columns_has_its_own_salt(kind: type[SQLModel]) -> None:
    columns = kind.__table__.columns  # type: ignore[attr-defined]
    sensitive = any(column.info.get("sensitive") for column in columns)
    assert sensitive == (SALT in columns)
