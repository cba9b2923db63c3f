"""`minyi deadline`: a due date with its sheet. `minyi rules`: the rule sets of this installation.

Neither needs a database, but for `--calendar installed`.
"""

import json as jsonlib
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import typer

from central.cases.numbers import HIGH
from central.commands.common import (
    Data,
    Json,
    complain,
    not_written,
    open_existing,
    refusals,
    rule_book,
    say,
    settings,
    show,
)
from central.deadlines import paper
from central.deadlines.books import Book
from central.deadlines.calendar import WorkCalendar, shipped_calendar
from central.deadlines.due import Pause, due
from central.deadlines.in_force import calendar_in_force
from central.deadlines.kinds import PetitionKind
from central.deadlines.pdf import sheet_pdf
from central.deadlines.rules import BadRules, Rule
from central.deadlines.shipped import with_files
from central.settings import Settings
from central.web.catalogue import catalogue
from shared.clock import SystemClock, court_day
from shared.i18n import Key, Lang

CalendarName = Literal["shipped", "installed"]

rules_app = typer.Typer(help="The rule sets of this installation.", no_args_is_help=True)


def deadline(
    rule: Annotated[str, typer.Option("--rule", help="Key of the rule, e.g. answer.")],
    received: Annotated[str, typer.Option("--received", help="Day of the starting event, e.g. 2026-11-23.")],
    pause: Annotated[
        list[str] | None,
        typer.Option("--pause", help="Stood still from A to B: A..B, or A.. while open; again for more."),
    ] = None,
    extend: Annotated[int, typer.Option("--extend", help="Days of extension.")] = 0,
    turn: Annotated[int, typer.Option("--turn", help="Which turn of a duty that recurs.")] = 1,
    kind: Annotated[str, typer.Option("--kind", help="Kind of petition.")] = PetitionKind.GENERAL.value,
    province: Annotated[str, typer.Option("--province", help="First character of the court's code.")] = "",
    rules: Annotated[str, typer.Option("--rules", help="Version of the rules; else that of the day.")] = "",
    calendar: Annotated[
        CalendarName,
        typer.Option(
            "--calendar", help="That of the library, or that of this installation with its entries."
        ),
    ] = "shipped",
    pdf: Annotated[Path | None, typer.Option("--pdf", help="Write the sheet there as PDF as well.")] = None,
    data: Data = None,
    *,
    no_roll: Annotated[bool, typer.Option("--no-roll", help="A last day on a rest day stays.")] = False,
    count_first_day: Annotated[bool, typer.Option("--count-first-day", help="The first day counts.")] = False,
    json: Json = False,
) -> None:
    """Print how a due date comes about, so that it can be checked by hand."""
    chosen = settings(data)
    lang = chosen.language
    start, pauses = _day(received, "--received", lang), [_pause(each, lang) for each in pause or []]
    book = _book(chosen)
    version = _version(book, start, rules=rules, kind=kind, province=province, lang=lang)
    wanted = _rule(book, version, rule, kind, lang)
    wanted = _read_otherwise(wanted, no_roll=no_roll, count_first_day=count_first_day)
    _check(wanted, extend=extend, turn=turn, lang=lang)
    days = shipped_calendar() if calendar == "shipped" else _installed(data)
    found = _sheet(wanted, start, pauses, days, extend=extend, turn=turn, version=version, lang=lang)
    made = paper.paper(found, text=partial(_text, lang), day=_iso)
    if pdf is not None:
        _write(pdf, sheet_pdf(made, lang=lang[:2]), lang)
    if json:
        typer.echo(jsonlib.dumps(paper.figures(found), ensure_ascii=False))
        return
    typer.echo(paper.plain(made))
    if found.derived.uncharted:
        say("deadlines.command.uncharted", lang)
    if province and not book.province_of(version):
        say("deadlines.command.no_province_rules", lang, province=province)
    if pdf is not None:
        say("deadlines.command.pdf_written", lang, path=pdf)


def _read_otherwise(rule: Rule, *, no_roll: bool, count_first_day: bool) -> Rule:
    return rule.model_copy(
        update={"roll": rule.roll and not no_roll, "count_first_day": rule.count_first_day or count_first_day}
    )


def _installed(data: Path | None) -> WorkCalendar:
    context = open_existing(data)
    with refusals(context.settings.language), context.look() as s:
        return calendar_in_force(s)


def _sheet(
    rule: Rule,
    start: date,
    pauses: list[Pause],
    calendar: WorkCalendar,
    *,
    extend: int,
    turn: int,
    version: str,
    lang: str,
) -> paper.Sheet:
    still = any(until is None for _, until in pauses)
    today = max(court_day(SystemClock().now()), start) if still else None
    try:
        derived = due(
            rule,
            start,
            calendar,
            pauses=pauses,
            extension_days=extend,
            occurrence=turn,
            today=today,
        )
    except (OverflowError, ValueError):
        complain("deadlines.command.too_far", lang)
    for first, until in pauses:  # a mistyped year would look like a sheet that was checked
        if until is not None and first < until < start + timedelta(days=not rule.count_first_day):
            complain("deadlines.command.pause_before", lang, first=first, until=until, start=start)
        if (
            first >= derived.due_on
        ):  # a last day on a rest day runs on to a working day, and may be stopped until then
            complain("deadlines.command.pause_after", lang, first=first, last=derived.due_on)
    stops = [paper.Stop(first, until) for first, until in sorted(pauses, key=lambda each: each[0])]
    return paper.Sheet(derived, version, stops=stops, stands_still=still)


