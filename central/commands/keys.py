"""`minyi keys`: the master keys and what they wrap."""

import typer

from central.commands.common import Data, Json, refusals, say, show, vault_of
from central.commands.common import settings as read_settings
from central.vault import vault as vaults

app = typer.Typer(
    help="Keys of what is stored: make, list, rotate, put in escrow, recover.", no_args_is_help=True
)


@app.command("init")
def init(data: Data = None) -> None:
    """Make the master key of a new installation (0600)."""
    settings = read_settings(data)
    with refusals(settings.language):
        path = vaults.init(settings)
        master = vaults.open_vault(settings).master_id
    say("commands.master_made", settings.language, path=path, master=master)


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
