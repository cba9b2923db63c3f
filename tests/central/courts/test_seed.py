"""A province goes into the tables once; a second run adds only what the file has gained."""

from sqlmodel import Session, select

from central.courts import service
from central.courts.models import Court, Department
from central.courts.province import load_province, packaged
from central.events import log
from central.events.journal import stream_name
from tests.factories.courts import MORNING, SEED

LIAONING = load_province(packaged("liaoning.toml"))


def test_a_second_seed_adds_nothing(s: Session) -> None:
    first = service.seed(s, province=LIAONING, by=SEED, now=MORNING)
    events = log.latest_id(s)
    assert first == len(LIAONING.courts)
    assert service.seed(s, province=LIAONING, by=SEED, now=MORNING) == 0
    assert log.latest_id(s) == events


def test_a_department_the_file_has_gained_comes_to_the_courts_that_exist_with_its_event(s: Session) -> None:
    older = LIAONING.model_copy(update={"departments": LIAONING.departments[1:]})
    service.seed(s, province=older, by=SEED, now=MORNING)
    gained = LIAONING.departments[0]
    assert service.seed(s, province=LIAONING, by=SEED, now=MORNING) == 0
    court = s.exec(select(Court).where(Court.level == gained.levels[0])).first()
    assert court is not None
    codes = s.exec(select(Department.code).where(Department.court_id == court.id)).all()
    assert codes.count(gained.key) == 1
    kinds = [event.kind for event in log.of_stream(s, stream_name("court", court.id))]
    assert kinds == ["court.created", "department.created"]
