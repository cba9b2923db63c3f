"""`minyi simulate`: fill an empty installation with a made-up province."""

import os
import secrets
import time
from datetime import date, datetime, timedelta
from typing import Annotated, Any

import typer
from sqlalchemy import text

from central import db
from central.commands.common import Data, Json, complain, is_terminal, open_context, refusals, say, show
from central.context import Context
from central.courts.province import Province, load_province, packaged
from central.deadlines.calendar import shipped_calendar
from central.simulation import filling, people, plan, queries, service
from central.simulation.plan import Plan
from central.simulation.service import Found
from shared.clock import court_day

#: More than the file of a database of this machine could hold.
MOST = 20_000_000
#: Stopped before the end; a second run goes on.
STOPPED = 1


def simulate(
    courts: Annotated[int, typer.Option(help="How many courts of the province, the high court first.")] = 12,
    years: Annotated[float, typer.Option(help="Years up to the last day.")] = 2.0,
    seed: Annotated[str, typer.Option(help="The same seed makes the same province.")] = "1",
    petitions: Annotated[
        int | None, typer.Option(help="Petitions of all courts; otherwise by their size.")
    ] = None,
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Last day; otherwise yesterday.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, max=64, help="Processes; otherwise one a core.")
    ] = None,
    password: Annotated[str, typer.Option(help="Of every made-up account; otherwise a random one.")] = "",
    data: Data = None,
    *,
    json: Json = False,
) -> None:
    """Make up a province with its petitions of some years. Only in an empty place, or one that this began to fill."""
    # As for a demonstration, an empty place gets its master key here.
    context = open_context(data, environment="demo")
    lang = context.settings.language
    province = load_province(packaged("liaoning.toml"))
    last = until.date() if until else court_day(context.clock.now()) - timedelta(days=1)
    made = _plan(context, province, courts, years, seed, petitions, last)
    chosen = password or secrets.token_urlsafe(9)
    with refusals(lang):
        found = _begin(context, made, province, chosen)
    begun, count = time.monotonic(), 0
    if found is not Found.FINISHED:
        done = _Shown(context, made, quiet=json)
        try:
            whole = filling.run(context, made, workers=workers or os.cpu_count() or 1, progress=done)
        except filling.Broken:
            complain("simulation.broken", lang)
        count = done.count
        if not whole:
            say("simulation.stopped", lang, done=done.already + count, total=made.total)
            raise typer.Exit(STOPPED)
        _finish(context)
    elif not json:
        say("simulation.finished_before", lang)
    _tell(
        context, made, count, time.monotonic() - begun, chosen if found is Found.EMPTY else "", as_json=json
    )


def _plan(
    context: Context,
    province: Province,
    courts: int,
    years: float,
    seed: str,
    petitions: int | None,
    last: date,
) -> Plan:
    lang, most = context.settings.language, len(province.courts)
    if not 1 <= courts <= most:
        complain("simulation.courts", lang, most=most)
    if not 1 / 12 <= years <= 15:
        complain("simulation.years", lang)
    if not seed.strip() or len(seed) > 60:
        complain("simulation.seed", lang)
    if petitions is not None and not 1 <= petitions <= MOST:
        complain("simulation.petitions", lang, most=MOST)
    calendar = shipped_calendar()
    first = last - timedelta(days=round(years * 365.25))
    if last > court_day(context.clock.now()) or calendar.status(first) != "published":
        complain("simulation.days", lang, first=min(calendar.years))
    chosen = plan.choose(province.courts, courts)
    return plan.make(seed=seed, courts=chosen, years=years, last=last, total=petitions)


def _begin(context: Context, made: Plan, province: Province, password: str) -> Found:
    with db.unit_of_work(context.engine) as s:
        found = service.look(s, made)
        if found is Found.EMPTY:
            service.begin(s, made=made, province=province, password=password, now=context.clock.now())
    return found


def _finish(context: Context) -> None:
    with db.unit_of_work(context.engine) as s:
        service.finish(s, now=context.clock.now())
        if db.is_sqlite(s):  # a part of each index tells enough: to read all of 30 GB takes minutes
            s.connection().execute(text("PRAGMA analysis_limit = 1000"))
        s.connection().execute(text("ANALYZE"))


class _Shown:
    """Shows how far it is, each second on a terminal, each half minute elsewhere."""

    def __init__(self, context: Context, made: Plan, *, quiet: bool) -> None:
        with context.read() as s:
            self.already = sum(part.done for part in queries.parts(s).values())
        self.total, self.count, self.quiet = made.total, 0, quiet
        self.begun = self.shown = time.monotonic()

    def __call__(self, more: int) -> None:
        """Count petitions that were written."""
        self.count += more
        now = time.monotonic()
        if self.quiet or now - self.shown < (1 if is_terminal() else 30):
            return
        self.shown = now
        line = f"{self.already + self.count:,} / {self.total:,}  {self.count / (now - self.begun):,.0f}/s"
        typer.echo(f"\r{line} " if is_terminal() else line, nl=not is_terminal(), err=True)


def _tell(context: Context, made: Plan, count: int, seconds: float, password: str, *, as_json: bool) -> None:
    with context.read() as s:
        rows = queries.years(s, made.first, made.last)
    figures: dict[str, Any] = {
        "petitions": made.total,
        "written": count,
        "seconds": round(seconds, 1),
        "per_second": round(count / seconds) if seconds > 0 else 0,
        "first": made.first,
        "last": made.last,
    }
    names = {"registrar": "reg", "handler": "hand1", "leader": "lead", "supervisor": "sup"}
    accounts = [people.username(made.courts[-1], prefix) for prefix in names.values()]
    if as_json:
        years = [row._asdict() for row in rows]
        show({**figures, "years": years, "accounts": accounts, "password": password or None}, as_json=True)
        return
    show(figures, as_json=False)
    lang, chosen = context.settings.language, context.settings
    say("simulation.head", lang)
    for row in rows:
        say("simulation.year", lang, **row._asdict())
    folder = chosen.data
    say("simulation.sign_in", lang, port=chosen.http.port, folder=folder, accounts=", ".join(accounts))
    if password:
        say("simulation.password", lang, password=password)
