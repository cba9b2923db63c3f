"""Where paper may lie, how it goes back, and the code on its cover sheet. Pure."""

from enum import StrEnum


class PlaceKind(StrEnum):
    """Where paper lies. `away` is with another court or body, `returned` with the petitioner."""

    SHELF = "shelf"
    BOX = "box"
    PERSON = "person"
    AWAY = "away"
    RETURNED = "returned"


#: Where a person of the court may put it.
WITHIN = (PlaceKind.SHELF, PlaceKind.BOX, PlaceKind.PERSON, PlaceKind.AWAY)


class ReturnBy(StrEnum):
    """How paper goes back to the petitioner."""

    IN_PERSON = "in_person"
    POST = "post"


def code_of(number: str, count: int) -> str:
    """Return the code of a petition's `count`-th paper: the receipt number without the province's sign, which no scanner reads."""
    return f"{''.join(sign for sign in number if sign.isascii())}-P{count}"


def typed_code(text: str) -> str:
    """Return a code as a scanner or a person typed it, in its one form."""
    return "".join(sign for sign in text.upper() if sign.isascii() and not sign.isspace())
