"""`minyi doctor`: what is wrong with this installation and what to do."""

import typer

from central.commands.common import CHECK_FAILED, Data, Json, show
from central.commands.common import settings as read_settings
from central.doctor.findings import Finding, Level, Machine
from central.doctor.looks import examine
from central.web.catalogue import catalogue
from shared.i18n import Lang

_SIGNS = {Level.FINE: "✓", Level.NOTE: "·", Level.WRONG: "✗"}


def doctor(data: Data = None, *, json: Json = False) -> None:
    """Say what is wrong with this installation and what to do; changes nothing. Exit 1 if anything is wrong."""
    settings = read_settings(data)
    lang, found = Lang(settings.language), list(examine(settings, Machine()))
    wrong = sum(1 for each in found if each.level is Level.WRONG)
    if json:
        rows = [
            {"look": each.look, "level": each.level, "problem": each.key, "sentence": _sentence(each, lang)}
            for each in found
        ]
        show({"wrong": wrong, "findings": rows}, as_json=True)
    else:
        for each in found:
            typer.echo(f"{_SIGNS[each.level]} {_sentence(each, lang)}")
    if wrong:
        raise typer.Exit(CHECK_FAILED)


def _sentence(finding: Finding, lang: Lang) -> str:
    return catalogue().text(finding.key, lang, **finding.values)
