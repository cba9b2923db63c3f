"""Acts on pages at a counter: keep, turn, move, take out, tie to a cover sheet or a number, finish. Decide, write, then show."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from edge_agent import drill
from edge_agent.box import Box
from edge_agent.errors import CannotKeep, Illegal, NotThere, TooMany
from edge_agent.paper import vault
from edge_agent.records import Batch, KeptPage, Ticket
from edge_agent.tickets import at_counter, counter_of
from shared import wire
from shared.ids import new_id


def open_at(box: Box, counter: int) -> Batch | None:
    """Return the batch that is being made at a counter."""
    with box.store.reading() as connection:
        row = connection.execute(
            "select id, sealed from paper_batch where state = 'open' and counter = ?", (counter,)
        ).fetchone()
    return _opened(box, *row) if row else None


def in_state(box: Box, state: str, *, limit: int = -1) -> list[Batch]:
    """Return batches, oldest first: `open`, `sent` (their pages are on their way) or `kept` (the centre has them)."""
    with box.store.reading() as connection:
        rows = connection.execute(
            "select id, sealed from paper_batch where state = ? order by id limit ?", (state, limit)
        ).fetchall()
    return [_opened(box, *row) for row in rows]


def keep(
    box: Box,
    *,
    counter: int,
    picture: bytes,
    thumb: bytes,
    warnings: Sequence[str],
    by: str,
    now: datetime,
    most_bytes: int = wire.MOST_BATCH_BYTES,
) -> Batch:
    """Keep a page; the very same picture pressed twice is one page. Raise `TooMany` for a full batch."""
    with box.lock:
        batch = _or_new(box, counter, by=by, now=now)
        if len(batch.pages) >= wire.MOST_PAGES:
            raise TooMany("paper.full", pages=wire.MOST_PAGES)
        try:
            page = vault.keep(box.store, new_id(), picture, thumb)
        except CannotKeep:
            box.raise_alarm("alarm.cannot_keep", now=now)
            raise
        if any(one.digest == page.digest for one in batch.pages):
            vault.drop(box.store, [page])
            return batch
        if sum(one.size for one in (*batch.pages, page)) > most_bytes:
            vault.drop(box.store, [page])
            raise TooMany("paper.full", pages=len(batch.pages))
        page = page.model_copy(update={"warnings": tuple(warnings)})
        return _write(box, batch.model_copy(update={"pages": (*batch.pages, page)}), now=now)


def lay_cover(box: Box, *, counter: int, code: str, by: str, now: datetime) -> Batch:
    """Tie what follows to a cover sheet. One laid behind pages finishes their batch and begins the next."""
    with box.lock:
        batch = open_at(box, counter)
        if batch is not None and batch.cover == code:
            return batch
        if batch is not None and batch.pages:
            finish(box, counter=counter, by=by, now=now)
            batch = None
        batch = batch or _or_new(box, counter, by=by, now=now)
        return _write(box, batch.model_copy(update={"cover": code}), now=now)


def change(box: Box, *, counter: int, page_id: UUID, act: str, now: datetime) -> Batch:
    """Change a page of the open batch: `turn` (a quarter with the clock), `up`, `down` or `remove`; raise `NotThere`."""
    with box.lock:
        batch = open_at(box, counter)
        at = next((i for i, one in enumerate(batch.pages) if one.id == page_id), None) if batch else None
        if batch is None or at is None:
            raise NotThere("paper.no_such_page")
        pages = _CHANGES[act](list(batch.pages), at)
        done = _write(box, batch.model_copy(update={"pages": tuple(pages)}), now=now)
        if act == "remove":
            vault.drop(box.store, [batch.pages[at]])
        return done


def _turned(pages: list[KeptPage], at: int) -> list[KeptPage]:
    pages[at] = pages[at].model_copy(update={"turn": (pages[at].turn + 1) % 4})
    return pages


def _moved(step: int) -> Callable[[list[KeptPage], int], list[KeptPage]]:
    def move(pages: list[KeptPage], at: int) -> list[KeptPage]:
        to = min(max(at + step, 0), len(pages) - 1)
        pages.insert(to, pages.pop(at))
        return pages

    return move


def _without(pages: list[KeptPage], at: int) -> list[KeptPage]:
    return [*pages[:at], *pages[at + 1 :]]


_CHANGES = {"turn": _turned, "up": _moved(-1), "down": _moved(1), "remove": _without}
CHANGES = frozenset(_CHANGES)


def finish(box: Box, *, counter: int, by: str, now: datetime) -> Batch:
    """Close the batch: it is announced to the centre in the journal, its pages follow. Raise `Illegal` without any."""
    with box.lock:
        batch = open_at(box, counter)
        drill.refuse(box, "drill.no_pages", now=now)
        if batch is None or not batch.pages:
            raise Illegal("paper.nothing_kept")
        with box.act(now=now) as act:
            act.keep_batch(batch, "sent")
            act.report(
                wire.PagesSent(
                    batch_id=batch.id,
                    counter=counter,
                    by=by,
                    ticket_id=batch.ticket_id,
                    cover=batch.cover,
                    pages=tuple(
                        wire.PageFacts(digest=page.digest, size=page.size, turn=page.turn)
                        for page in batch.pages
                    ),
                )
            )
        vault.drop_thumbs(box.store, batch.pages)
        return batch


def discard(box: Box, *, counter: int, now: datetime) -> None:
    """Throw the open batch away with its pages: the paper is still there."""
    with box.lock:
        batch = open_at(box, counter)
        if batch is None:
            return
        with box.act(now=now) as act:
            act.forget_batch(batch.id)
        vault.drop(box.store, batch.pages)


def settle(box: Box, batch_id: UUID, state: str, *, now: datetime) -> None:
    """Note that the centre has all pages of a batch (`kept`), or asks for them anew (`sent`)."""
    with box.lock, box.store.transaction() as connection:
        connection.execute(
            "update paper_batch set state = ?, settled_at = ? where id = ? and state in ('sent', 'kept') and state <> ?",
            (state, now.isoformat(), str(batch_id), state),
        )


def note_problem(box: Box, batch_id: UUID, problem: str, *, now: datetime) -> None:
    """Note why a person has to look after a finished batch; empty: nobody has to any more."""
    with box.lock:
        if (box.spoiled[batch_id].problem if batch_id in box.spoiled else "") == problem:
            return
        with box.store.reading() as connection:
            row = connection.execute(
                "select sealed, state from paper_batch where id = ? and state <> 'open'", (str(batch_id),)
            ).fetchone()
        box.spoiled.pop(batch_id, None)
        if row is None:
            return
        batch = _opened(box, str(batch_id), row[0]).model_copy(update={"problem": problem})
        with box.act(now=now) as act:
            act.keep_batch(batch, row[1])
        if problem:
            box.spoiled[batch_id] = batch
    box.on_change()


def purge(box: Box, *, now: datetime, days: int) -> int:
    """Wipe batches that the centre confirmed more than `days` ago, and files that belong to none; return how many batches."""
    limit = (now - timedelta(days=days)).isoformat()
    with box.lock:
        with box.store.reading() as connection:
            rows = connection.execute(
                "select id, sealed from paper_batch where state = 'kept' and settled_at < ?", (limit,)
            ).fetchall()
        for row in rows:
            batch = _opened(box, *row)
            vault.drop(box.store, batch.pages)
            box.spoiled.pop(batch.id, None)
            with box.store.transaction() as connection:
                connection.execute("delete from paper_batch where id = ?", (str(batch.id),))
        known = [
            page.id
            for state in ("open", "sent", "kept")
            for one in in_state(box, state)
            for page in one.pages
        ]
        vault.tidy(box.store, known)
    return len(rows)


def _or_new(box: Box, counter: int, *, by: str, now: datetime) -> Batch:
    """Return the open batch, or a new one that belongs to whoever stands at the counter."""
    drill.refuse(box, "drill.no_pages", now=now)
    hall = box.today(now)
    counter_of(box, hall, counter=counter, current=None)
    found = open_at(box, counter)
    if found is not None:
        return found
    here: Ticket | None = at_counter(hall, counter)
    return Batch(
        id=new_id(),
        counter=counter,
        by=by,
        began_at=now,
        ticket_id=here.id if here else None,
        ticket=here.label if here else "",
    )


def _write(box: Box, batch: Batch, *, now: datetime) -> Batch:
    with box.act(now=now) as act:
        return act.keep_batch(batch, "open")


def _opened(box: Box, ident: str, sealed: bytes) -> Batch:
    return Batch.model_validate_json(box.store.sealer.open(sealed, "paper_batch", ident))
