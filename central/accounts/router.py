"""Sign in and out."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from central.accounts import service
from central.accounts.edge import COOKIE, Config, Now, Posted, ReadDb, Signed, WriteDb, signed_in
from central.fields import clean_line
from central.web import render

router = APIRouter(include_in_schema=False)


def local_path(target: str) -> str:
    """Return `target` if it is a path of this server, else the start page: sign-in never leads elsewhere."""
    return target if target.startswith("/") and not target.startswith(("//", "/\\")) else "/today"


@router.get("/login")
def show(request: Request, now: Now, _: ReadDb, to: str = "/today") -> Response:
    """Show the sign-in page, or go on for who is signed in already."""
    if signed_in(request, now):
        return render.see_other(local_path(to))
    return render.page(request, "accounts/login.html", to=local_path(to), username="", problem=None)


@router.post("/login")
def sign_in(
    request: Request,
    db: WriteDb,
    now: Now,
    config: Config,
    username: Annotated[str, Form(max_length=100)] = "",
    password: Annotated[str, Form(max_length=1000)] = "",
    to: Annotated[str, Form(max_length=500)] = "/today",
) -> Response:
    """Sign in; a wrong name and a wrong password look the same and take the same time."""
    found = service.sign_in(
        db, username=clean_line(username).lower(), password=password, limits=config.throttle, now=now
    )
    if found is None:
        context = {"to": local_path(to), "username": username, "problem": "accounts.wrong_sign_in"}
        return render.page(request, "accounts/login.html", status=401, **context)
    answer = render.see_other(local_path(to))
    answer.set_cookie(COOKIE, found[0], httponly=True, secure=config.http.secure, samesite="lax", path="/")
    return answer


@router.post("/logout")
def sign_out(db: WriteDb, actor: Signed, _: Posted) -> Response:
    """End the session."""
    service.sign_out(db, digest=actor.session_id)
    answer = render.see_other("/login")
    answer.delete_cookie(COOKIE)
    return answer
