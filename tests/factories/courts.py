"""Courts as the seed makes them, each with its event."""

from datetime import UTC, date, datetime

from sqlmodel import Session

from central.actor import Actor, Via, system
from central.courts.models import Court, Department
from central.events import log
from central.events.journal import stream_name
from central.events.kinds import Kind

#: Monday 2026-11-23, 09:00 in the courts' zone.
MORNING = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
SEED: Actor = system(Via.COMMAND)


def court(s: Session, code: str = "辽0102", *, parent: Court | None = None) -> Court:
    """Return a new court with one department, the petition office, and its event."""
    made = Court(
        code=code,
        name=f"{code}人民法院",
        name_en=f"Court {code}",
        level={1: "high", 3: "intermediate"}.get(len(code), "basic"),
        parent_id=parent.id if parent else None,
        path=_path(code),
        latin="ln" + code[1:],
        valid_from=date(2016, 1, 1),
        confirmed=True,
        source="test",
    )
    s.add(made)
    s.flush()
    s.add(Department(court_id=made.id, code="filing", name="立案庭", name_en="Filing division"))
    log.record(s, kind=Kind.COURT_CREATED, stream=stream_name("court", made.id), actor=SEED, at=MORNING)
    return made


def tree(s: Session) -> dict[str, Court]:
    """Return a small province by code: 辽, 辽01, 辽0102, 辽0103, 辽02."""
    made = {"辽": court(s, "辽")}
    made["辽01"] = court(s, "辽01", parent=made["辽"])
    made["辽02"] = court(s, "辽02", parent=made["辽"])
    made["辽0102"] = court(s, "辽0102", parent=made["辽01"])
    made["辽0103"] = court(s, "辽0103", parent=made["辽01"])
    return made


def _path(code: str) -> str:
    """Return the materialised path that the code rules derive: /辽/辽01/辽0102/."""
    parts = [code[:1], code[:3], code[:5]]
    return "/" + "/".join(dict.fromkeys(part for part in parts if len(part) in {1, len(part)})) + "/"
