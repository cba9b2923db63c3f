"""The machine's two clocks read together, and what was thought of them last, kept in the database."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from sqlalchemy import func
from sqlmodel import Session, col, delete, select

from central import db
from central.context import Context
from central.notifications.models import ClockWitness
from central.notifications.steady import Reading, Witness, judge

LOG = structlog.get_logger()
_BOOT = Path("/proc/sys/kernel/random/boot_id")
#: Gives the id of the running system and the seconds of its counting clock.
Count = Callable[[], tuple[str, float]]


def count() -> tuple[str, float]:
    """Return the id of the running system and the seconds it has counted; all its processes count alike."""
    boot = _BOOT.read_text().strip() if _BOOT.exists() else "unknown"
    return boot, time.monotonic()


def believed(context: Context, count: Count = count) -> datetime | None:
    """Return the present moment if the machine's clock is to be believed, and note the reading; None while it is not."""
    boot, steady = count()
    reading = Reading(boot, steady, context.clock.now())
    with db.unit_of_work(context.engine) as s:
        row = s.get(ClockWitness, boot)
        before = _witness(row)
        settle = timedelta(minutes=context.settings.notices.settle_minutes)
        after = judge(before, reading, last=_last(s, boot), settle=settle)
        _keep(s, boot, row, after)
    if after.held and not (before and before.held):
        LOG.warning("clock jumped: nothing is noted or sent until it is steady", at=reading.at.isoformat())
    return None if after.held else reading.at


def still_believed(s: Session, context: Context, count: Count = count) -> datetime | None:
    """Return the present moment if it is in step with the last believed reading; notes nothing."""
    boot, steady = count()
    before = _witness(s.get(ClockWitness, boot))
    if before is None or before.held:
        return None
    reading = Reading(boot, steady, context.clock.now())
    return None if judge(before, reading, last=None, settle=timedelta()).held else reading.at


def believe(s: Session) -> None:
    """Forget every reading: the clock as it is now is believed at the next waking. For a person who set it right."""
    s.exec(delete(ClockWitness))


def held_since(s: Session) -> datetime | None:
    """Return since what reading nothing is noted or sent on some machine, None if all is well."""
    return s.exec(select(func.min(ClockWitness.held_at))).one()


def _last(s: Session, boot: str) -> datetime | None:
    return s.exec(select(func.max(ClockWitness.at)).where(col(ClockWitness.boot) != boot)).one()


def _witness(row: ClockWitness | None) -> Witness | None:
    return Witness(row.steady, row.at, row.held_steady, row.held_at) if row else None


def _keep(s: Session, boot: str, row: ClockWitness | None, after: Witness) -> None:
    if row is None:
        row = ClockWitness(boot=boot, steady=after.steady, at=after.at)
        s.add(row)
    row.steady, row.at, row.held_steady, row.held_at = (
        after.steady,
        after.at,
        after.held_steady,
        after.held_at,
    )
