"""Every component with its states, on one living page. Served in development and in the demonstration only."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from central.web import render

router = APIRouter(include_in_schema=False)


@router.get("/styleguide")
def show(request: Request) -> Response:
    """The style page."""
    return render.page(request, "web/styleguide.html")
