"""Reading templates and phrases: what is in force at a court, from itself and every court above, over what comes with the program."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func
from sqlmodel import Session, col, select

from central.courts.models import Court
from central.wording.models import PhraseUse, Sort, Wording
from central.wording.sameness import Pattern
from central.wording.shipped import Text, starters

#: Templates and phrases that one court may have of its own: a longer list is searched, not known.
MOST = 300
#: Former words that replies are still compared with.
MOST_COMPARED = 1000


def in_force(s: Session, path: str, *, with_hidden: bool = False) -> list[Text]:
    """Return what the court at `path` writes from: of each key the nearest court's, templates before phrases."""
    found = {each.key: each for each in starters()}
    for row in _rows_above(s, path):
        found[row.key] = _text(row)
    order = {sort: at for at, sort in enumerate(Sort)}
    kept = [each for each in found.values() if with_hidden or not each.hidden]
    return sorted(kept, key=lambda each: (order[each.sort], each.outcome or "", each.title))


def inherited(s: Session, path: str, key: str) -> Text | None:
    """Return what would be in force for `key` without the court's own."""
    above = "/".join(path.rstrip("/").split("/")[:-1]) + "/"
    return next((each for each in in_force(s, above, with_hidden=True) if each.key == key), None)


def _rows_above(s: Session, path: str) -> Sequence[Wording]:
    """Return the rows of the courts at and above `path`, the highest court's first."""
    codes = [code for code in path.split("/") if code]
    query = select(Wording).join(Court, col(Wording.court_id) == Court.id)
    query = query.where(col(Court.code).in_(codes), col(Wording.retired_at).is_(None))
    return s.exec(query.order_by(func.length(Court.path), col(Wording.key))).all()


def own(s: Session, court_id: UUID, key: str) -> Wording | None:
    """Return the court's own row of a key, locked; None if it has none."""
    query = select(Wording).where(
        Wording.court_id == court_id, Wording.key == key, col(Wording.retired_at).is_(None)
    )
    return s.exec(query.with_for_update()).first()


def count(s: Session, court_id: UUID) -> int:
    """Return how many templates and phrases a court has of its own."""
    query = select(func.count()).select_from(Wording)
    return s.exec(query.where(Wording.court_id == court_id, col(Wording.retired_at).is_(None))).one()


def patterns(s: Session, path: str) -> list[Pattern]:
    """Return what answers are compared with: templates in force, what comes with the program, and former words."""
    codes = [code for code in path.split("/") if code]
    query = select(Wording.title, Wording.words).join(Court, col(Wording.court_id) == Court.id)
    query = query.where(
        col(Court.code).in_(codes), col(Wording.sort) != Sort.PHRASE, col(Wording.words) != ""
    )
    rows = s.exec(query.order_by(col(Wording.made_at).desc()).limit(MOST_COMPARED)).all()
    shipped = [(each.title, each.words) for each in starters() if each.sort is not Sort.PHRASE]
    return [Pattern(title, words) for title, words in dict.fromkeys([*rows, *shipped])]


def by_key(s: Session, path: str) -> list[Text]:
    """Return the templates that replies of the court at `path` may have been written from, former words too, each with its key."""
    codes = [code for code in path.split("/") if code]
    query = select(Wording).join(Court, col(Wording.court_id) == Court.id)
    query = query.where(
        col(Court.code).in_(codes), col(Wording.sort) != Sort.PHRASE, col(Wording.words) != ""
    )
    rows = s.exec(query.order_by(col(Wording.made_at).desc()).limit(MOST_COMPARED)).all()
    return [*map(_text, rows), *(each for each in starters() if each.sort is not Sort.PHRASE)]


def uses(s: Session, path: str) -> dict[str, int]:
    """Return how often each phrase was used at the court at `path` and all below it."""
    query = select(PhraseUse.key, func.sum(PhraseUse.uses)).join(Court, col(PhraseUse.court_id) == Court.id)
    query = query.where(col(Court.path).startswith(path)).group_by(col(PhraseUse.key))
    return {key: int(total) for key, total in s.exec(query).all()}


def _text(row: Wording) -> Text:
    return Text(
        key=row.key,
        sort=Sort(row.sort),
        outcome=row.outcome,
        title=row.title,
        words=row.words,
        basis=row.basis,
        court_id=row.court_id,
        row_id=row.id,
        hidden=row.hidden,
    )
