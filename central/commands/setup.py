"""`minyi migrate` and `minyi settings`."""

import json as jsonlib

import typer
from alembic.util import CommandError

from central import db
from central.commands import common
from central.commands.common import Data, Json, complain
from central.commands.common import settings as read_settings
from central.settings import describe


def migrate(data: Data = None, to: str = "head") -> None:
    """Bring the schema of the database to the newest version (or to a named one)."""
    settings = read_settings(data)
    settings.data.mkdir(parents=True, exist_ok=True)
    engine = db.make_engine(settings.database_url, vault=common.vault_of(settings))
    try:
        db.upgrade(engine, to)
    except CommandError:
        complain("commands.no_such_schema", settings.language, version=to)


def settings_command(data: Data = None, *, json: Json = False) -> None:
    """Print every setting with value, source, default and meaning; secrets masked."""
    rows = describe(read_settings(data))
    if json:
        typer.echo(jsonlib.dumps([row.model_dump() for row in rows], ensure_ascii=False))
        return
    for row in rows:
        typer.echo(
            f"{row.name} = {row.value}  [{row.source}; default {row.default!r}; {row.variable}] {row.meaning}"
        )
