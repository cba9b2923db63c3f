"""The petition: where it stands, what this person may do, and how a refusal comes back."""

import re
from collections.abc import Callable

import pytest

from central import db
from central.context import Context
from central.deadlines import queries as deadlines
from central.petitions import queries
from central.petitions.models import Petition
from central.petitions.states import Act, State
from tests.central.desk.conftest import Desk
from tests.central.reviews import test_course as course
from tests.factories import petitions
from tests.factories.accounts import House
from tests.factories.accounts import house as make_house

At = Callable[..., Desk]
Bring = Callable[..., Petition]


def acts_on(text: str) -> set[str]:
    return set(re.findall(r'id="act-([a-z_]+)"', text))


def now_of(context: Context, petition: Petition) -> Petition:
    with context.read() as s:
        return queries.found(s, petition.id)


@pytest.mark.parametrize(
    ("role", "state", "offered", "withheld"),
    [
        ("registrar", State.REGISTERED, {"accept", "decline", "transfer"}, {"approve", "take_up"}),
        ("handler", State.HANDLING, {"save_draft", "submit", "tell_progress"}, {"assign", "approve"}),
        ("leader", State.DRAFTED, {"approve", "send_back"}, {"issue", "submit"}),
        ("registrar", State.DRAFTED, {"reissue_code"}, {"approve", "send_back", "issue"}),
    ],
)
def test_only_the_acts_of_this_person_now_are_offered(
    desk: At, bring: Bring, role: str, state: State, offered: set[str], withheld: set[str]
) -> None:
    found = acts_on(desk(role).get(f"/petitions/{bring(state).id}"))
    assert offered <= found
    assert not withheld & found


def test_the_next_step_stands_open_and_says_what_it_does(desk: At, bring: Bring) -> None:
    text = desk("registrar").get(f"/petitions/{bring().id}")
    assert '<details class="act is-next" id="act-accept" name="acts" open>' in text
    assert "结束期限：程序性回复、书面告知" in text


def test_an_act_that_waits_for_another_says_for_which(desk: At, bring: Bring) -> None:
    text = desk("handler").get(f"/petitions/{bring(State.HANDLING).id}")
    assert "还有诉求没有答复" in text
    assert "/acts/submit" not in text


def test_everything_of_the_petition_is_on_its_page(desk: At, bring: Bring) -> None:
    petition = bring(State.REPLIED, Act.LOG_ATTEMPT)
    text = desk("handler").get(f"/petitions/{petition.id}")
    for part in (
        petition.number,
        "王小明",
        "13800000000",
        "尽快执行",
        "支持",
        "无人应答",
        "发出答复",
        "我的 案子 至今没有执行。",
    ):
        assert part in text, part


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_the_page_is_there_at_every_state(
    desk: At, context: Context, house: House, state: State, lang: str
) -> None:
    with db.unit_of_work(context.engine) as s:
        petition = petitions.at(s, house, state, to=make_house(s, "辽0103"))
    for role in ("registrar", "leader"):
        assert petition.number in desk(role).get(f"/petitions/{petition.id}?lang={lang}")


def test_an_act_leads_back_to_the_page(desk: At, context: Context, bring: Bring) -> None:
    petition = bring()
    answer = desk("registrar").post(f"/petitions/{petition.id}/acts/accept", version=petition.version)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/petitions/{petition.id}")
    assert now_of(context, petition).state == State.ACCEPTED


def test_a_refused_form_keeps_what_was_typed_and_points_to_the_field(
    desk: At, context: Context, bring: Bring
) -> None:
    petition = bring()
    answer = desk("registrar").post(
        f"/petitions/{petition.id}/acts/transfer", court="辽9999x", remark="不属本院"
    )
    assert answer.status_code == 422
    assert "不属本院</textarea>" in answer.text
    assert 'href="#f-transfer-court"' in answer.text
    assert now_of(context, petition).state == State.REGISTERED


def test_words_of_a_rule_are_filled_in(desk: At, bring: Bring) -> None:
    petition = bring(State.REPLIED)
    answer = desk("handler").post(
        f"/petitions/{petition.id}/acts/record_delivery",
        method="post",
        proof="EMS 1",
        delivered_on="2026-01-01",
    )
    assert answer.status_code == 422
    assert "送达日期应在 2026-11-23 至 2026-11-23 之间" in answer.text


