"""`/sorting/quality`: how well proposals do, with the petitions behind each number; versions, and which of them proposes."""

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from central.access import service as access
from central.accounts import queries as accounts
from central.accounts.edge import Now, Posted, ReadDb, Signed, WriteDb
from central.accounts.permissions import Right, governs_sorting, may
from central.courts import queries as courts
from central.errors import Forbidden, NotFound
from central.sorting import quality, queries, scheme, versions, work
from central.sorting.quality import Tally
from central.web import render
from shared.clock import court_day

router = APIRouter(prefix="/sorting", include_in_schema=False)
#: Of the drawing.
WIDTH, HEIGHT = 600, 120
Month = Annotated[str, Query(pattern=r"^(\d{4}-(0[1-9]|1[0-2]))?$")]
Part = Annotated[str, Query(max_length=12, pattern=r"^[a-z0-9]*$")]
Code = Annotated[str, Query(max_length=12)]


@dataclass(frozen=True, slots=True)
class Column:
    """One month of the drawing: macro-F1 of the first level as a bar, the share that was proposed as a mark."""

    month: str
    x: int
    width: int
    y: int
    height: int
    f1: int
    mark: int
    share: int
    many: int


def columns(months: list[tuple[str, Tally]]) -> list[Column]:
    """Return the months that have something to show."""
    step = WIDTH // max(len(months), 1)
    found = []
    for at, (month, each) in enumerate(months):
        if each.top is None or not each.asked:
            continue
        f1, share = round(each.top * 100), round(each.proposed * 100 / each.asked)
        height = round(each.top * HEIGHT)
        found.append(
            Column(
                month,
                at * step + 6,
                step - 14,
                HEIGHT - height,
                height,
                f1,
                HEIGHT - round(share * HEIGHT / 100),
                share,
                each.asked,
            )
        )
    return found


@router.get("/quality")
def page(
    request: Request, db: ReadDb, actor: Signed, now: Now, *, until: Month = "", court: Code = ""
) -> Response:
    """The figures of a year of months, all courts in sight or one."""
    if not may(actor, Right.SEE_SORTING):
        raise Forbidden("sorting.quality.readers_only")
    last = until or f"{court_day(now):%Y-%m}"
    months = quality.months_to(last)
    rows = queries.counted(db, actor=actor, since=months[0], until=last, court=court)
    by_month, crossed = quality.by_month(rows, months), quality.confusion(rows)
    rows_of_versions = queries.versions(db)
    people = accounts.names(db, {each.in_force_by for each in rows_of_versions if each.in_force_by})
    visible = accounts.visible_courts(db, actor)
    filters = {"since": months[0], "until": last, "court": court}
    access.shown(db, by=actor, what="sorting_quality", keys=[], now=now, filter_=filters)
    return render.page(
        request,
        "sorting/quality.html",
        total=quality.tally(rows),
        months=by_month,
        columns=columns(by_month),
        drawing=(WIDTH, HEIGHT),
        lines=quality.by_category(rows),
        confusion=crossed,
        top=[each for each in scheme.current().below("") if any(each.code in pair for pair in crossed)],
        categories=scheme.current().categories,
        versions=[(each, work.figures_of(each)) for each in rows_of_versions],
        people=people,
        courts=visible,
        filters=filters,
        href=_href,
        may_govern=governs_sorting(actor),
    )


def _href(filters: dict[str, str], **more: str) -> str:
    """Return the address of the petitions behind a number."""
    kept = {name: value for name, value in {**filters, **more}.items() if value}
    return "/sorting/quality/petitions?" + urlencode(kept)


@router.get("/quality/petitions")
def petitions(
    request: Request,
    db: ReadDb,
    actor: Signed,
    now: Now,
    *,
    since: Month = "",
    until: Month = "",
    court: Code = "",
    what: Part = "",
    chosen: Part = "",
    proposed: Part = "",
    at: Month = "",
    after: UUID | None = None,
) -> Response:
    """The petitions behind a number that the person may see."""
    if not may(actor, Right.SEE_SORTING):
        raise Forbidden("sorting.quality.readers_only")
    last = until or f"{court_day(now):%Y-%m}"
    which = queries.Behind(since or quality.months_to(last)[0], last, court, what, chosen, proposed)
    found = queries.behind(db, which, actor=actor, after=(at, after) if at and after else None)
    places = {each.id: each for each in courts.some(db, {petition.court_id for _, petition in found})}
    filters = {"since": which.since, "until": which.until, "court": court}
    filters |= {"what": what, "chosen": chosen, "proposed": proposed}
    keys = [petition.id for _, petition in found]
    access.shown(db, by=actor, what="sorting_quality", keys=keys, now=now, filter_=filters)
    more = {"at": found[-1][0].month, "after": str(found[-1][1].id)} if len(found) == queries.PAGE else {}
    return render.page(
        request,
        "sorting/behind.html",
        found=found,
        named={
            row.petition_id: (queries.category_of(row), scheme.named(row.proposed or "", row.scheme))
            for row, _ in found
        },
        places=places,
        filters=filters,
        categories=scheme.current().categories,
        next_url=_href(filters, **more) if more else None,
    )


@router.post("/versions")
def govern(db: WriteDb, actor: Signed, posted: Posted, now: Now) -> Response:
    """Put a version in force, as a rule an earlier one; without a number let none propose."""
    if not governs_sorting(actor):
        raise Forbidden("sorting.quality.governors_only")
    number = str(posted.get("number", ""))
    if not number:
        versions.silence(db, by=actor, now=now)
    elif number.isascii() and number.isdigit() and len(number) < 9:
        versions.put_in_force(db, number=int(number), by=actor, now=now)
    else:
        raise NotFound
    return render.see_other("/sorting/quality#versions")
