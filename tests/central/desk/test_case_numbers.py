"""Numbers of cases and papers at the counter: never refused, flagged, found again however written, gone with the petition."""

import json
from collections.abc import Callable

from sqlmodel import select

from central.api import schemas
from central.casework import queries as casework
from central.context import Context
from central.petitions.models import Petition
from tests.central.desk.conftest import Desk
from tests.factories.accounts import House
from tests.factories.petitions import FORM

At = Callable[..., Desk]
NUMBERS = "（2023）辽0102民初4567号\n(2014)沈中民一终字第１２３号；判决书找不到了"


def test_numbers_are_kept_flagged_resolved_and_found(desk: At, context: Context, house: House) -> None:
    at = desk("registrar")
    paper = {"id_kind": "citizen", "id_number": "110105194912310021"}
    answer = at.post("/register", **FORM, **paper, case_numbers=NUMBERS)
    assert answer.status_code == 201, answer.text
    assert "校验位不对" in answer.text
    assert "判决书找不到了：认不出的案号" in answer.text
    with context.read() as s:
        petition = s.exec(select(Petition)).one()
    page = at.get(f"/petitions/{petition.id}")
    for said in (
        house.court.name,
        "民事一审",
        "民事二审",
        "录入时写作：(2014)沈中民一终字第１２３号",
        "认不出的案号",
    ):
        assert said in page, said
    assert "110105194912310021" not in page
    assert "**************0021" in page
    for typed in (
        "2023 辽0102 民初 4567",
        "〔2023〕辽0102民初4567号",
        "判决书找不到了",
        "110105 194912310021",
    ):
        assert petition.number in at.post("/petitions/contact", contact=typed).text, typed
    for other in ("（2023）粤0102民初4567号", "（2023）辽0102民初456号"):
        assert petition.number not in at.post("/petitions/contact", contact=other).text, other


def test_the_database_holds_no_number_in_clear(desk: At, context: Context, house: House) -> None:
    desk("registrar").post("/register", **FORM, case_numbers=NUMBERS)
    with context.engine.connect() as c:
        rows = c.exec_driver_sql("SELECT typed, case_number, case_number_index FROM case_name").all()
        events = c.exec_driver_sql("SELECT data FROM event").all()
    assert len(rows) == 3
    held = b"".join(
        bytes(part) if not isinstance(part, str) else part.encode() for row in rows for part in row
    )
    told = held + "".join(data for (data,) in events).encode()
    # Longer than any run of digits that a key or an index holds by chance.
    for typed in ("民初4567", "4567号", "民一终字", "判决书找不到了"):
        assert typed.encode() not in told, typed
        assert json.dumps(typed)[1:-1].encode() not in told, typed


def test_the_api_tells_court_and_type_of_each_number(desk: At, context: Context, house: House) -> None:
    at = desk("registrar")
    at.post("/register", **FORM, case_numbers=NUMBERS)
    with context.read() as s:
        petition = s.exec(select(Petition)).one()
        told = schemas.whole(casework.whole(s, petition.id, actor=house.registrar), None).cases
    assert [each.number for each in told] == [
        "（2023）辽0102民初4567号",
        "（2014）沈中民一终字第123号",
        None,
    ]
    assert told[0].court is not None
    assert told[0].court.zh == house.court.name
    assert told[2].flags == ["unread"]
