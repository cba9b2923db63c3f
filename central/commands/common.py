"""What the commands share: settings with overrides, words in the person's language, JSON or lines, exit codes."""

import errno
import json
import sys
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from pydantic import ValidationError
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError, DatabaseError

from central import context
from central.backup import restoring
from central.deadlines.books import Book
from central.deadlines.rules import BadRules
from central.deadlines.shipped import open_book
from central.errors import MinyiError
from central.settings import Settings, config_file, unknown_variables
from central.vault.vault import Vault, open_vault
from central.web.catalogue import catalogue
from shared.i18n import Lang

#: A check failed; the work itself was done.
CHECK_FAILED = 1
#: The command was called wrongly or its input cannot be used.
BAD_USE = 2

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of lines.")]
Data = Annotated[Path | None, typer.Option("--data", help="Data folder; overrides MINYI_DATA.")]


def settings(data: Path | None = None, **overrides: Any) -> Settings:
    """Return the settings in force; a wrong one ends the command with a sentence."""
    given = {**overrides, **({"data": data} if data else {})}
    file = config_file()
    if file is not None and not file.is_file():
        _complain_in_both("commands.settings_file_missing", path=file)
    if unknown := unknown_variables():
        _complain_in_both("commands.unknown_setting", name=", ".join(unknown))
    try:
        chosen = Settings(**given)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        _complain_in_both("commands.settings_file_unreadable", path=file, reason=error)
    except ValidationError as error:
        for problem in error.errors():
            place = ".".join(str(part) for part in problem["loc"])
            typer.echo(f"{place or 'settings'}: {problem['msg']}", err=True)
        raise typer.Exit(BAD_USE) from None
    _check_database(chosen)
    return chosen


def _check_database(chosen: Settings) -> None:
    try:
        kind = make_url(chosen.database_url).get_backend_name()
    except ArgumentError:
        kind = ""
    if kind not in {"sqlite", "postgresql"}:  # the address may hold a password: it is not repeated
        complain("commands.database_unknown", chosen.language)


def _complain_in_both(key: str, **values: object) -> NoReturn:
    """End with a sentence in both languages: which one is set cannot be known yet."""
    for lang in Lang:
        typer.echo(catalogue().text(key, lang, **values), err=True)
    raise typer.Exit(BAD_USE)


def _reason(error: DatabaseError) -> str:
    """Return the first line of what the engine says; some refusals have no words."""
    return next(iter(str(error.orig).splitlines()), type(error).__name__)


@contextmanager
def no_traceback() -> Iterator[None]:
    """Turn what a place or a database refuses, wherever it shows, into a sentence and exit code 2."""
    try:
        yield
    except DatabaseError as error:
        _complain_in_both("commands.database_out_of_reach", reason=_reason(error))
    except OSError as error:
        if error.errno == errno.EPIPE:
            raise
        path, reason = error.filename or "-", error.strerror or error
        _complain_in_both("commands.place_refused", path=path, reason=reason)


def open_context(data: Path | None = None, **overrides: Any) -> context.Context:
    """Return a context on the settings in force, schema up to date; a database out of reach ends with a sentence."""
    chosen = settings(data, **overrides)
    try:
        with refusals(chosen.language):
            restoring.finish_pending(chosen)
            return context.build(chosen, rules=rule_book(chosen))
    except DatabaseError as error:
        complain("commands.database_out_of_reach", chosen.language, reason=_reason(error))


class RulesRefused(MinyiError):
    """The folder of rule sets holds something that cannot be used."""


def rule_book(chosen: Settings) -> Book:
    """Return the rule sets of the settings; raise `RulesRefused` naming file, rule and remedy."""
    try:
        return open_book(chosen.deadlines.rules_dir)
    except BadRules as error:
        raise RulesRefused("deadlines.rules_refused", reason=str(error)) from error


def vault_of(chosen: Settings) -> Vault:
    """Return the vault of the settings; without a master key the command ends with a sentence."""
    with refusals(chosen.language):
        return open_vault(chosen)


def open_existing(data: Path | None = None) -> context.Context:
    """Return a context on a database that is there already: an empty one made by a slip in the path proves nothing."""
    chosen = settings(data)
    place = make_url(chosen.database_url)
    if place.drivername.startswith("sqlite") and not Path(place.database or "").exists():
        complain("commands.no_database", chosen.language, path=place.database)
    return open_context(data)


def sentence(key: str, lang: str, /, **values: object) -> str:
    """Return a sentence of the catalogue."""
    return catalogue().text(key, Lang(lang), **values)


def say(key: str, lang: str, /, **values: object) -> None:
    """Print a sentence of the catalogue."""
    typer.echo(sentence(key, lang, **values))


def show(result: Mapping[str, object], *, as_json: bool) -> None:
    """Print figures: one JSON object, or a line for each."""
    if as_json:
        typer.echo(json.dumps(result, ensure_ascii=False, default=str))
        return
    for name, value in result.items():
        typer.echo(f"{name}: {value}")


def complain(key: str, lang: str, /, **values: object) -> NoReturn:
    """End with a sentence of the catalogue and exit code 2."""
    typer.echo(catalogue().text(key, Lang(lang), **values), err=True)
    raise typer.Exit(BAD_USE)


#: Why a file cannot be written, as far as there is something to do about it; `commands.not_written.<value>`.
_NOT_WRITTEN = {
    errno.ENOENT: "no_folder",
    errno.ENOTDIR: "no_folder",
    errno.EISDIR: "is_folder",
    errno.EACCES: "not_allowed",
    errno.EPERM: "not_allowed",
    errno.EROFS: "read_only",
    errno.ENOSPC: "full",
    errno.EDQUOT: "full",
    errno.ENAMETOOLONG: "too_long",
}


def not_written(error: OSError, path: Path, lang: str) -> NoReturn:
    """End with why `path` could not be written and what to do: the system's own words are English only."""
    why = _NOT_WRITTEN.get(error.errno or 0, "other")
    complain(
        f"commands.not_written.{why}", lang, path=path, folder=path.parent, reason=error.strerror or error
    )


def fail(error: MinyiError, lang: str) -> NoReturn:
    """End with the sentence of `error` and exit code 2."""
    complain(error.key, lang, **error.values)


@contextmanager
def refusals(lang: str) -> Iterator[None]:
    """Turn a refusal inside into its sentence and exit code 2."""
    try:
        yield
    except MinyiError as error:
        fail(error, lang)


def is_terminal() -> bool:
    """Say whether progress may be drawn."""
    return sys.stderr.isatty()
