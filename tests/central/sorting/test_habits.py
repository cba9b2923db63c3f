"""Templates learned from use: counted from issued replies, said with how often, silent where there is no habit."""

from collections.abc import Callable

from central import db
from central.context import Context
from central.petitions.states import Act, State
from central.sorting import using
from central.sorting.forms import Choose
from central.sorting.habits import LEAST_USES, Habit, Tally, habits
from central.sorting.service import Ways, choose
from tests.central.desk.conftest import Desk
from tests.factories import petitions
from tests.factories.accounts import House
from tests.factories.courts import MORNING


def test_the_court_goes_before_the_province_and_without_a_habit_nothing_is_said() -> None:
    here = [Tally(True, "", "", 10), Tally(True, "", "advice", 8), Tally(True, "", "opening", 2)]
    above = [Tally(False, "", "", 90), Tally(False, "", "opening", 90)]
    assert habits(here + above) == [Habit("advice", "", 8, 10, own=True)]
    assert habits([Tally(True, "", "", 10), Tally(True, "", "a", 5), Tally(True, "", "b", 5)]) == []
    few = [Tally(True, "", "", LEAST_USES - 1), Tally(True, "", "advice", LEAST_USES - 1)]
    assert habits(few) == []
    assert habits(few + above) == [Habit("opening", "", 90, 94, own=False)]
    item = [Tally(True, "support", "", 6), Tally(True, "support", "support_done", 6)]
    assert habits(here + item)[1] == Habit("support_done", "support", 6, 6, own=True)


def test_what_was_used_is_counted_from_the_words_and_proposed_with_how_often(
    context: Context, house: House, desk: Callable[..., Desk]
) -> None:
    thanks = "您于2026年11月20日提交的来信收悉。感谢您对法院工作的关心和监督。现就您提出的意见建议，答复如下。另外说明：款项已经发还。"
    ways = Ways(context.settings.data, context.settings.sorting.least)
    with db.unit_of_work(context.engine) as s:
        for at in range(LEAST_USES + 2):
            petition = petitions.at(s, house, State.HANDLING)
            form = Choose(category="050203")
            choose(s, petition_id=petition.id, form=form, by=house.registrar, now=MORNING, ways=ways)
            if at <= LEAST_USES:
                text = thanks if at < LEAST_USES else "现答复如下。"
                petitions.do(s, house, petition, Act.SAVE_DRAFT, text=text)
                for act in (Act.SUBMIT, Act.APPROVE, Act.ISSUE):
                    petitions.do(s, house, petition, act)
    assert (
        using.run(context) == using.run(context) == 3
    )  # letters in all, those of the template, answers to demands
    at_desk = desk("handler")
    panel = at_desk.get(f"/petitions/{petition.id}/sorting/panel")
    assert "<b>意见建议类来信</b>" in panel
    assert f"近一年本院此类答复 {LEAST_USES + 1} 件，{LEAST_USES} 件使用" in panel
    assert panel.index("意见建议类来信") < panel.index("一般来信")
    draft = at_desk.get(f"/petitions/{petition.id}/draft")
    first = draft[draft.index("按类别建议") :]
    assert 'value="opening_advice"' in first[: first.index("</optgroup>")]
