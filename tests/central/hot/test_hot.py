"""Issues are shown within what one may see, from five on."""

from collections.abc import Callable

from central import db, jobs
from central.context import Context
from central.hot import service
from tests.central.desk.conftest import Desk
from tests.central.supervision.conftest import Province
from tests.factories import petitions

At = Callable[..., Desk]
TOLD = (
    "夜里开工睡不着",
    "灰尘飘进家里",
    "噪音投诉没有人管",
    "混凝土车堵住路口",
    "孩子被吵醒",
    "环保检查以后照旧",
    "物业说管不了",
)


def plant(
    context: Context, province: Province, court: str, count: int, first: int = 0, phone: str = ""
) -> None:
    with db.unit_of_work(context.engine) as s:
        for i in range(first, first + count):
            petitions.registered(
                s,
                province.houses[court],
                subject="丽景花园旁边搅拌站扰民",
                text=f"丽景花园小区旁边建了搅拌站，{TOLD[i % len(TOLD)]}",
                phone=phone or f"1380000{i:04d}",
            )


def test_an_issue_is_shown_from_five_on_and_opens_to_its_petitions(
    context: Context, province: Province, desk: At
) -> None:
    plant(context, province, "辽0102", 6)
    plant(context, province, "辽0103", 4, first=6)
    assert service.run(context) == service.QUARTERS
    assert jobs.hot.run(context) == 0
    at = desk("supervisor", "ln01")
    page = at.get("/hot")
    assert "搅拌站" in page
    assert 'class="num">10<' in page
    assert "分散在各院" in page  # the court with four would follow by subtraction
    link = page.partition('href="/hot/')[2].partition('"')[0]
    assert page.count("搅拌站") >= 1
    assert at.get(f"/hot/{link}").count("/petitions/") >= 10
    assert "没有可以显示" in desk("registrar", "ln0103").get("/hot")
    assert 'class="num">6<' in desk("registrar", "ln0102").get("/hot")


def test_one_persons_letters_are_no_issue(context: Context, province: Province, desk: At) -> None:
    plant(context, province, "辽0102", 7, phone="13800001111")
    service.run(context)
    assert "没有可以显示" in desk("registrar", "ln0102").get("/hot")
