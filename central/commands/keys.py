"""`minyi keys`: the master keys and what they wrap."""

from typing import Annotated
from uuid import UUID

import typer
from sqlalchemy import Table
from sqlalchemy.exc import OperationalError

from central import db
from central.commands.common import Data, Json, is_terminal, open_context, refusals, say, show, vault_of
from central.commands.common import settings as read_settings
from central.context import Context
from central.settings import credentials_folder
from central.vault import escrow as shares
from central.vault import master, rotation
from central.vault import vault as vaults
from central.vault.errors import MasterProblem
from central.vault.vault import Vault

app = typer.Typer(
    help="Keys of what is stored: make, list, rotate, put in escrow, recover.", no_args_is_help=True
)
#: How often a lot of rows is tried again when an act at the same time was in its way.
TRIES = 5


@app.command("init")
def init(data: Data = None) -> None:
    """Make the master key of a new installation (0600)."""
    settings = read_settings(data)
    with refusals(settings.language):
        path = vaults.init(settings)
        made = vaults.open_vault(settings).master_id
    say("commands.master_made", settings.language, path=path, master=made)


@app.command("list")
def list_keys(data: Data = None, *, json: Json = False) -> None:
    """Show the master keys with their state and how many data keys each wraps. Never a key itself."""
    settings = read_settings(data)
    vault = vault_of(settings)
    rows = [
        {"master": row.id, "state": row.state, "since": row.since, "keys": row.count}
        for row in vault.store.masters()
    ]
    if json:
        show({"file": vault.ring.path, "store": vault.store.path, "masters": rows}, as_json=True)
        return
    for row in rows:
        say("commands.master_row", settings.language, **row)


@app.command("rotate")
def rotate(
    data: Data = None,
    *,
    prepare: Annotated[
        bool,
        typer.Option("--prepare", help="Only put the new master key into the file; use it at the next call."),
    ] = False,
    fields: Annotated[
        bool,
        typer.Option("--fields", help="Also give every petition a new data key and seal its fields anew."),
    ] = False,
    json: Json = False,
) -> None:
    """Take a new master key while the server runs. Called again after a crash, it goes on where it was."""
    settings = read_settings(data)
    vault, lang = vault_of(settings), settings.language
    with refusals(lang):
        if prepare:
            say("commands.master_prepared", lang, master=rotation.prepare(vault), path=vault.ring.path)
            return
        current = vault.master_id if fields and rotation.unfinished(vault.store) else rotation.begin(vault)
        count = rotation.rewrap(vault, progress=_progress)
        rows = _reseal(open_context(data)) if fields else 0
    if json:
        show({"master": current, "keys": count, "rows": rows}, as_json=True)
        return
    say("commands.master_rotated", lang, master=current, keys=count, rows=rows)


@app.command("forget")
def forget(
    key: Annotated[str, typer.Argument(help="Id of a retired master key.")], data: Data = None
) -> None:
    """Take a retired master key out of the file. Backups made under it can be opened no more."""
    settings = read_settings(data)
    with refusals(settings.language):
        rotation.forget(vault_of(settings), key)
    say("commands.master_forgotten", settings.language, master=key)


@app.command("escrow")
def escrow(data: Data = None) -> None:
    """Print the current master key in three shares for three officers; any two of them recover it."""
    settings = read_settings(data)
    vault = vault_of(settings)
    for share in shares.split(vault.ring.get(vault.master_id)):
        say("commands.share", settings.language, number=share.number, master=share.master, text=share.text)


@app.command("recover")
def recover(data: Data = None) -> None:
    """Put the master key back from two shares, typed in when asked for (dashes and spaces do not matter)."""
    settings = read_settings(data)
    with refusals(settings.language):
        typed = [typer.prompt(f"{number} / {shares.NEEDED}", err=True) for number in (1, 2)]
        found = shares.combine(*typed)
        path, _ = master.place(settings, credentials_folder())
        kept = [] if not path.exists() else [each for each in master.Ring(path).all() if each.id != found.id]
        try:
            master.write(path, [*kept, found])
        except OSError as error:
            raise MasterProblem("vault.master_not_writable", path=path, reason=error.strerror) from None
        vaults.open_vault(settings)
    say("commands.master_recovered", settings.language, master=found.id, path=path)


def _reseal(context: Context) -> int:
    """Seal the fields of every petition and import with new keys; return how many rows were written."""
    total = 0
    for owner in rotation.owners():
        behind = rotation.place_of(context.vault.store, owner)
        while True:
            behind, rows = _lot(context, context.vault, owner, behind)
            total += rows
            # Behind the commit: after a crash some rows get a new key twice, none is left out.
            context.vault.store.set_mark(rotation.mark_of(owner), str(behind or ""))
            if behind is None:
                break
            _progress(total)
    return total


def _lot(context: Context, vault: Vault, owner: Table, behind: UUID | None) -> tuple[UUID | None, int]:
    for left in reversed(range(TRIES)):
        try:
            with db.unit_of_work(context.engine) as s:
                return rotation.reseal_some(s.connection(), vault, owner, behind)
        except OperationalError:
            if not left:
                raise
    raise AssertionError


def _progress(done: int) -> None:
    typer.echo(f"\r{done:,} " if is_terminal() else f"{done}", nl=not is_terminal(), err=True)
