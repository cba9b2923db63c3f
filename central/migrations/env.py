"""Alembic's entry: uses the connection handed over by `db.upgrade`, or one made from the settings for the command line."""

from alembic import context
from sqlalchemy import Connection
from sqlmodel import SQLModel

from central import db, tables
from central.settings import Settings

#: Every table is known before metadata is compared.
TABLES = tables.ALL


def run(connection: Connection) -> None:
    """Run the migrations on `connection`."""
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    with db.make_engine(Settings().database_url).connect() as made:
        run(made)
        made.commit()
