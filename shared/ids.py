"""Time-ordered ids (UUID version 7, RFC 9562): unique on every machine, and new rows land together in an index."""

from uuid import UUID

from uuid_utils import compat


def new_id() -> UUID:
    """Return a fresh version 7 id."""
    return compat.uuid7()
