"""What a recount reaches besides the clocks of petitions: each domain's rows in the shape that the recount takes."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from central.actor import Actor
from central.asks.recounting import ASKS, ERASURES
from central.batches.recounting import BATCHES
from central.instructions.recounting import INSTRUCTIONS
from central.packaged.recounting import STEPS
from central.reception.recounting import DAYS, PROMISES
from central.supervision.recounting import ORDERS, Counting, Dated, Told, lot
from central.workdays.models import MovedOther, Recount
from central.workdays.recount import Counter
from central.workdays.work import Lot
from shared.clock import court_day


@dataclass(frozen=True)
class Part:
    """Rows of one domain in a recount."""

    dated: Dated

    @property
    def name(self) -> str:
        """Return the part's name, as the list of what moved keeps it."""
        return self.dated.name

    def lot(self, s: Session, work: Recount, counts: Counter, *, by: Actor, now: datetime, size: int) -> Lot:
        """Count the next rows anew; return the lines of the list, one for each court concerned."""
        counting = Counting(counts.calendar, counts.days, work.number, by, now)
        upto, told = lot(s, self.dated, counting, after=work.cursor, size=size)
        return Lot(
            upto,
            [self._line(work, each, court, now) for each in told for court in dict.fromkeys(each.courts)],
        )

    def _line(self, work: Recount, told: Told, court_id: UUID, now: datetime) -> MovedOther:
        return MovedOther(
            notice_id=work.notice_id,
            what=self.name,
            thing_id=told.thing_id,
            petition_id=told.petition_id,
            court_id=court_id,
            period=told.period,
            was_due_on=told.was_due_on,
            due_on=told.due_on,
            past=told.moved and told.due_on < court_day(now) <= told.was_due_on,
            moved=told.moved,
            days=",".join(day.isoformat() for day in told.days),
        )


#: In this order.
PARTS = tuple(Part(each) for each in (ORDERS, INSTRUCTIONS, BATCHES, PROMISES, ASKS, ERASURES, STEPS, DAYS))
