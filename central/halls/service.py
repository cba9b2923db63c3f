"""What halls do, for callers outside: each act stands in the file named after its kind."""

from central.halls.answering import acknowledge, arrive, close, treat
from central.halls.appointments import (
    Made,
    check_may_appoint,
    make_appointment,
    revoke_appointment,
    rosters,
)
from central.halls.boxes import add_box, certificate_fits, revoke_box, secret_fits
from central.halls.joining import CODE_HOURS, Centre, join, offer_code, renew
from central.halls.papers import take_part
from central.halls.receiving import (
    Head,
    keep_unreadable,
    know_presences,
    note_presence,
    read,
    receive,
    receive_urgent,
    set_aside,
)
from central.halls.together import Arrival, enter_boxes, receive_many

__all__ = [
    "CODE_HOURS",
    "Arrival",
    "Centre",
    "Head",
    "Made",
    "acknowledge",
    "add_box",
    "arrive",
    "certificate_fits",
    "check_may_appoint",
    "close",
    "enter_boxes",
    "join",
    "keep_unreadable",
    "know_presences",
    "make_appointment",
    "note_presence",
    "offer_code",
    "read",
    "receive",
    "receive_many",
    "receive_urgent",
    "renew",
    "revoke_appointment",
    "revoke_box",
    "rosters",
    "secret_fits",
    "set_aside",
    "take_part",
    "treat",
]
