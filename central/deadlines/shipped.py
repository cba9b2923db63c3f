"""The rule sets of an installation: those that come with the package, and those of the settings' folder."""

from functools import cache
from importlib import resources
from pathlib import Path

from sqlalchemy.orm import Session

from central.deadlines.books import Book, read_files
from central.deadlines.kinds import FIRST_VERSION
from central.deadlines.rules import BadRules, RuleSet

#: As error messages name the shipped file.
SHIPPED = "rules.toml (shipped)"


@cache
def shipped_book() -> Book:
    """Return the rules that come with the package."""
    return Book(read_files(_shipped()))


@cache
def shipped_rules() -> RuleSet:
    """Return the base set of `data/rules.toml`."""
    return shipped_book().get(FIRST_VERSION)


def open_book(folder: Path | None) -> Book:
    """Return the shipped rules with those of the `*.toml` in `folder`; raise `BadRules` naming file, rule and remedy."""
    if folder is None:
        return shipped_book()
    if not folder.is_dir():
        raise BadRules(f"{folder}: there is no such folder; make it, or leave deadlines.rules_dir empty")
    return with_files(sorted(folder.glob("*.toml")))


def with_files(paths: list[Path]) -> Book:
    """Return the shipped rules with those of some files; raise `BadRules`."""
    texts = _shipped()
    for path in paths:
        try:
            texts[path.name] = path.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise BadRules(f"{path.name}: cannot be read: {error}") from error
    return Book(read_files(texts), known={rule.key for rule in shipped_rules().rules})


def book_of(s: Session) -> Book:
    """Return the rules of the installation that a session belongs to; the shipped ones if it was given none."""
    found = s.info.get("rules")
    return found if isinstance(found, Book) else shipped_book()


def rights() -> frozenset[str]:
    """Return the rules that give the petitioner time to do something: nobody is late when they run out."""
    return frozenset(rule.key for rule in shipped_rules().rules if not rule.owed_by_court)


def _shipped() -> dict[str, str]:
    return {SHIPPED: resources.files("central.deadlines").joinpath("data/rules.toml").read_text("utf-8")}
