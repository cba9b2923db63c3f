"""The migrations make exactly the tables that the models describe, on both engines, and can be taken back."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect
from sqlmodel import SQLModel

from central import db, tables


def differences(engine: Engine) -> list[object]:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, SQLModel.metadata))


def test_the_migrated_schema_is_the_models_schema(fresh_engine: Engine) -> None:
    assert tables.ALL
    assert differences(fresh_engine) == []


def test_migrating_again_changes_nothing(fresh_engine: Engine) -> None:
    db.upgrade(fresh_engine)
    assert differences(fresh_engine) == []


def test_the_schema_can_be_taken_back_and_made_again(fresh_engine: Engine) -> None:
    db.downgrade(fresh_engine, "base")
    assert inspect(fresh_engine).get_table_names() == ["alembic_version"]
    db.upgrade(fresh_engine)
    assert differences(fresh_engine) == []
