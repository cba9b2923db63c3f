"""Search: what matches by the index, of it what the person may see by the database, newest first, a page at a time.

The index alone decides what matches; `petitions.queries.visible_to`, the rule of all lists, decides what is shown and counted. Facts
in the index only narrow what the database is asked about: they are never the reason that something is shown.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from functools import lru_cache
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlmodel import Session, select

from central.accounts.permissions import sight_of
from central.actor import Actor
from central.courts import queries as courts_of
from central.courts.queries import Listed
from central.petitions import queries as petitions
from central.petitions.models import Assignment, Petition
from central.petitions.queries import After, Filter
from central.search import folding
from central.search.folding import Piece, fold
from central.search.grammar import Query, Word
from central.search.shelf import Mask, View
from central.search.store import EPOCH, micros
from central.search.texts import Field
from shared.clock import COURT_ZONE

PAGE = 20
#: Counted so far and no further.
COUNTED = 100
#: Petitions the database is asked about at once: first few, then more.
LOTS = (64, 256, 1024, 2000)
#: One page asks about so many petitions at most, and compares so many texts; the next page goes on from there.
ASKED, COMPARED = 40_000, 2_000
Places = NDArray[np.int64]
#: What stands in the name of every court finds none by its name.
_EVERY_COURT = ("人民法院", "中级人民法院", "高级人民法院", "people's court")


@dataclass(frozen=True, slots=True)
class Hit:
    """A petition with the places at which it was found: its subject, and the field with a snippet of it."""

    petition: Petition
    subject: list[Piece]
    place: Field | None
    snippet: list[Piece]


@dataclass(frozen=True, slots=True)
class Found:
    """A page. `count`: how many there are, None on later pages; `more_than` if counting stopped there. `after`: where to go on."""

    hits: list[Hit] = field(default_factory=list)
    count: int | None = None
    counted_all: bool = True
    after: After | None = None
    #: The page ended before it was full, since too much had to be compared; it goes on at `after`.
    cut: bool = False


def page(
    s: Session,
    view: View,
    *,
    query: Query,
    actor: Actor,
    filter_: Filter,
    after: After | None = None,
    limit: int = PAGE,
) -> Found:
    """Return the newest petitions that match and that the actor may see."""
    courts = _folded(courts_of.listed(s))
    places = _matching(view, query, courts)
    places = _narrowed(s, view, places, query, actor, filter_, courts)
    walk = _Walk(s, view, query, actor, filter_, courts)
    wanted = limit + 1 if after else max(limit, COUNTED) + 1
    found = walk.first(places, after, wanted)
    shown = found[:limit]
    hits = _hits(s, view, query, actor, shown)
    more = len(found) > limit or walk.stopped is not None
    last = _after(view, shown[-1]) if len(found) > limit else walk.stopped
    counted = len(found) <= COUNTED and walk.stopped is None
    count = None if after else min(len(found), COUNTED)
    return Found(
        hits, count, counted, last if more else None, cut=len(found) <= limit and walk.stopped is not None
    )


@dataclass(frozen=True, slots=True)
class _Court:
    id: UUID
    code: str
    path: str
    names: tuple[str, ...]


@lru_cache(maxsize=1)
def _folded(listed: tuple[Listed, ...]) -> list[_Court]:
    """Return courts as they are compared: to fold their names each time took a tenth of the page."""
    return [
        _Court(each.id, fold(each.code), each.path, (fold(each.name), fold(each.name_en))) for each in listed
    ]


def _at_court(word: str, courts: Sequence[_Court]) -> list[UUID]:
    """Return the courts a bare word names: by a part of the name that not every court has."""
    if len(word) < 2 or any(word in common for common in _EVERY_COURT):
        return []
    return [court.id for court in courts if any(word in name for name in court.names)]


def _of_courts(view: View, ids: Sequence[UUID], column: str = "court") -> Mask:
    wanted = np.zeros(1 << 16, np.bool_)
    for each in ids:
        wanted[view.labels.get(each.hex, 0)] = True
    wanted[0] = False
    found: Mask = wanted[view.facts[column][: view.count]]
    return found


def _matching(view: View, query: Query, courts: Sequence[_Court]) -> Places:
    found = view.alive()
    for word in query.words:
        exact = all(len(text) <= 2 for text, _ in word.writings())
        if word.without and not exact:
            continue
        holding = np.zeros(view.count, np.bool_)
        for text, fields in word.writings():
            holding |= view.holding(text, fields)
        if word.fields is None:
            holding |= _of_courts(view, _at_court(word.text, courts))
        found = found & ~holding if word.without else found & holding
    return np.flatnonzero(found)


def _narrowed(
    s: Session,
    view: View,
    places: Places,
    query: Query,
    actor: Actor,
    filter_: Filter,
    courts: Sequence[_Court],
) -> Places:
    facts = view.facts
    for typed in query.courts:
        ids = [
            court.id for court in courts if typed == court.code or any(typed in name for name in court.names)
        ]
        places = places[_of_courts(view, ids)[places]]
    if filter_.court_id is not None:
        places = places[_of_courts(view, [filter_.court_id])[places]]
    for column, values in (
        ("state", [*query.states, filter_.state]),
        ("channel", [*query.channels, filter_.channel]),
    ):
        wanted = {view.labels.get(str(value), 0) for value in values if value}
        if wanted:
            # One named twice by different names leaves nothing, as with words.
            places = places[facts[column][places] == wanted.pop()] if len(wanted) == 1 else places[:0]
    if filter_.only_open or filter_.overdue_on is not None:
        places = places[facts["open"][places] != 0]
    received = facts["received"]
    if query.since:
        places = places[received[places] >= micros(datetime.combine(query.since, time(), COURT_ZONE))]
    if query.until:
        end = datetime.combine(query.until + timedelta(days=1), time(), COURT_ZONE)
        places = places[received[places] < micros(end)]
    return _in_sight(s, view, places, actor, courts)


def _in_sight(s: Session, view: View, places: Places, actor: Actor, courts: Sequence[_Court]) -> Places:
    """Return the places that can be within the actor's sight by the facts of the index; the database has the last word."""
    sight = sight_of(actor)
    if sight.everything:
        return places
    facts, seen = view.facts, np.zeros(len(places), np.bool_)
    below = [court.id for court in courts if any(court.path.startswith(root) for root in sight.roots)]
    seen |= _of_courts(view, below)[places]
    for column in ("court", "origin", "party") if sight.courts else ():
        seen |= _of_courts(view, sight.courts, column)[places]
    if sight.departments:
        seen |= _of_courts(view, sight.departments, "department")[places]
    if sight.own_work:
        mine = s.exec(select(Assignment.petition_id).where(Assignment.staff_id == actor.staff_id)).all()
        low = np.array([each.int & ((1 << 64) - 1) for each in mine], np.uint64)
        seen |= np.isin(facts["lo"][places], low)
    return places[seen]


