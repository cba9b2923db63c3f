"""The letter to litigation: the time from the dates given, warnings before it burns, the words the petitioner reads."""

from collections.abc import Callable
from datetime import date

import pytest
from sqlmodel import select

from central import db
from central.context import Context
from central.deadlines.calendar import shipped_calendar
from central.litigation import letter
from central.litigation.models import LitigationRoute
from central.litigation.rules import Case, Level, route, table
from central.petitions.models import Note, Petition
from central.petitions.states import State
from central.web.catalogue import catalogue
from shared.i18n import Lang
from tests.central.desk.conftest import Desk
from tests.factories import petitions
from tests.factories.accounts import House

TODAY = date(2026, 11, 23)
At = Callable[..., Desk]
Bring = Callable[..., Petition]


def found(key: str, start: date | None) -> tuple[date | None, Level]:
    procedure = table().get(key)
    assert procedure is not None
    made = route(procedure, start, today=TODAY, calendar=shipped_calendar(), warning=table().warning)
    return made.due_on, made.level


@pytest.mark.parametrize(
    ("key", "start", "due", "level"),
    [
        ("civil_appeal", date(2026, 11, 16), date(2026, 12, 1), Level.SHORT),
        ("civil_appeal", date(2026, 11, 2), date(2026, 11, 17), Level.PAST),
        ("civil_ruling_appeal", date(2026, 11, 18), date(2026, 11, 30), Level.SHORT),
        # The tenth day is Saturday 11-28: it rolls to Monday (Civil Procedure Law art. 85).
        ("enforcement_reconsideration", date(2026, 11, 18), date(2026, 11, 30), Level.SHORT),
        ("civil_retrial", date(2026, 7, 10), date(2027, 1, 11), Level.BURNS),
        ("civil_retrial", date(2026, 11, 10), date(2027, 5, 10), Level.ENOUGH),
        ("civil_retrial", date(2026, 6, 1), date(2026, 12, 1), Level.SHORT),
        ("civil_retrial", date(2026, 5, 20), date(2026, 11, 20), Level.PAST),
        ("civil_retrial", None, None, Level.UNKNOWN),
        ("criminal_complaint", date(2026, 5, 20), None, Level.NONE),
        ("criminal_ruling_appeal", date(2026, 11, 20), date(2026, 11, 25), Level.SHORT),
        # The tenth day is Saturday 11-28: it rolls to Monday, but not for whom is in custody (Criminal Procedure Law art. 105).
        ("criminal_appeal", date(2026, 11, 18), date(2026, 11, 30), Level.SHORT),
        ("criminal_appeal_custody", date(2026, 11, 18), date(2026, 11, 28), Level.SHORT),
    ],
)
def test_the_last_day_and_the_warning_follow_from_the_day_given(
    key: str, start: date | None, due: date | None, level: Level
) -> None:
    assert found(key, start) == (due, level)


def test_every_procedure_names_its_article_and_how_sure_its_figure_is() -> None:
    known = table()
    assert len({each.key for each in known.procedures}) == len(known.procedures)
    for case in Case:
        assert known.of(case)
    for each in known.procedures:
        assert "条" in each.article, each.key
        assert each.note, each.key
        assert (each.from_ is None) == (each.amount is None) == (each.late is None), each.key


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("civil_appeal", "障碍消除后十日内"),
        ("criminal_appeal", "障碍消除后五日内"),
        ("civil_retrial", "不能中止、中断或者延长"),
        ("civil_sue", "仍然可以提出"),
    ],
)
def test_what_is_open_after_the_last_day_is_said_as_the_law_has_it(key: str, said: str) -> None:
    procedure = table().get(key)
    assert procedure is not None
    made = route(
        procedure, date(2020, 1, 6), today=TODAY, calendar=shipped_calendar(), warning=table().warning
    )

    def text(key: str, **values: object) -> str:
        return catalogue().text(key, Lang.ZH, **values)

    assert said in letter.words(made, number="1", court="", text=text, day=date.isoformat, zh=True)


def brought(context: Context, house: House) -> Petition:
    with db.unit_of_work(context.engine) as s:
        return petitions.registered(s, house, case_numbers="（2026）辽0102民初77号")


def test_the_letter_leads_away_with_its_time_and_the_petitioner_reads_it(
    desk: At, context: Context, house: House
) -> None:
    petition, at = brought(context, house), desk("registrar")
    path = f"/petitions/{petition.id}/litigation"
    assert "案件走到了哪一步" in at.get(path)
    asked = {"procedure": "civil_retrial", "started_on": "2026-06-01", "version": petition.version}
    shown = at.post(path, **asked)
    assert shown.status_code == 200, shown.text
    assert "2026年12月1日" in shown.text
    assert "不要等候信访答复" in shown.text
    with context.read() as s:
        assert s.exec(select(LitigationRoute)).first() is None
    told = "请向上一级人民法院申请再审，最后一天是2026年12月1日。"
    sent = at.post(path, **asked, remark=told, send="1")
    assert sent.status_code == 303, sent.text
    with context.read() as s:
        row = s.exec(select(LitigationRoute)).one()
        assert (row.due_on, row.level) == (date(2026, 12, 1), Level.SHORT)
        assert s.get_one(Petition, petition.id).state == State.TO_LITIGATION
        note = s.exec(select(Note).where(Note.petition_id == petition.id)).one()
        assert note.public
        assert note.text == told
    for name in ("letter", "sheet"):
        made = at.client.get(f"{path}/{name}.pdf")
        assert made.content.startswith(b"%PDF"), name
    again = at.post(path, **asked, remark=told, send="1")
    assert again.status_code == 403


def test_bad_answers_come_back_with_what_was_typed(desk: At, context: Context, house: House) -> None:
    petition, at = brought(context, house), desk("registrar")
    path = f"/petitions/{petition.id}/litigation"
    assert at.post(path, procedure="", started_on="").status_code == 422
    ahead = at.post(path, procedure="civil_appeal", started_on="2027-01-01")
    assert ahead.status_code == 422
    assert "还没有到" in ahead.text
    assert 'value="2027-01-01"' in ahead.text
    assert at.post(path, procedure="none_such", started_on="").status_code == 422
    short = at.post(path, procedure="civil_appeal", started_on="2026-11-16", remark="", send="1")
    assert short.status_code == 422


def test_who_does_not_triage_sends_no_letter(desk: At, bring: Bring, house: House) -> None:
    petition = bring(State.HANDLING)
    path = f"/petitions/{petition.id}/litigation"
    assert desk("handler").post(path, procedure="civil_appeal").status_code == 403
    assert "不由您办理" in desk("handler").get(path)
