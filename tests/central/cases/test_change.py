"""Case numbers after registration: added, corrected, struck out; read on the petitioner's page, never in the log."""

from collections.abc import Callable

from sqlmodel import select
from starlette.testclient import TestClient

from central import db
from central.cases import queries as cases
from central.context import Context
from central.events.models import Event
from central.events.verify import verify
from central.petitions.states import Act
from tests.central.desk.conftest import Desk, desk
from tests.central.portal.conftest import Receipt, look_up
from tests.factories import petitions
from tests.factories.accounts import House

__all__ = ["desk", "look_up"]

FIRST, SECOND, RIGHT = "（2023）辽0102民初123号", "（2024）辽01民终7号", "（2023）辽0102民初124号"


def test_they_are_put_right_at_the_desk_and_read_by_the_petitioner(
    context: Context,
    house: House,
    desk: Callable[..., Desk],
    look_up: Callable[[Receipt], str],
    client: TestClient,
) -> None:
    with db.unit_of_work(context.engine) as s:
        petition = petitions.registered(s, house, case_numbers=f"{FIRST}\n{SECOND}")
        code = petitions.do(s, house, petition, Act.REISSUE_CODE)
        version = petition.version
    registrar = desk("registrar")
    here = f"/petitions/{petition.id}"
    shown = registrar.get(here)
    assert f"{FIRST} {SECOND}</textarea>" in shown
    answer = registrar.post(f"{here}/acts/change_cases", case_numbers="2023辽0102民初124号", version=version)
    assert answer.status_code == 303, answer.text
    page = look_up(Receipt(petition, code))
    assert [each in page for each in (RIGHT, "民事", FIRST, SECOND)] == [True, True, False, False]
    assert "案号更正了" in page
    with context.read() as s:
        rows = cases.of_petition(s, petition.id)
        assert [(row.typed, row.case_number) for row in rows] == [("2023辽0102民初124号", RIGHT)]
        assert rows[0].case_number_index == cases.index(s, RIGHT)
        logged = s.exec(select(Event.data).where(Event.kind == "petition.cases_changed")).all()
        assert '"cases":1' in logged[0]
        assert "民初" not in logged[0]
        assert verify(s, public_key=None, anchor_folder=context.settings.data / "anchors").findings == []
