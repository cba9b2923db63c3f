"""`/neglect`: how well the warning does, side by side with the share of time used."""

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from central.accounts.edge import ReadDb, Signed, context_of
from central.accounts.permissions import Right, may
from central.errors import Forbidden
from central.neglect import queries
from central.web import render

router = APIRouter(include_in_schema=False)
#: Side of the drawing.
SIZE = 300


@dataclass(frozen=True, slots=True)
class Dot:
    """One tenth of the forecasts as a circle; `said` and `missed` in whole percent."""

    model: bool
    x: int
    y: int
    r: int
    said: int
    missed: int
    count: int


def dots(split: dict[str, Any]) -> list[Dot]:
    """Return the reliability of both ways as circles."""
    return [
        Dot(
            way == "model",
            round(each["said"] * SIZE),
            round((1 - each["missed"]) * SIZE),
            round(3 + 9 * (each["count"] / split["tested"]) ** 0.5),
            round(each["said"] * 100),
            round(each["missed"] * 100),
            each["count"],
        )
        for way in ("model", "base")
        for each in split[way]["bins"]
    ]


@router.get("/neglect")
def page(request: Request, db: ReadDb, actor: Signed) -> Response:
    """What was learnt, when, from how much, and how well it foretold the quarters that followed."""
    if not may(actor, Right.SEE_NEGLECT):
        raise Forbidden("neglect.not_yours")
    model = queries.newest(db)
    splits = model.content["splits"] if model else []
    return render.page(
        request,
        "neglect/page.html",
        model=model,
        splits=splits,
        dots=dots(splits[-1]) if splits else [],
        size=SIZE,
        least=round(context_of(request).settings.neglect.least * 100),
    )
