"""What is learned from choices, when it takes effect, and how proposals are measured."""

from collections.abc import Callable
from datetime import timedelta

from central import db
from central.actor import Role, Via, system
from central.context import Context
from central.demo.deciding import examples
from central.petitions.models import Petition
from central.sorting import held, judging, quality, queries, versions, work
from central.sorting.forms import Choose
from central.sorting.models import SortingModel
from central.sorting.quality import Counted
from central.sorting.service import Ways, choose
from shared.clock import FixedClock
from tests.central.desk.conftest import Desk
from tests.central.sorting.conftest import CODES, Learner
from tests.central.supervision.conftest import Province
from tests.factories import petitions
from tests.factories.accounts import House, actor

At = Callable[..., Desk]


def decided(context: Context, house: House, many: int) -> list[Petition]:
    """Register made-up texts and sort each as it was meant."""
    found = []
    own = [(text, code) for text, code in examples() if code in CODES] * 3
    ways = Ways(context.settings.data, context.settings.sorting.least)
    with db.unit_of_work(context.engine) as s:
        for text, code in own[:many]:
            petition = petitions.registered(s, house, subject="来信", text=text, now=context.clock.now())
            form = Choose(category=code, category_seen=code)
            choose(
                s, petition_id=petition.id, form=form, by=house.registrar, now=context.clock.now(), ways=ways
            )
            found.append(petition)
    return found


def test_choices_become_a_version_and_the_next_waits_for_new_ones(
    context: Context, house: House, clock: FixedClock
) -> None:
    learner = Learner()
    assert work.learn(context, learner=learner).version is None  # nothing to learn from
    decided(context, house, work.LEAST)
    assert work.run(context, learner=learner) == "version 1 in force"
    assert learner.asked == work.LEAST
    assert work.run(context, learner=learner) == ""  # not time yet
    clock.at += timedelta(days=8)
    assert work.run(context, learner=learner) == ""  # no new choices to compare on
    decided(context, house, work.LEAST_NEW)
    assert work.run(context, learner=learner) == "version 2 in force"
    with context.read() as s:
        one, two = sorted(queries.versions(s), key=lambda each: each.number)
        assert one.in_force_until is not None
        assert work.figures_of(two)["held"] == work.LEAST_NEW
        assert work.figures_of(two)["held_f1"] >= work.figures_of(two)["before_f1"] > 0.9
        rows = queries.counted(s, actor=system(Via.JOB), since="2026-01", until="2026-12")
    found = quality.tally(rows)
    assert (found.chosen, found.asked) == (work.LEAST + work.LEAST_NEW, work.LEAST_NEW)
    assert found.taken >= work.LEAST_NEW - 2


def test_a_version_whose_weights_cannot_be_read_is_learned_anew_at_once(
    context: Context, house: House, clock: FixedClock
) -> None:
    decided(context, house, work.LEAST)
    learner = Learner()
    assert work.run(context, learner=learner) == "version 1 in force"
    for file in (context.settings.data / held.FOLDER).iterdir():
        file.unlink()
    clock.at += timedelta(hours=6)
    assert work.run(context, learner=learner) == "version 2 in force"


def test_an_admin_of_the_high_court_takes_an_earlier_version_back(
    context: Context, house: House, desk: At, learned: Callable[[], SortingModel]
) -> None:
    first, second = learned(), learned()
    assert (first.number, second.number) == (1, 2)
    assert desk("leader").post("/sorting/versions", number="1").status_code == 403
    with context.read() as s:
        now = queries.in_force(s)
        assert now is not None
        assert now.number == 2
    by = system(Via.COMMAND)  # as an admin of the high court
    with db.unit_of_work(context.engine) as s:
        versions.put_in_force(s, number=1, by=by, now=context.clock.now())
    with db.unit_of_work(context.engine) as s:
        now = queries.in_force(s)
        assert now is not None
        assert now.number == 1
        versions.silence(s, by=by, now=context.clock.now())
        assert queries.in_force(s) is None


def test_an_admin_of_the_high_court_governs_on_the_page(
    context: Context, province: Province, desk: At, learned: Callable[[], SortingModel]
) -> None:
    with db.unit_of_work(context.engine) as s:
        actor(s, province.houses["辽"].court, Role.COURT_ADMIN)
    learned()
    learned()

    def in_force() -> int | None:
        with context.read() as s:
            found = queries.in_force(s)
            return found.number if found else None

    at = desk("court_admin", "ln")
    assert "/sorting/versions" in at.get("/sorting/quality")
    assert at.post("/sorting/versions", number="1").status_code == 303
    assert in_force() == 1
    assert at.post("/sorting/versions").status_code == 303
    assert in_force() is None
    assert at.post("/sorting/versions", number="x").status_code == 404


def test_a_file_that_a_crash_left_without_a_row_is_cleared_later(context: Context, house: House) -> None:
    folder = context.settings.data / held.FOLDER
    folder.mkdir(parents=True)
    (folder / "0123.sealed").write_bytes(b"")
    now = context.clock.now()
    assert held.clear(context.settings.data, set(), before=now - timedelta(days=9000)) == 0
    assert held.clear(context.settings.data, set(), before=now + timedelta(days=9000)) == 1


def test_the_page_of_quality_opens_each_number_to_its_petitions(
    context: Context, house: House, desk: At, learned: Callable[[], SortingModel]
) -> None:
    at = desk("leader")
    assert "还没有学习过" in at.get("/sorting/quality")
    learned()
    decided(context, house, 9)
    page = at.get("/sorting/quality")
    assert 'class="bars"' in page
    assert "使用中" in page
    link = "/sorting/quality/petitions?since=2026-11&amp;until=2026-11&amp;what=taken"
    assert link in page
    behind = at.get(link.replace("&amp;", "&"))
    assert behind.count('href="/petitions/') >= 8
    assert "采用" in behind
    assert "没有您可以查看的信访件" in at.get("/sorting/quality/petitions?what=changed&chosen=99")
    assert desk("handler").client.get("/sorting/quality").status_code == 403


def test_silence_lowers_what_was_found_and_not_what_was_said() -> None:
    rows = [
        Counted("2026-11", "050203", "050203", asked=True, many=6),
        Counted("2026-11", "050203", "", asked=True, many=2),
        Counted("2026-11", "060101", "05", asked=True, many=2),
        Counted("2026-10", "060101", "", asked=False, many=5),
    ]
    found = quality.tally(rows)
    assert (found.chosen, found.asked, found.taken, found.changed, found.silent) == (15, 10, 6, 2, 2)
    one, other = quality.by_category(rows)
    assert (one.code, one.of.precision, one.of.recall) == ("05", 0.75, 0.75)
    assert (other.of.f1, other.others) == (0.0, [("05", 2)])
    assert judging.macro_f1({("a", "a"): 1}) == 1.0
    assert quality.months_to("2026-02", 3) == ["2025-12", "2026-01", "2026-02"]
