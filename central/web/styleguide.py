"""Every component with its states, on one living page. Served in development and in the demonstration only."""

from datetime import timedelta

from fastapi import APIRouter, Request
from fastapi.responses import Response

from central.web import render
from shared.clock import court_day

router = APIRouter(include_in_schema=False)


@router.get("/styleguide")
def show(request: Request) -> Response:
    """The style page."""
    today = court_day(request.app.state.context.clock.now())
    return render.page(
        request, "web/styleguide.html", days_from_today=lambda days: today + timedelta(days=days)
    )
