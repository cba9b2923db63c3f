"""The one door for machines that are not boxes yet. It stands open: what comes in proves itself by its code."""

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from central.accounts.edge import Config, Now, WriteDb, caller_address
from central.halls import authority, broker_files, service
from central.halls.line_keys import line_keys
from central.web import render
from shared import enrolment

router = APIRouter(include_in_schema=False)


@router.post(enrolment.PATH)
def enroll(request: Request, asked: enrolment.Ask, db: WriteDb, config: Config, now: Now) -> JSONResponse:
    """Give a machine with a good code its certificate; to all others the answer is the same."""
    centre = service.Centre(
        authority.open_authority(config.data / "keys", now=now),
        line_keys(config.data / "keys"),
        broker_files.address_for_boxes(config),
    )
    granted = service.join(
        db, request=asked, centre=centre, address=caller_address(request), limits=config.throttle, now=now
    )
    if granted is None:
        return JSONResponse({"refused": render.sentence(request, "halls.code_refused", {})}, 403)
    return JSONResponse(granted.model_dump(mode="json"))


def _address(request: Request) -> str:
    return request.client.host if request.client else ""