def _text(lang: str, key: str, **values: object) -> str:
    return catalogue().text(key, Lang(lang), **values)


def _iso(day: date) -> str:
    return day.isoformat()


def _day(given: str, option: str, lang: str) -> date:
    try:
        return date.fromisoformat(given.strip())
    except ValueError:
        complain("deadlines.command.bad_date", lang, option=option, given=given)


def _pause(given: str, lang: str) -> Pause:
    first, dots, last = given.partition("..")
    if not dots or not first.strip():
        complain("deadlines.command.bad_pause", lang, given=given)
    begin = _day(first, "--pause", lang)
    until = _day(last, "--pause", lang) if last.strip() else None
    if until is not None and until < begin:
        complain("deadlines.command.pause_backwards", lang, first=begin, until=until)
    return begin, until


def _book(chosen: Settings) -> Book:
    with refusals(chosen.language):
        return rule_book(chosen)


def _version(book: Book, start: date, *, rules: str, kind: str, province: str, lang: str) -> str:
    if rules and rules not in book:
        complain("deadlines.command.unknown_version", lang, given=rules, known=", ".join(book.versions()))
    if kind not in set(PetitionKind):
        complain("deadlines.command.unknown_kind", lang, given=kind, known=", ".join(PetitionKind))
    if province and province[:1] not in HIGH:
        complain("deadlines.command.unknown_province", lang, given=province, known=" ".join(HIGH))
    if rules and province and book.province_of(rules) != province[:1]:
        complain("deadlines.command.other_province", lang, given=rules, province=province)
    return book.version(rules or book.begin(start, province[:1]), kind)


def _rule(book: Book, version: str, key: str, kind: str, lang: str) -> Rule:
    here = {rule.key: rule for rule in book.get(version).rules}
    if key in here:
        return here[key]
    base = book.get(version.partition("/")[0])
    if key in {rule.key for rule in base.rules}:
        complain(
            "deadlines.command.rule_off",
            lang,
            rule=Key(f"deadlines.rule.{key}"),
            kind=Key(f"deadlines.kind.{kind}"),
        )
    return complain("deadlines.command.unknown_rule", lang, given=key, known=", ".join(here))


def _check(rule: Rule, *, extend: int, turn: int, lang: str) -> None:
    for option, given, least in (("--extend", extend, 0), ("--turn", turn, 1)):
        if given < least:
            complain("deadlines.command.negative", lang, option=option, least=least)
    if turn > 1 and not rule.recurs:
        complain("deadlines.command.no_turns", lang, rule=Key(rule.name_key))
    if extend and not rule.max_extension_days:
        complain("deadlines.command.never_extended", lang, rule=Key(rule.name_key))
    if extend > rule.max_extension_days:
        complain(
            "deadlines.command.extended_too_far",
            lang,
            given=extend,
            rule=Key(rule.name_key),
            most=rule.max_extension_days,
        )


def _write(path: Path, content: bytes, lang: str) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        not_written(error, path, lang)


@rules_app.command("list")
def list_(data: Data = None, *, json: Json = False) -> None:
    """List the rule sets: version, province, days in force."""
    chosen = settings(data)
    book = _book(chosen)
    rows = [
        {
            "version": version,
            "province": book.province_of(version),
            "effective_from": found.effective_from.isoformat(),
            "effective_to": found.effective_to.isoformat() if found.effective_to else None,
            "name": found.name if Lang(chosen.language) is Lang.ZH else found.name_en,
            "rules": len(found.rules),
        }
        for version in book.versions()
        for found in [book.get(version)]
    ]
    if json:
        show({"sets": rows}, as_json=True)
        return
    for row in rows:
        until = row["effective_to"] or ""
        typer.echo(f"{row['version']}  {row['province']}  {row['effective_from']}..{until}  {row['name']}")


@rules_app.command("show")
def show_(version: Annotated[str, typer.Argument()], data: Data = None, *, json: Json = False) -> None:
    """Print the rules of one version with period, article and source."""
    chosen = settings(data)
    book, lang = _book(chosen), chosen.language
    if version not in book:
        complain("deadlines.command.unknown_version", lang, given=version, known=", ".join(book.versions()))
    found = book.get(version)
    if json:
        show(found.model_dump(mode="json"), as_json=True)
        return
    for rule in found.rules:
        length = _text(lang, rule.unit_key, amount=rule.amount)
        typer.echo(f"{rule.key}: {_text(lang, rule.name_key)}, {length}, {rule.article or rule.basis}")
        typer.echo(f"    {rule.source_zh or rule.source if lang != Lang.EN.value else rule.source}")


@rules_app.command("check")
def check(
    files: Annotated[list[Path], typer.Argument(help="Files that shall go into the folder of rule sets.")],
    data: Data = None,
    *,
    json: Json = False,
) -> None:
    """Say whether rule files could be put into the folder of this installation; exit 2 if not."""
    chosen = settings(data)
    folder = chosen.deadlines.rules_dir
    there = sorted(folder.glob("*.toml")) if folder and folder.is_dir() else []
    names = {path.name for path in files}
    try:
        book = with_files([*(path for path in there if path.name not in names), *files])
    except BadRules as error:
        complain("deadlines.rules_refused", chosen.language, reason=str(error))
    if json:
        show({"versions": book.versions()}, as_json=True)
    else:
        say("deadlines.command.rules_fit", chosen.language, versions=", ".join(book.versions()))