def _after(view: View, at: int) -> After:
    received = EPOCH + timedelta(microseconds=int(view.facts[at]["received"]))
    return After(received, view.id_of(at))


class _Walk:
    """Goes through what can match, newest first, until enough was found."""

    def __init__(
        self, s: Session, view: View, query: Query, actor: Actor, filter_: Filter, courts: Sequence[_Court]
    ) -> None:
        self._s, self._view, self._query, self._actor, self._filter = s, view, query, actor, filter_
        self._courts = courts
        self._compares = any(len(text) > 2 for word in query.words for text, _ in word.writings())
        self._asked = self._compared = 0
        #: Where it stopped before the end, having asked or compared too much.
        self.stopped: After | None = None

    def first(self, places: Places, after: After | None, wanted: int) -> list[int]:
        """Return the first `wanted` places behind `after` that match and may be seen."""
        found: list[int] = []
        lots = iter(LOTS)
        size = next(lots)
        while len(found) < wanted:
            lot = _newest(self._view, places, after, size)
            if not len(lot):
                break
            found += self._seen(lot, wanted - len(found))
            if self.stopped is not None:
                break
            after = _after(self._view, int(lot[-1]))
            self._asked += len(lot)
            if self._asked >= ASKED and len(found) < wanted:
                self.stopped = after
                break
            size = next(lots, LOTS[-1])
        return found

    def _seen(self, lot: Places, wanted: int) -> list[int]:
        ids = {self._view.id_of(at): int(at) for at in lot.tolist()}
        seen = petitions.among(self._s, ids, actor=self._actor, filter_=self._filter)
        order = [at for each, at in ids.items() if each in seen]
        if not self._compares:
            return order[:wanted]
        found: list[int] = []
        for start in range(0, len(order), 50):
            part = order[start : start + 50]
            texts = self._view.folded(part)
            for at in part:
                if self._compared >= COMPARED:
                    self.stopped = _after(self._view, at)
                    return found
                self._compared += 1
                if self._fits(at, texts[at]):
                    found.append(at)
                if len(found) == wanted:
                    return found
        return found

    def _fits(self, at: int, parts: Sequence[tuple[int, str]]) -> bool:
        return bool(parts) and all(
            self._stands(word, at, parts) != word.without for word in self._query.words
        )

    def _stands(self, word: Word, at: int, parts: Sequence[tuple[int, str]]) -> bool:
        if word.stands_in(parts):
            return True
        if word.fields is not None:
            return False
        codes = {self._view.labels.get(each.hex) for each in _at_court(word.text, self._courts)}
        return int(self._view.facts[at]["court"]) in codes


