"""Cursors of lists: opaque to the caller, the key of the last row to us."""

import base64
import binascii
from datetime import UTC, datetime
from uuid import UUID

from central.errors import Invalid
from central.petitions.models import Petition
from central.petitions.queries import After


def cursor_of(last: Petition) -> str:
    """Return the cursor behind `last`."""
    return cursor_of_place(After(last.received_at, last.id))


def cursor_of_place(place: After) -> str:
    """Return the cursor that stands for a place in a list."""
    text = f"{place.received_at.astimezone(UTC).replace(tzinfo=None).isoformat()}|{place.petition_id.hex}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def after_of(cursor: str | None) -> After | None:
    """Return the place a cursor stands for; raise `Invalid` for text that is none."""
    if not cursor:
        return None
    try:
        at, _, ident = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().partition("|")
        return After(datetime.fromisoformat(at).replace(tzinfo=UTC), UUID(ident))
    except (ValueError, binascii.Error) as error:
        raise Invalid("api.bad_cursor", field="after") from error
