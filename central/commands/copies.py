"""Continuous copies on the command line: `minyi backup FOLDER --follow` and `minyi restore FOLDER --until MOMENT`."""

import signal
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psycopg
import typer
from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

from central.backup.contents import KEYSTORE_COPY
from central.backup.keyring import Keys
from central.backup.restoring import place_of
from central.commands.common import CHECK_FAILED, complain, refusals, say, show
from central.commands.log import as_figures, say_report
from central.context import Context
from central.copies import chain, following, recovering, verifying
from central.copies.errors import Lost
from central.copies.following import Follower, Rules
from central.copies.generation import FOLDER, Site
from central.copies.received import ReceivedSource
from central.copies.source import Source
from central.copies.wal import WalSource
from central.errors import MinyiError
from central.events.verify import Report
from central.notify import notify
from central.settings import Settings
from central.web.catalogue import catalogue
from shared.clock import SystemClock
from shared.i18n import Lang

#: Longest pause after failures, in seconds; systemd wants to hear from us more often than once a minute.
_LONGEST = 20.0
#: What may go wrong for a while and is tried again.
_PASSING = (MinyiError, Lost, OSError, sqlite3.Error, SQLAlchemyError, psycopg.Error)


def source_of(settings: Settings, tag: str) -> Source:
    """Return the source of an installation for one generation."""
    database = place_of(settings).database
    if database is not None:
        return WalSource(database)
    return ReceivedSource(make_url(settings.database_url), settings.data / FOLDER, tag)


def site_of(context: Context, folder: Path) -> Site:
    """Return what all generations of an installation share."""
    return Site(
        engine=context.engine,
        vault=context.vault,
        clock=context.clock,
        data=context.settings.data,
        folder=folder,
        program=version("minyi"),
        alive=lambda: notify("WATCHDOG=1"),
    )


def follow(folder: Path, context: Context) -> None:
    """Copy what is committed until SIGINT or SIGTERM, then what is left."""
    settings, stop = context.settings, threading.Event()
    chosen = settings.copies
    rules = Rules(timedelta(hours=chosen.base_hours), timedelta(days=chosen.keep_days))
    with refusals(settings.language), _until_told(stop):
        if not folder.is_dir():
            complain("backup.no_folder", settings.language, path=folder)
        with following.alone(folder, settings.data):
            follower = Follower(site_of(context, folder), lambda tag: source_of(settings, tag), rules)
            try:
                if follower.start():
                    say("copies.resumed", settings.language, path=folder)
                notify("READY=1")
                _Loop(follower, folder, stop, settings).run()
            finally:
                notify("STOPPING=1")
                follower.close()
                context.engine.dispose()


class _Loop:
    """Ships again and again; says when it begins to fail, and when it works again."""

    def __init__(self, follower: Follower, folder: Path, stop: threading.Event, settings: Settings) -> None:
        self._folder, self._follower, self._stop, self._settings = folder, follower, stop, settings
        self._failures, self._said = 0, False

    def run(self) -> None:
        """Ship until told to stop, and once more then."""
        while not self._stop.is_set():
            self._ship()
            notify("WATCHDOG=1")
            every = self._settings.copies.seconds
            pause = max(every, min(_LONGEST, every * 2**self._failures))
            if not self._follower.wait(min(pause, 1)):
                self._stop.wait(pause)
        self._ship()

    def _ship(self) -> None:
        lang = self._settings.language
        try:
            self._follower.ship()
        except _PASSING as error:
            if not self._failures:
                say("copies.behind", lang, reason=_sentence(error, Lang(lang)))
            self._failures = min(self._failures + 1, 10)
            return
        if self._failures:
            say("copies.again", lang)
        self._failures = 0
        if self._follower.is_ready and not self._said:
            self._said = True
            say("copies.begun", lang, path=self._folder, until=chain.shown(SystemClock().now()))


def restore(
    folder: Path,
    settings: Settings,
    *,
    until: str,
    replace: bool,
    keystore: Path | None,
    cluster: Path | None,
    progress: recovering.Progress,
    as_json: bool,
) -> None:
    """Restore a moment from a folder of copies."""
    lang, begun = settings.language, time.monotonic()
    try:
        at = chain.moment_of(until)
    except ValueError:
        complain("copies.not_a_time", lang, given=until)
    with refusals(lang):
        keys = Keys(settings, keystore or folder / KEYSTORE_COPY, given=keystore is not None)
        asked = recovering.Asked(folder, keys, chain.plan(folder, keys.derive, at), progress)
        found = recovering.restore(
            asked,
            settings,
            replace=replace,
            cluster=cluster,
            now=SystemClock().now(),
            program=version("minyi"),
        )
    seconds = round(time.monotonic() - begun, 1)
    figures: dict[str, Any] = {
        "moment": chain.shown(asked.plan.moment),
        "pieces": asked.plan.last.number + 1,
        "tables": found.tables,
        "rows": sum(found.tables.values()),
        "files": found.files,
        "last_event": found.last_event,
        "erased": found.erased,
        "seconds": seconds,
    }
    if as_json:
        show(figures | {"verify": as_figures(found.report)}, as_json=True)
    else:
        _say_restored(figures, found.report, settings, cluster)
    if found.report.findings:
        raise typer.Exit(CHECK_FAILED)


def _say_restored(figures: dict[str, Any], report: Report, settings: Settings, cluster: Path | None) -> None:
    lang = settings.language
    say("copies.restored", lang, **figures)
    if cluster is not None:
        say("copies.cluster_ready", lang, path=cluster)
    before = place_of(settings).before
    if before.is_dir() and any(before.rglob("*")):
        say("backup.before_kept", lang, path=before)
    say_report(report, Lang(lang))


def verify(folder: Path, settings: Settings, derive: Any, *, as_json: bool) -> None:
    """Read all copies of a folder to their ends."""
    with refusals(settings.language):
        rows = [_row(verifying.verify(each, folder, derive)) for each in chain.generations(folder)]
    _print("copies.good", rows, settings, as_json=as_json)


def listing(folder: Path, settings: Settings, derive: Any, *, as_json: bool) -> None:
    """List the generations of a folder, and which moments they bring back."""
    with refusals(settings.language):
        rows = [_row(chain.reach_of(each, derive)) for each in chain.generations(folder)]
    _print("copies.row", rows, settings, as_json=as_json)


def _row(reach: chain.Reach) -> dict[str, Any]:
    return {
        "path": str(reach.generation),
        "first": chain.shown(reach.first) if reach.first else "-",
        "until": chain.shown(reach.until) if reach.until else "-",
        "pieces": reach.pieces,
        "last_event": reach.last_event,
    }


def _print(key: str, rows: list[dict[str, Any]], settings: Settings, *, as_json: bool) -> None:
    if as_json:
        show({"copies": rows}, as_json=True)
        return
    for row in rows:
        say(key, settings.language, **row)


def _sentence(error: BaseException, lang: Lang) -> str:
    if isinstance(error, MinyiError):
        return catalogue().text(error.key, lang, **error.values)
    return (str(error) or type(error).__name__).splitlines()[0]


@contextmanager
def _until_told(stop: threading.Event) -> Iterator[None]:
    """Have SIGINT and SIGTERM set `stop` meanwhile."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {each: signal.signal(each, lambda *_: stop.set()) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
