"""Refusals of the API as OpenAPI describes them: RFC 9457 problem details, whatever the reason."""

from typing import Any

from fastapi import Request
from pydantic import BaseModel, ConfigDict

from central.accounts.edge import Bearer
from central.api.schemas import in_place
from central.errors import MinyiError


class ProblemField(BaseModel):
    """One input that cannot be taken."""

    model_config = ConfigDict(extra="forbid")

    field: str
    message: str


class Problem(BaseModel):
    """`detail` says what is wrong and what to do, in the caller's language; `errors` names the inputs."""

    model_config = ConfigDict(extra="forbid")

    type: str
    title: str
    status: int
    detail: str
    errors: list[ProblemField] = []


_DESCRIBED = {
    400: "the body cannot be read",
    401: "no valid token",
    403: "not this person's act",
    404: "not there, or not to be seen",
    409: "does not fit the present state",
    413: "the body is too large",
    415: "the body is not of the kind that is taken here",
    422: "a value cannot be taken",
    428: "not the caller's own work: say why in the header Access-Reason",
    429: "too many tries, or too many requests",
}


RESPONSES: dict[int | str, dict[str, Any]] = {
    code: {"description": text, "content": {"application/problem+json": {"schema": in_place(Problem)}}}
    for code, text in _DESCRIBED.items()
}


class NotJson(MinyiError):
    """The body says that it is something else than JSON."""

    status = 415


async def only_json(request: Request, _: Bearer) -> None:
    """Raise `NotJson` for a body of another kind. The token is asked for first."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if request.method == "POST" and kind != "application/json":
        raise NotJson("api.not_json")
