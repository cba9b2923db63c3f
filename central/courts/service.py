"""Put the courts of a province into the tables. Running it again adds what is new and changes nothing else."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from central.actor import Actor
from central.courts import queries
from central.courts.models import Court, Department
from central.courts.province import CourtSpec, Province
from central.events import log
from central.events.journal import stream_name
from central.events.kinds import Kind


def seed(s: Session, *, province: Province, by: Actor, now: datetime) -> int:
    """Create the courts that are not there yet, parents first, with their departments; return how many."""
    known = {court.code: court.id for court in queries.everything(s)}
    missing = [spec for spec in province.top_down() if spec.code not in known]
    for spec in missing:
        known[spec.code] = _create(s, province, spec, known, by, now)
    return len(missing)


def _create(
    s: Session, province: Province, spec: CourtSpec, known: dict[str, UUID], by: Actor, now: datetime
) -> UUID:
    court = Court(
        code=spec.code,
        name=spec.name,
        name_en=spec.name_en,
        level=spec.level,
        parent_id=known[spec.parent] if spec.parent else None,
        path=province.path_of(spec.code),
        latin=spec.latin,
        area_code=spec.area,
        valid_from=spec.valid_from,
        confirmed=spec.confirmed,
        source=spec.source or "",
    )
    s.add(court)
    s.flush()  # its departments refer to it
    for department in province.departments_of(spec.level):
        s.add(
            Department(
                court_id=court.id, code=department.key, name=department.name, name_en=department.name_en
            )
        )
    stream = stream_name("court", court.id)
    log.record(s, kind=Kind.COURT_CREATED, stream=stream, actor=by, at=now, facts={"code": spec.code})
    return court.id
