"""Begin a simulation in an empty place, go on with one that stopped, and write its batches."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlmodel import Session

from central.accounts import passwords
from central.actor import Via, system
from central.courts import service as courts_service
from central.courts.province import Province
from central.errors import Conflict
from central.intake import writing
from central.intake.tales import Tale
from central.petitions import numbering
from central.petitions import service as petitions
from central.simulation import courses, people, plan, queries, telling
from central.simulation.models import Simulation, SimulationPart
from central.simulation.people import People
from central.simulation.plan import Arrival, Plan
from central.vault.vault import Vault
from shared.clock import COURT_ZONE


class Found(StrEnum):
    """What a run finds."""

    EMPTY = "empty"
    BEGUN = "begun"
    FINISHED = "finished"


def look(s: Session, made: Plan) -> Found:
    """Say how far this plan is carried out here; raise `Conflict` where it may not be."""
    known, count = queries.current(s), queries.petitions(s)
    if known is None:
        if count:
            raise Conflict("simulation.not_empty", count=count)
        return Found.EMPTY
    if known.digest != made.digest:
        raise Conflict("simulation.another", seed=known.seed, courts=known.courts, count=known.planned)
    if count != sum(part.done for part in queries.parts(s).values()):
        raise Conflict("simulation.touched")
    return Found.FINISHED if known.finished_at else Found.BEGUN


def begin(s: Session, *, made: Plan, province: Province, password: str, now: datetime) -> None:
    """Note the plan; create courts and people as of its first morning. The caller commits."""
    by, morning = system(Via.COMMAND), made.hours.moment(0.0)
    courts_service.seed(s, province=province, by=by, now=morning)
    departments: dict[str, list[str]] = {
        level: [department.key for department in province.departments_of(level)]
        for level in {spec.level for spec in made.courts}
    }
    people.create(s, people.wanted(made, departments), password=password, by=by, now=morning)
    s.add(
        Simulation(
            seed=made.seed,
            digest=made.digest,
            courts=len(made.courts),
            first=made.first,
            last=made.last,
            planned=made.total,
            started_at=now,
        )
    )
    s.add_all(
        SimulationPart(court=spec.code, planned=total)
        for spec, total in zip(made.courts, made.totals, strict=True)
    )


def finish(s: Session, *, now: datetime) -> None:
    """Note that everything is written."""
    known = queries.current(s)
    if known is not None:
        known.finished_at = now


@dataclass(frozen=True, slots=True)
class Batch:
    """Petitions `start` up to `end` of one court, in the order of registration; `at` is when the first came."""

    at: datetime
    court: str
    start: int
    end: int


def batches(listed: dict[str, list[Arrival]], done: dict[str, int], *, size: int) -> list[Batch]:
    """Return what is left to be written of some courts, by time, so that new rows land near each other."""
    found = [
        Batch(arrivals[start].registered_at, code, start, min(start + size, len(arrivals)))
        for code, arrivals in listed.items()
        for start in range(done.get(code, 0), len(arrivals), size)
    ]
    return sorted(found, key=lambda batch: (batch.at, batch.court))


@dataclass(frozen=True, slots=True)
class Ready:
    """A batch as sealed tales, with how many receipt numbers it takes of each year."""

    batch: Batch
    tales: Sequence[Tale]
    numbers: dict[int, list[str]]


def prepare(
    made: Plan, batch: Batch, listed: list[Arrival], who: People, vault: Vault, codes: tuple[str, str]
) -> Ready:
    """Tell and seal the petitions of a batch. No database."""
    told, numbers = list[Tale](), dict[int, list[str]]()
    for place, key_id in zip(
        range(batch.start, batch.end), vault.new_keys(batch.end - batch.start), strict=True
    ):
        course = courses.course(made, batch.court, place, listed)
        year = course.registered_at.astimezone(COURT_ZONE).year
        numbers.setdefault(year, []).append(course.number)
        told.append(telling.tale(course, who, key_id=key_id, codes=codes))
    writing.seal(vault, told)
    return Ready(batch, told, numbers)


def write(s: Session, ready: Ready, court_id: UUID) -> None:
    """Write a prepared batch with its place in the work; raise `Conflict` if somebody else numbered petitions meanwhile."""
    part = s.get_one(SimulationPart, ready.batch.court, with_for_update=True)
    if part.done != ready.batch.start:
        raise Conflict("simulation.touched")
    code = ready.batch.court
    for year, planned in ready.numbers.items():
        drawn = petitions.take_numbers(s, court_id=court_id, court_code=code, year=year, count=len(planned))
        if drawn != planned:
            raise Conflict("simulation.touched")
    part.done = ready.batch.end
    s.flush()
    writing.write_sealed(s, ready.tales)


def nobodys_code() -> str:
    """Return the hash of a receipt code that nobody knows. One serves many petitions: it opens nothing."""
    return passwords.hash_code(numbering.new_code())


def arrivals_of(made: Plan, codes: Sequence[str]) -> dict[str, list[Arrival]]:
    """Return what some courts register, by code."""
    return {code: plan.arrivals(made, code) for code in codes}
