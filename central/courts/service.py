"""Put the courts of a province into the tables. Running it again adds what is new and changes nothing else."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from central.actor import Actor
from central.courts import queries
from central.courts.models import Court, Department
from central.courts.province import CourtSpec, DepartmentSpec, Province
from central.events import log
from central.events.journal import stream_name
from central.events.kinds import Kind


def seed(s: Session, *, province: Province, by: Actor, now: datetime) -> int:
    """Create the courts and departments that are not there yet, parents first; return how many courts."""
    known = {court.code: court.id for court in queries.everything(s)}
    missing = [spec for spec in province.top_down() if spec.code not in known]
    _add_departments(s, province, known, by, now)
    for spec in missing:
        known[spec.code] = _create(s, province, spec, known, by, now)
    return len(missing)


def _add_departments(
    s: Session, province: Province, known: dict[str, UUID], by: Actor, now: datetime
) -> None:
    """Give courts that exist the departments that the file has since gained, each with its event."""
    present = queries.department_codes(s)
    for spec in (each for each in province.courts if each.code in known):
        court_id = known[spec.code]
        for department in province.departments_of(spec.level):
            if department.key not in present.get(court_id, set()):
                s.add(_department(court_id, department))
                stream, facts = stream_name("court", court_id), {"code": department.key}
                log.record(s, kind=Kind.DEPARTMENT_CREATED, stream=stream, actor=by, at=now, facts=facts)


def _department(court_id: UUID, spec: DepartmentSpec) -> Department:
    return Department(court_id=court_id, code=spec.key, name=spec.name, name_en=spec.name_en)


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
    s.add_all(_department(court.id, each) for each in province.departments_of(spec.level))
    stream = stream_name("court", court.id)
    log.record(s, kind=Kind.COURT_CREATED, stream=stream, actor=by, at=now, facts={"code": spec.code})
    return court.id
