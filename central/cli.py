"""The command `minyi`."""

import sys
from collections.abc import Mapping
from importlib import import_module

import typer

from central import memory

#: Where each verb is. Only that of the verb that is asked for is imported: all together take seconds.
VERBS: Mapping[str, str] = {
    "token": "central.commands.province:token_app",
    "admin": "central.commands.province:admin_app",
    "staff": "central.commands.staff:staff_app",
    "boxes": "central.commands.boxes:app",
    "keys": "central.commands.keys:app",
    "search": "central.commands.search:app",
    "letter": "central.commands.letter:app",
    "keeping": "central.commands.keeping:app",
    "matters": "central.commands.matters:app",
    "calendar": "central.commands.calendar:app",
    "rules": "central.commands.deadlines:rules_app",
    "suggest": "central.commands.suggest:app",
    "deadline": "central.commands.deadlines:deadline",
    "seed": "central.commands.province:seed",
    "verify": "central.commands.log:verify",
    "anchor": "central.commands.log:anchor",
    "backup": "central.commands.backup:backup",
    "restore": "central.commands.backup:restore",
    "doctor": "central.commands.doctor:doctor",
    "sweep": "central.commands.reminders:sweep_command",
    "believe-clock": "central.commands.reminders:believe_clock",
    "ledger": "central.commands.ledger:ledger_app",
    "import-ledger": "central.commands.ledger:import_ledger",
    "scan": "central.commands.scan:scan",
    "obligations": "central.commands.obligations:obligations",
    "hot": "central.commands.hot:hot",
    "neglect": "central.commands.neglect:neglect",
    "simulate": "central.commands.simulate:simulate",
    "serve": "central.running:serve_command",
    "demo": "central.running:demo_command",
    "migrate": "central.commands.setup:migrate",
    "settings": "central.commands.setup:settings_command",
    "openapi": "central.running:openapi",
}


def commands(verb: str = "") -> typer.Typer:
    """Return the command with all verbs, or with one of `VERBS`."""
    app = typer.Typer(
        help="Minyi: every petition gets an answer, in time, from a named person, and anyone can check it.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    app.callback()(_with_verbs)
    for name, place in VERBS.items():
        if verb in {"", name}:
            module, _, what = place.partition(":")
            found = getattr(import_module(module), what)
            if isinstance(found, typer.Typer):
                app.add_typer(found, name=name)
            else:
                app.command(name)(found)
    return app


def _with_verbs() -> None:
    # One verb alone would be taken for the whole command.
    return


def main() -> None:
    """Entry point of the console script."""
    memory.close()
    asked = sys.argv[1] if len(sys.argv) > 1 else ""
    with memory.no_search():  # importing leaves no rubbish; looking for it took a quarter of the start
        found = commands(asked if asked in VERBS else "")
        refusals = import_module("central.commands.common")
    try:
        with refusals.no_traceback():
            found()
    except typer.Exit as ended:
        sys.exit(ended.exit_code)
