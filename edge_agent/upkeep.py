"""What is looked after once a second: unwritten calls, a full disk, the clock, a new day, old rows."""

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

import structlog

from edge_agent import assist, drill
from edge_agent.desk import Desk
from edge_agent.errors import CannotKeep
from edge_agent.paper import batches
from shared.clock import court_day

log = structlog.get_logger()
_JUMP = timedelta(seconds=60)
_PURGE_EVERY = 3600.0
#: So long staff are told that the clock has jumped.
_JUMP_SHOWN = 3600.0


class Upkeep:
    """Call `tick` about once a second."""

    def __init__(self, desk: Desk, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._desk = desk
        self._monotonic = monotonic
        now = desk.clock.now()
        self._day = court_day(now)
        self._offset = now - timedelta(seconds=monotonic())
        self._purged = monotonic() - _PURGE_EVERY
        self._jumped: float | None = None

    def tick(self) -> None:
        """Look after everything once."""
        now = self._desk.clock.now()
        self._look_at_clock(now)
        if court_day(now) != self._day:
            self._day = court_day(now)
            self._desk.board.changed()
        drill.tick(self._desk.box, now=now)
        with suppress(CannotKeep):
            self._write_what_waits(now)
            self._purge(now)
        self._look_at_line(now)
        if self._desk.trial is not None:
            self._desk.trial.tick(now=now)

    def _look_at_clock(self, now: datetime) -> None:
        offset = now - timedelta(seconds=self._monotonic())
        jump = offset - self._offset
        self._offset = offset
        if self._jumped is not None and self._monotonic() - self._jumped > _JUMP_SHOWN:
            self._jumped = None
            self._desk.box.clear_alarm("alarm.clock_jump")
        if abs(jump) > _JUMP:
            self._jumped = self._monotonic()
            log.warning("clock_jump", seconds=jump.total_seconds())
            self._desk.box.raise_alarm("alarm.clock_jump", now=now, detail=f"{jump.total_seconds():+.0f} s")

    def _write_what_waits(self, now: datetime) -> None:
        box = self._desk.box
        assist.write_unkept(box, now=now)
        assist.widen(box, now=now, seconds=self._desk.settings.hall.widen_seconds)
        if "alarm.cannot_keep" in box.alarms:
            with box.store.transaction() as connection:
                connection.execute(
                    "insert into meta values ('probe', ?) on conflict do update set value = 1", ("1",)
                )
            box.clear_alarm("alarm.cannot_keep")

    def _purge(self, now: datetime) -> None:
        if self._monotonic() - self._purged < _PURGE_EVERY:
            return
        self._purged = self._monotonic()
        days = self._desk.settings.keep_days
        events = self._desk.outbox.purge(now=now, days=days)
        records = self._desk.box.purge(now=now, days=days)
        pages = batches.purge(self._desk.box, now=now, days=days)
        if events or records or pages:
            log.info("purged", events=events, records=records, batches=pages)

    def _look_at_line(self, now: datetime) -> None:
        missing = self._desk.link.state.missing if self._desk.link else None
        if missing is None:
            self._desk.box.clear_alarm("alarm.missing_event")
        else:
            self._desk.box.raise_alarm("alarm.missing_event", now=now, detail=str(missing))
