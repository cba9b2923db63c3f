"""Codes of cover sheets, as the centre prints them and a box ties pages by them. Pure."""

import re

#: Of paper in custody (receipt number without the province's sign, and `-P1`) and of a box's ticket.
OURS = re.compile(r"^(?:[0-9A-Z][0-9A-Z-]{3,30}-P\d{1,3}|MINYI[-:].{1,60}|H[0-9A-Z]{2,12}-[0-9A-Z-]{3,40})$")


def is_ours(code: str) -> bool:
    """Say whether a code is one of a cover sheet."""
    return bool(OURS.match(code))
