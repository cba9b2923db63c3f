"""Writing the reply: kept as it stands, checked before it is submitted, never lost."""

from collections.abc import Callable

from central import db
from central.context import Context
from central.petitions import queries
from central.petitions.models import Petition
from central.petitions.states import Act, State
from tests.central.desk.conftest import Desk
from tests.factories import petitions
from tests.factories.accounts import House

At = Callable[..., Desk]
Bring = Callable[..., Petition]


def answers(context: Context, petition: Petition, **parts: str) -> dict[str, str]:
    with context.read() as s:
        demands = queries.demands(s, petition.id)
    return {f"{part}-{demand.id}": words for demand in demands for part, words in parts.items()}


FULL = {"outcome": "support", "facts": "经查属实", "basis": "民法典第九百四十二条"}


def test_an_unfinished_draft_is_kept(desk: At, context: Context, bring: Bring) -> None:
    petition = bring(State.HANDLING)
    at, path = desk("handler"), f"/petitions/{petition.id}/draft"
    answer = at.post(path, text="来信收悉", **answers(context, petition, facts="只写了一半"))
    assert answer.status_code == 303
    text = at.get(answer.headers["location"])
    for part in ("草稿已保存", "来信收悉", "只写了一半", "还缺处理意见、依据"):
        assert part in text, part


def test_a_finished_draft_goes_to_the_leader(desk: At, context: Context, bring: Bring) -> None:
    petition = bring(State.HANDLING)
    path = f"/petitions/{petition.id}/draft"
    answer = desk("handler").post(path, text="", submit="1", **answers(context, petition, **FULL))
    assert answer.headers["location"] == f"/petitions/{petition.id}"
    assert "答复正在等责任领导审批" in desk("leader").get(path)


def test_submitting_too_early_keeps_the_draft_and_says_what_is_missing(
    desk: At, context: Context, bring: Bring
) -> None:
    petition = bring(State.HANDLING)
    at, path = desk("handler"), f"/petitions/{petition.id}/draft"
    answer = at.post(path, text="来信收悉", submit="1", **answers(context, petition, facts="只写了一半"))
    assert answer.status_code == 422
    assert "还有诉求没有答复" in answer.text
    assert "只写了一半" in at.get(path)


def test_a_draft_for_an_older_page_is_not_saved_and_not_lost(
    desk: At, context: Context, house: House, bring: Bring
) -> None:
    petition = bring(State.HANDLING)
    typed = answers(context, petition, facts="我写了很久")
    with db.unit_of_work(context.engine) as s:
        petitions.do(s, house, petition, Act.CHANGE_DEMANDS, demands="尽快执行\n说明理由")
    answer = desk("handler").post(
        f"/petitions/{petition.id}/draft", text="", version=petition.version, **typed
    )
    assert answer.status_code == 422
    assert "别人已经处理过" in answer.text
    assert "我写了很久" in answer.text
    assert "说明理由" in answer.text


def test_what_cannot_be_a_draft_is_refused_with_its_words(desk: At, context: Context, bring: Bring) -> None:
    petition = bring(State.HANDLING)
    typed = answers(context, petition, outcome="perhaps", facts="写好的事实")
    answer = desk("handler").post(f"/petitions/{petition.id}/draft", text="", **typed)
    assert answer.status_code == 422
    assert "写好的事实" in answer.text


def test_others_read_the_draft_and_cannot_write(desk: At, bring: Bring) -> None:
    petition = bring(State.HANDLING, Act.SAVE_DRAFT)
    text = desk("registrar").get(f"/petitions/{petition.id}/draft")
    assert "由本件的承办人" in text
    assert "<textarea" not in text


def test_the_draft_speaks_english(desk: At, bring: Bring) -> None:
    petition = bring(State.HANDLING)
    assert "Save and submit for approval" in desk("handler").get(f"/petitions/{petition.id}/draft?lang=en")
