"""What is proposed at the desk and on a petition's page, and what is written down when somebody chooses."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection, event
from sqlmodel import col, select

from central import db
from central.context import Context
from central.events.kinds import Kind
from central.events.models import Event
from central.events.verify import verify
from central.petitions.models import Petition
from central.sorting.models import PetitionCategory, SortingModel
from central.suggestions import learning
from central.suggestions.model import Model
from tests.central.desk.conftest import Desk
from tests.central.supervision.conftest import Province
from tests.factories import petitions
from tests.factories.accounts import House

At = Callable[..., Desk]
Learned = Callable[[], SortingModel]
PAID = {"subject": "执行款", "text": "执行款已经划到法院账户，没有发放给我，领款手续办了两次，钱没有发下来。"}
FORM = {**petitions.FORM, "tell_by": "", "reply_by": "", "id_kind": "", "group_size": "1"}


def taken(context: Context, house: House, **fields: Any) -> Petition:
    with db.unit_of_work(context.engine) as s:
        return petitions.registered(s, house, **fields)


def facts(context: Context) -> list[dict[str, Any]]:
    with context.read() as s:
        query = select(Event.data).where(Event.kind == Kind.PETITION_SORTED).order_by(col(Event.id))
        return [json.loads(each)["facts"] for each in s.exec(query)]


def test_without_anything_learned_the_page_says_so_and_offers_the_list(
    context: Context, house: House, desk: At
) -> None:
    petition, at = taken(context, house), desk("registrar")
    assert f"/petitions/{petition.id}/sorting/panel" in at.get(f"/petitions/{petition.id}")
    panel = at.get(f"/petitions/{petition.id}/sorting/panel")
    assert "系统尚未学会提出建议" in panel
    assert "050203 执行/财产处置/执行款发放" in panel
    answer = at.post(f"/petitions/{petition.id}/sorting", category="050203 执行/财产处置/执行款发放")
    assert answer.headers["location"] == f"/petitions/{petition.id}"
    assert "执行 › 财产处置 › 执行款发放" in at.get(f"/petitions/{petition.id}/sorting")
    assert "执行 › 财产处置 › 执行款发放" in at.get(f"/petitions/{petition.id}")
    assert facts(context) == [{"category": "050203", "seen": False}]
    refused = at.post(f"/petitions/{petition.id}/sorting", category="没有的类别")
    assert refused.status_code == 422
    assert "没有类别“没有的类别”" in refused.text
    with context.read() as s:
        assert verify(s, public_key=None, anchor_folder=context.settings.data).findings == []


@pytest.mark.parametrize("way", ["desk", "page"])
def test_what_a_text_means_is_asked_for_before_anybody_is_held_up(
    context: Context, house: House, desk: At, learned: Learned, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    learned()
    petition, at = taken(context, house, **PAID), desk("registrar")
    writing: set[int] = set()
    asked: list[bool] = []
    ask = learning.chances

    def chances(model: Model, text: str) -> Any:
        asked.append(bool(writing))
        return ask(model, text)

    def begun(connection: Connection) -> None:
        if connection.get_execution_options().get("writes", True):
            writing.add(id(connection))

    monkeypatch.setattr(learning, "chances", chances)
    event.listen(context.engine, "begin", begun)
    for end in ("commit", "rollback"):
        event.listen(context.engine, end, lambda connection: writing.discard(id(connection)))
    if way == "desk":
        assert at.post("/register", **FORM | PAID, category="050203").status_code == 201
    else:
        assert at.post(f"/petitions/{petition.id}/sorting", category="050203").status_code == 303
    assert asked == [False, True]  # the second time it is in memory


def test_a_proposal_says_why_and_what_was_proposed_is_written_beside_what_was_chosen(
    context: Context, house: House, desk: At, learned: Learned
) -> None:
    version, petition, at = learned(), taken(context, house, **PAID), desk("registrar")
    panel = at.get(f"/petitions/{petition.id}/sorting/panel")
    assert "<b>执行款发放</b>" in panel
    assert "<q>" in panel
    assert 'data-key="c"' in panel
    with context.read() as s:
        assert s.get(PetitionCategory, petition.id) is None  # nothing is taken over unseen
    at.post(f"/petitions/{petition.id}/sorting", category="050203", category_seen="050203")
    at.post(f"/petitions/{petition.id}/sorting", category="050202")
    first, second = facts(context)
    assert {**first, "percent": 0} == {
        "category": "050203",
        "proposed": "050203",
        "percent": 0,
        "model": version.id.hex,
        "seen": True,
    }
    assert first["percent"] >= 55
    assert second == {"category": "050202", "was": "050203", "seen": True}
    with context.read() as s:
        row = s.get_one(PetitionCategory, petition.id)
        assert (row.code, row.proposed, row.model_id) == ("050202", "050203", version.id)


def test_it_is_silent_about_what_it_does_not_know(
    context: Context, house: House, desk: At, learned: Learned
) -> None:
    learned()
    petition = taken(context, house, subject="其他", text="请问哪里可以停自行车？另外想了解明天的天气。")
    panel = desk("registrar").get(f"/petitions/{petition.id}/sorting/panel")
    assert "没有足够的把握，不作建议" in panel


def test_the_desk_proposes_while_typing_and_registers_with_what_was_taken(
    context: Context, house: House, desk: At, learned: Learned
) -> None:
    learned()
    at = desk("registrar")
    assert 'data-sorting="/register/sorting"' in at.get("/register")
    piece = at.post("/register/sorting", **PAID, case_numbers="（2023）辽02执55号", category="060101").text
    assert 'data-seen="050203"' in piece
    assert 'data-take-value="accusation"' in piece
    assert at.post("/register/sorting", subject="", text="短").text.strip() == ""
    form = {**FORM, **PAID}
    assert at.post("/register", **form, category="不知道").status_code == 422
    assert at.post("/register", **form, category="050203", category_seen="050203").status_code == 201
    (told,) = facts(context)
    assert (told["category"], told["seen"]) == ("050203", True)


def test_court_rules_and_template_are_proposed_with_their_reason(
    context: Context, province: Province, desk: At
) -> None:
    house = province.houses["辽0102"]
    petition = taken(context, house, text="（2023）辽0103执55号一案，执行员态度恶劣。")
    at = desk("registrar")
    panel = at.get(f"/petitions/{petition.id}/sorting/panel")
    assert 'data-fill-value="辽0103"' in panel
    assert "案号中的法院" in panel
    at.post(f"/petitions/{petition.id}/sorting", category="060101")
    panel = at.get(f"/petitions/{petition.id}/sorting/panel")
    assert 'data-fill-value="辽01"' in panel  # the accused court does not get it
    assert 'data-fill-value="accusation"' in panel
    assert "一般来信" in panel


def test_templates_of_the_category_stand_first_in_the_draft(context: Context, house: House, desk: At) -> None:
    with db.unit_of_work(context.engine) as s:
        petition = petitions.at(s, house, petitions.State.HANDLING)
    at = desk("handler")
    assert "按类别建议" not in at.get(f"/petitions/{petition.id}/draft")
    at.post(f"/petitions/{petition.id}/sorting", category="0701")
    page = at.get(f"/petitions/{petition.id}/draft")
    assert '<optgroup label="按类别建议"><option value="opening_advice">' in page


def test_who_would_have_to_say_why_first_sees_no_words_of_the_petition(
    context: Context, house: House, desk: At, learned: Learned
) -> None:
    learned()
    petition = taken(context, house, **PAID)
    at = desk("leader")
    assert at.get(f"/petitions/{petition.id}/sorting/panel").strip() == ""
    at.get(f"/petitions/{petition.id}")
    assert "执行款发放" in at.get(f"/petitions/{petition.id}/sorting/panel")


def test_a_page_costs_few_statements(
    context: Context, house: House, desk: At, learned: Learned, statements: list[str]
) -> None:
    learned()
    petition, at = taken(context, house, **PAID), desk("registrar")
    for path in (f"/petitions/{petition.id}/sorting/panel", f"/petitions/{petition.id}/sorting"):
        statements.clear()
        at.get(path)
        assert len(statements) <= 15, statements
