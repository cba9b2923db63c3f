"""Notices that tests enter."""

from datetime import datetime

from sqlmodel import Session

from central.actor import Actor
from central.deadlines.calendar import Status
from central.deadlines.models import CalendarNotice
from central.workdays import service
from central.workdays.drafts import Draft, draft_of
from central.workdays.notices import read_notice
from tests.factories.courts import MORNING, SEED

#: A made-up notice for 2027, of the shape in which they come.
NOTICE = """国务院办公厅关于2027年部分节假日安排的通知
国办发明电〔2026〕9号
各省、自治区、直辖市人民政府，国务院各部委、各直属机构：
经国务院批准，现将2027年元旦、春节、清明节、劳动节、端午节、中秋节和国庆节放假调休日期的具体安排通知如下。
一、元旦：1月1日（周五）至3日（周日）放假，共3天。
二、春节：2月5日（农历腊月二十九、周五）至13日（农历正月初八、周六）放假调休，共9天。1月31日（周日）、2月20日（周六）上班。
三、清明节：4月3日（周六）至5日（周一）放假，共3天。
四、劳动节：5月1日（周六）至5日（周三）放假调休，共5天。4月25日（周日）、5月8日（周六）上班。
五、端午节：6月9日（周三）放假，共1天。
六、中秋节：9月15日（周三）至17日（周五）放假调休，共3天。9月19日（周日）、9月25日（周六）上班。
七、国庆节：10月1日（周五）至7日（周四）放假调休，共7天。9月26日（周日）、10月9日（周六）上班。
国务院办公厅
2026年11月20日"""


def draft(text: str = NOTICE, year: int = 2027, status: Status = "published") -> Draft:
    """Return a notice as a draft."""
    found = read_notice(text, year)
    assert not found.problems, found.problems
    assert not found.unread, found.unread
    return draft_of(found, year=year, status=status)


def enter(
    s: Session,
    text: str = NOTICE,
    *,
    year: int = 2027,
    by: Actor = SEED,
    now: datetime = MORNING,
    status: Status = "published",
) -> CalendarNotice:
    """Enter a notice."""
    return service.enter(s, draft=draft(text, year, status), by=by, now=now)