def test_an_illegal_act_gives_a_sentence_and_the_words_back(desk: At, bring: Bring) -> None:
    petition = bring(State.CLOSED)
    answer = desk("registrar").post(f"/petitions/{petition.id}/acts/decline", remark="不属于受理范围")
    assert answer.status_code == 409
    assert "不能“不予受理”" in answer.text
    assert "不属于受理范围" in answer.text


def test_an_act_of_somebody_else_is_refused(desk: At, bring: Bring) -> None:
    petition = bring(State.DRAFTED)
    answer = desk("handler").post(f"/petitions/{petition.id}/acts/approve")
    assert answer.status_code == 403
    assert "由另一位审批人审批" in answer.text


def test_a_page_that_is_no_longer_true_changes_nothing(desk: At, context: Context, bring: Bring) -> None:
    petition = bring(State.ACCEPTED)
    answer = desk("registrar").post(
        f"/petitions/{petition.id}/acts/withdraw", remark="来电撤回", version=petition.version - 1
    )
    assert answer.status_code == 409
    assert "别人已经处理过这件信访" in answer.text
    assert "来电撤回" in answer.text
    assert now_of(context, petition).state == State.ACCEPTED


def test_a_petition_that_left_the_court_leads_home(desk: At, context: Context, bring: Bring) -> None:
    petition = bring()
    with db.unit_of_work(context.engine) as s:
        make_house(s, "辽0103")
    answer = desk("registrar").post(
        f"/petitions/{petition.id}/acts/transfer", court="辽0103", remark="属该院管辖"
    )
    assert answer.status_code == 303
    assert desk("registrar").client.get(answer.headers["location"]).status_code == 200


def test_a_new_code_is_shown_once(desk: At, bring: Bring) -> None:
    petition = bring()
    answer = desk("registrar").post(f"/petitions/{petition.id}/acts/reissue_code", checked="id_document")
    assert "已补发查询码" in answer.text
    assert re.search(r"\d{4} \d{4} \d{4} \d{4}", answer.text)


def test_without_the_form_token_nothing_happens(desk: At, context: Context, bring: Bring) -> None:
    petition = bring()
    answer = desk("registrar").client.post(f"/petitions/{petition.id}/acts/accept", data={"csrf": "x"})
    assert answer.status_code == 403
    assert now_of(context, petition).state == State.REGISTERED


@pytest.mark.parametrize("state", [State.REGISTERED, State.ACCEPTED, State.DRAFTED, State.REPLIED])
def test_the_page_takes_few_statements(desk: At, bring: Bring, statements: list[str], state: State) -> None:
    petition = bring(state)
    at = desk("registrar")
    statements.clear()
    at.get(f"/petitions/{petition.id}")
    looks = [each for each in statements if "chain" in each or each.startswith("INSERT")]
    assert len(looks) <= 4
    assert len(statements) - len(looks) <= 15


def test_the_sheet_counts_a_period_out(desk: At, context: Context, bring: Bring) -> None:
    petition = bring()
    with context.read() as s:
        clock = next(c for c in deadlines.of_petition(s, petition.id) if c.rule == "procedural_reply")
    text = desk("registrar").get(f"/petitions/{petition.id}/clocks/{clock.id}")
    for part in ("开始当日不计入", "1 – 7", "周一 11月30日", "有信必复"):
        assert part in text, part


def test_the_sheet_of_another_petition_is_not_found(desk: At, context: Context, bring: Bring) -> None:
    one, other = bring(), bring()
    with context.read() as s:
        clock = deadlines.of_petition(s, other.id)[0]
    assert desk("registrar").client.get(f"/petitions/{one.id}/clocks/{clock.id}").status_code == 404


def test_same_facts_are_no_merging(desk: At, context: Context, house: House) -> None:
    with db.unit_of_work(context.engine) as s:
        settled = petitions.at(s, house, State.CLOSED)
        for days in (0, 5):
            course.ask(s, settled, days)
            course.decide(s, settled, "upheld", days)
        again = petitions.registered(s, house, now=course.after(6))
        petitions.do(
            s, house, again, Act.END_SAME_FACTS, into=settled.number, now=course.after(6), remark="事实相同"
        )
    text = desk("registrar").get(f"/petitions/{again.id}")
    assert f"与 {settled.number} 同一事实和理由" in text
    assert f"并入 {settled.number}" not in text
