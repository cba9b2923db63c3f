"""The ledger of obligations: by court, by month, the petitions behind each number, a report to print, a file."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from sqlmodel import Session

from central.access import service as access
from central.accounts import queries as accounts
from central.accounts.edge import Now, ReadDb, Signed
from central.accounts.permissions import Right, may
from central.actor import Actor
from central.courts.queries import AnyCourt
from central.deadlines.duties import DUTIES, month_of
from central.errors import Forbidden, NotFound
from central.exports.rules import Format
from central.obligations import files, queries, report
from central.obligations.rules import PARTS, SMALL, What, month_text, period_of, total
from central.web import render
from central.web.downloads import attachment
from shared.clock import court_day

router = APIRouter(include_in_schema=False, prefix="/obligations")

Code = Annotated[str, Query(max_length=12)]
Month = Annotated[str, Query(max_length=7)]
Word = Annotated[str, Query(max_length=20)]


@dataclass(frozen=True, slots=True)
class Scene:
    """What a page is about: the court, those below it that may be seen, the duty, the months."""

    top: AnyCourt
    choices: Sequence[AnyCourt]
    asked: queries.Asked

    @property
    def filters(self) -> dict[str, str]:
        """The filters as they stand in the address."""
        period = self.asked.period
        return {
            "court": self.top.code,
            "duty": self.asked.duty,
            "since": month_text(period.first),
            "until": month_text(period.last),
        }


def _scene(db: Session, actor: Actor, now: Any, court: str, duty: str, since: str, until: str) -> Scene:
    """Return the scene of an address; raise `Forbidden` without the right, `NotFound` for a court out of sight."""
    if not may(actor, Right.SEE_OBLIGATIONS):
        raise Forbidden("obligations.not_yours")
    choices = accounts.visible_courts(db, actor)
    top = next((each for each in choices if not court or each.code == court), None)
    if top is None:
        raise NotFound("obligations.no_such_court", code=court)
    today = court_day(now)
    asked = queries.Asked(
        duty if duty in DUTIES else DUTIES[0],
        report.within(choices, top),
        period_of(since, until, today),
        today,
    )
    return Scene(top, choices, asked)


def _report(db: Session, scene: Scene, actor: Actor) -> report.Report:
    cells = queries.tallies(db, scene.asked, actor=actor)
    return report.made(scene.top, scene.asked.courts, scene.asked.period, cells)


@router.get("")
def obligations(
    request: Request,
    db: ReadDb,
    actor: Signed,
    now: Now,
    *,
    court: Code = "",
    duty: Word = "",
    since: Month = "",
    until: Month = "",
) -> Response:
    """Counts by court and month, with the formula beside the figure."""
    scene = _scene(db, actor, now, court, duty, since, until)
    found = _report(db, scene, actor)
    older = queries.has_older(db)
    return render.page(request, "obligations/obligations.html", **_words(scene), report=found, older=older)


@router.get("/report")
def printed(
    request: Request,
    db: ReadDb,
    actor: Signed,
    now: Now,
    *,
    court: Code = "",
    month: Month = "",
) -> Response:
    """The report of a court and a month, every duty, to be printed."""
    scene = _scene(db, actor, now, court, "", month, month)
    if not month:
        scene = _scene(db, actor, now, court, "", *(month_text(month_of(court_day(now))),) * 2)
    reports = {}
    for duty in DUTIES:
        asked = queries.Asked(duty, scene.asked.courts, scene.asked.period, scene.asked.today)
        reports[duty] = _report(db, Scene(scene.top, scene.choices, asked), actor)
    return render.page(request, "obligations/report.html", **_words(scene), reports=reports, made_at=now)


@router.get("/file/{form}")
def file(
    request: Request,
    db: ReadDb,
    actor: Signed,
    now: Now,
    *,
    form: Format,
    court: Code = "",
    duty: Word = "",
    since: Month = "",
    until: Month = "",
) -> Response:
    """The counts by court and month as a file, marked with who took it and when. It holds no petition."""
    scene = _scene(db, actor, now, court, duty, since, until)
    cells = queries.tallies(db, scene.asked, actor=actor)
    lang = render.lang_of(request)

    def say(key: str, **values: object) -> str:
        return render.sentence(request, key, values)

    content = files.written(scene.asked, cells, form, lang=lang, say=say, actor=actor, now=now)
    access.shown(db, by=actor, what="obligations", keys=[], now=now, filter_={**scene.filters, "file": form})
    name = f"{say('obligations.title')}-{scene.top.code}-{scene.filters['since']}-{scene.filters['until']}.{form}"
    return attachment(content, name, files.MEDIA[form])


@router.get("/petitions")
def petitions(
    request: Request,
    db: ReadDb,
    actor: Signed,
    now: Now,
    *,
    court: Code = "",
    duty: Word = "",
    since: Month = "",
    until: Month = "",
    own: bool = False,
    what: Word = "",
    at: Annotated[str, Query(max_length=40)] = "",
    after: UUID | None = None,
) -> Response:
    """The petitions behind a number: those of them that the person may see. `own`: of the court alone, not of those below."""
    scene = _scene(db, actor, now, court, duty, since, until)
    chosen = What(what) if what in set(What) else What.OWED
    cells = queries.tallies(db, scene.asked, actor=actor)
    courts = [each for each in scene.asked.courts if not own or each.id == scene.top.id]
    here = {court_id for (court_id, _), tally in cells.items() if tally.of(chosen)}
    counted = total(
        tally for (court_id, _), tally in cells.items() if court_id in {each.id for each in courts}
    ).of(chosen)
    asked = queries.Asked(
        scene.asked.duty, [each for each in courts if each.id in here], scene.asked.period, scene.asked.today
    )
    rows = queries.behind(db, asked, chosen, actor=actor, after=_place(at, after))
    ids = [row.petition.id for row in rows]
    access.shown(
        db, by=actor, what="obligations", keys=ids, now=now, filter_={**scene.filters, "what": chosen}
    )
    return render.page(
        request,
        "obligations/petitions.html",
        **_words(scene),
        what=chosen,
        alone=own,
        rows=rows,
        counted=counted,
        page_size=queries.PAGE,
    )


def _place(at: str, after: UUID | None) -> queries.After | None:
    """Return the place a page goes on behind: path, result and month joined by `~`; one that cannot be read starts at the top."""
    path, _, rest = at.partition("~")
    result, _, month = rest.partition("~")
    if after is None or not month.isdecimal() or not month.isascii():
        return None
    return queries.After(path, result, int(month), after)


def _words(scene: Scene) -> dict[str, Any]:
    return {
        "top": scene.top,
        "asked": scene.asked,
        "today": scene.asked.today,
        "courts": scene.choices,
        "above": [
            each for each in scene.choices if each.id != scene.top.id and scene.top.path.startswith(each.path)
        ],
        "roots": report.roots(scene.choices),
        "filters": scene.filters,
        "duties": DUTIES,
        "parts": PARTS,
        "small": SMALL,
        "month_text": month_text,
        "drawn": report.drawn,
        "drawing": (report.WIDTH, report.HEIGHT),
    }