def _newest(view: View, places: Places, after: After | None, size: int) -> Places:
    """Return the first `size` places behind `after` by moment and id, falling; all of one moment are looked at together."""
    received = view.facts["received"][places]
    if after is not None:
        moment, number = micros(after.received_at), after.petition_id.int
        hi, lo = np.uint64(number >> 64), np.uint64(number & ((1 << 64) - 1))
        same = received == moment
        behind = received < moment
        if same.any():
            his, los = view.facts["hi"][places], view.facts["lo"][places]
            behind |= same & ((his < hi) | ((his == hi) & (los < lo)))
        places, received = places[behind], received[behind]
    if len(places) > size:
        least = np.partition(received, len(received) - size)[len(received) - size]
        kept = received >= least
        places, received = places[kept], received[kept]
    order = np.lexsort((view.facts["lo"][places], view.facts["hi"][places], received))[::-1]
    newest: Places = places[order[:size]]
    return newest


def _hits(s: Session, view: View, query: Query, actor: Actor, places: Sequence[int]) -> list[Hit]:
    rows = petitions.of_ids(s, [view.id_of(at) for at in places], actor=actor)
    texts = view.texts(places)
    found = []
    for at in places:
        row = rows.get(view.id_of(at))
        if row is not None:
            found.append(_hit(row, texts.get(at, []), query))
    return found


def _hit(row: Petition, texts: Sequence[tuple[int, str]], query: Query) -> Hit:
    """Mark the words in the subject, and show the first other text that holds one; of none, the beginning of the text."""
    words = [word for word in query.words if not word.without]

    def of(field_: int) -> list[str]:
        return [
            text for word in words for text, fields in word.writings() if fields is None or field_ in fields
        ]

    subject = folding.snippet(row.subject, of(Field.SUBJECT), width=len(row.subject) or 1)
    for number, text in texts:
        wanted = of(number)
        if number != Field.SUBJECT and wanted and any(word in fold(text) for word in wanted):
            return Hit(row, subject, Field(number), folding.snippet(text, wanted))
    first = next((text for number, text in texts if number == Field.TEXT), "")
    return Hit(row, subject, None, folding.snippet(first, []))
