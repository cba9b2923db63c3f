"""What the petitioner's pages ask for: a valid pass, the fields of a form, and what becomes of them when the pass has ended."""

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.responses import Response
from sqlmodel import Session
from starlette.types import Scope

from central.accounts.edge import context_of, plain_fields
from central.casework.documents import Sent
from central.casework.uploads import FIELD, sent
from central.context import Context
from central.followup.questions import shipped as questionnaires
from central.petitions import queries as petitions
from central.petitions.models import Petition
from central.portal import passes, service
from central.settings import Settings
from central.web import render

#: Forms whose fields are kept while number and code are asked for again, with the fields.
KEPT: Mapping[str, tuple[str, ...]] = {
    "supplement": ("id", "words"),
    "objection": ("id", "about", "words"),
    "withdraw": ("words",),
    "erasure": ("words",),
    "contact": ("phone", "mail", "address", "tell_by", "reply_by", "language"),
    "review": ("asked",),
    "satisfaction": (
        "satisfaction",
        "words",
        *sorted({question.field for asked in questionnaires() for question in asked.questions}),
    ),
}
#: What the page of the petition says was just done; what was said of the answer has its place there by itself.
DONE = frozenset(KEPT) - {"review", "satisfaction"}
#: The one field that may come several times: boxes to tick.
_SEVERAL = "tell_by"


async def _typed(request: Request) -> dict[str, Any]:
    found = plain_fields(await request.form())
    return {name: value for name, value in found.items() if isinstance(value, str) or name == _SEVERAL}


async def _chosen(request: Request, _: "Typed") -> AsyncIterator[list[Sent]]:
    async with sent(request, FIELD) as found:
        yield found


#: The fields of a form, each as it came once. No session is behind it: the pass comes from the same site alone.
Typed = Annotated[dict[str, Any], Depends(_typed)]
#: The files of a form.
Chosen = Annotated[list[Sent], Depends(_chosen)]


def passed(
    request: Request, s: Session, config: Settings, now: datetime, typed: Mapping[str, Any] | None = None
) -> Petition | None:
    """Return the petition of a valid pass, or None; none either if the form is another petition's, opened in another tab."""
    held = passes.read(config.data / "keys", passes.held(request.cookies, config), now=now)
    if held is None:
        return None
    petition = petitions.by_id(s, held[0])
    if petition is None or service.code_version(petition) != held[1]:
        return None
    return petition if (typed or {}).get("of", petition.number) == petition.number else None


def is_held(context: Context, scope: Scope) -> bool:
    """Say whether a request comes with a pass, before anything of it is read."""
    request, config = Request(scope), context.settings
    held = passes.held(request.cookies, config)
    # An ended one counts too: what was typed beside the files is kept while number and code are asked for.
    return passes.read(config.data / "keys", held, now=context.clock.now() - passes.KEPT) is not None


def ask_again(request: Request) -> Response:
    """Lead back to the look-up; whoever held a pass is told that it has ended."""
    held = passes.held(request.cookies, context_of(request).settings)
    return render.see_other("/track?why=ended" if held else "/track")


def answers(typed: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was typed, without the number of the petition for which the form was opened."""
    return {name: value for name, value in typed.items() if name != "of"}


def stays(typed: Mapping[str, Any]) -> bool:
    """Say whether a form came only to be shown again in another language or size, not to be carried out."""
    return typed.get("go") == "stay"


def keep_and_ask(request: Request, form: str, typed: Mapping[str, Any], *, files: bool = False) -> Response:
    """Ask for number and code; what was typed comes along and is shown again behind it."""
    return again_page(request, form, typed, number=str(typed.get("of", ""))[:60], files=files)


def again_page(
    request: Request,
    form: str,
    typed: Mapping[str, Any],
    *,
    number: str = "",
    refused: service.Refused | None = None,
    files: bool = False,
    status: int = 401,
) -> Response:
    """Return the page that asks for number and code while it holds what was typed."""
    kept = {name: _line(typed.get(name, "")) for name in KEPT[form]}
    return render.page(
        request,
        "portal/again.html",
        status=refused.status if refused else status,
        form=form,
        kept=kept,
        number=number,
        refused=refused,
        files=files,
    )


def _line(value: Any) -> str:
    return ",".join(each for each in value if each) if isinstance(value, list) else str(value)
