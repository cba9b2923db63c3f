"""The rule sets for staff to read, and a deadline sheet as PDF for the pages that show one."""

from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from central.accounts.edge import Now, ReadDb, Signed
from central.deadlines.books import Book, by_kind
from central.deadlines.paper import Sheet, paper
from central.deadlines.pdf import sheet_pdf
from central.deadlines.rules import RuleSet
from central.deadlines.shipped import book_of
from central.web import render, words
from central.web.downloads import attachment
from shared.clock import court_day

router = APIRouter(prefix="/deadlines", include_in_schema=False)


@router.get("/rules")
def rules(request: Request, db: ReadDb, actor: Signed, now: Now) -> Response:
    """Every rule set with its articles: which governs today, what a province or a kind reads otherwise."""
    book = book_of(db)
    today = book.begin(court_day(now), actor.court_code[:1])
    shown = [_shown(book, version, today) for version in book.versions() if "/" not in version]
    return render.page(request, "deadlines/rules.html", sets=shown)


def _shown(book: Book, version: str, today: str) -> dict[str, Any]:
    found = book.get(version)
    base = book.get(version.partition("+")[0])
    return {
        "rules": found,
        "province": book.province_of(version),
        "today": version == today,
        "listed": found.rules if base is found else _differing(base, found),
        "kinds": [(kind, _differing(found, own), _off(found, own)) for kind, own in by_kind(book, version)],
    }


def _differing(base: RuleSet, own: RuleSet) -> list[Any]:
    before = {rule.key: rule for rule in base.rules}
    return [rule for rule in own.rules if before.get(rule.key) != rule]


def _off(base: RuleSet, own: RuleSet) -> list[Any]:
    left = {rule.key for rule in own.rules}
    return [rule for rule in base.rules if rule.key not in left]


def pdf(request: Request, told: Sheet) -> Response:
    """Return a sheet as a PDF to be saved, in the language of the page."""
    lang = render.lang_of(request)
    text = partial(_text, request)
    made = paper(told, text=text, day=lambda day: words.exact_day_words(day, lang))
    foot = text("deadlines.sheet.foot", number=told.number)
    content = sheet_pdf(made, lang=lang[:2], number=told.number, foot=foot)
    name = f"{made.title}-{told.number}-{text(told.derived.rule.name_key)}.pdf"
    return attachment(content, name, "application/pdf")


def _text(request: Request, key: str, **values: object) -> str:
    return render.sentence(request, key, values)
