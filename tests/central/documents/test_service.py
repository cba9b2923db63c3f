"""What happens at the edges: a crash before the commit, two at once, a file whose key is gone."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from uuid import UUID

import pytest
from sqlmodel import Session, select

from central import db
from central.casework import documents as casework
from central.context import Context
from central.documents import files, service
from central.documents.files import Copy
from central.documents.models import Document
from central.documents.remaking import BadDocument
from central.documents.service import Prepared
from central.events import log
from central.events.kinds import Kind
from central.petitions import queries
from central.petitions.models import Petition
from central.petitions.moves import stream_of
from central.petitions.states import State
from central.vault import rotation
from central.vault.errors import KeyGone, SealBroken
from tests.central.documents import corpus
from tests.factories import petitions
from tests.factories.accounts import House

Keep = Callable[..., list[Document]]


@pytest.fixture
def petition(context: Context, house: House) -> Petition:
    with db.unit_of_work(context.engine) as s:
        return petitions.at(s, house, State.HANDLING)


@pytest.fixture
def prepared(context: Context) -> Iterator[Prepared]:
    """A picture, made anew and not kept yet."""
    found = service.prepare("图.png", BytesIO(corpus.png()), context.settings.documents)
    yield found
    found.close()


@pytest.fixture
def keep(context: Context, house: House) -> Keep:
    """`keep(s, petition_id, prepared)` attaches as the handler."""
    store = service.store_of(context.settings, context.vault)

    def kept(s: Session, petition_id: UUID, *found: Prepared) -> list[Document]:
        now = context.clock.now()
        taken, _ = casework.attach(
            s, store=store, petition_id=petition_id, files=found, by=house.handler, now=now
        )
        return [each.row for each in taken]

    return kept


def lying(context: Context) -> list[Path]:
    return [path for path in (context.settings.data / files.FOLDER).rglob("*") if path.is_file()]


def test_what_a_crash_before_the_commit_leaves_counts_nowhere_and_is_cleared(
    context: Context, petition: Petition, prepared: Prepared, keep: Keep
) -> None:
    with context.write() as s:
        keep(s, petition.id, prepared)  # and no commit
    assert len(lying(context)) == 2
    with context.read() as s:
        assert s.exec(select(Document)).all() == []
        kinds = [event.kind for event in log.of_stream(s, stream_of(petition.id))]
        assert Kind.PETITION_DOCUMENT_ADDED not in kinds
        later = context.clock.now().replace(year=2100)
        assert service.clear(s, context.settings.data, now=later) == 2
    assert lying(context) == []


def test_two_people_at_once_get_two_numbers(context: Context, petition: Petition, keep: Keep) -> None:
    pictures = [corpus.packed(corpus.picture(seed=seed), "PNG") for seed in range(4)]
    limits = context.settings.documents
    found = [service.prepare("图.png", BytesIO(each), limits) for each in pictures]
    together = threading.Barrier(len(found))

    def one(each: Prepared) -> int:
        together.wait(30)
        with db.unit_of_work(context.engine) as s:
            return keep(s, petition.id, each)[0].number

    with ThreadPoolExecutor(len(found)) as pool:
        assert sorted(pool.map(one, found)) == [1, 2, 3, 4]


def test_with_the_petitions_key_its_files_are_gone_for_good(
    context: Context, petition: Petition, prepared: Prepared, keep: Keep
) -> None:
    with db.unit_of_work(context.engine) as s:
        [row] = keep(s, petition.id, prepared)
    context.vault.destroy(petition.key_id)
    store = service.store_of(context.settings, context.vault)
    for copy in Copy:
        with pytest.raises(KeyGone):
            service.content_of(store, row, copy)


def test_one_copy_does_not_stand_in_for_the_other(
    context: Context, petition: Petition, prepared: Prepared, keep: Keep
) -> None:
    with db.unit_of_work(context.engine) as s:
        [row] = keep(s, petition.id, prepared)
    made, original = (
        files.path_of(context.settings.data, petition.id, row.id, copy) for copy in (Copy.MADE, Copy.ORIGINAL)
    )
    made.write_bytes(original.read_bytes())
    with pytest.raises(SealBroken):
        service.content_of(service.store_of(context.settings, context.vault), row, Copy.MADE)


def test_a_file_waits_for_its_turn_and_is_refused_if_none_comes(context: Context) -> None:
    turns = threading.BoundedSemaphore(1)
    with turns, pytest.raises(BadDocument, match="busy"):
        service.prepare(
            "图.png", BytesIO(corpus.png()), context.settings.documents, turns=service.Turns(turns, 0)
        )


def test_the_quota_counts_bytes_as_well(context: Context, petition: Petition, house: House) -> None:
    limits = context.settings.documents.model_copy(update={"max_petition_mb": 0})
    store = service.Store(context.settings.data, limits, context.vault)
    with db.unit_of_work(context.engine) as s, pytest.raises(BadDocument, match="petition_full"):
        service.take_in(
            s,
            store=store,
            petition_id=petition.id,
            key_id=petition.key_id,
            name="图.png",
            content=BytesIO(corpus.png()),
            by=house.handler,
            now=context.clock.now(),
        )


def test_files_outlive_a_new_key_of_their_petition_and_end_with_it(
    context: Context, petition: Petition, prepared: Prepared, keep: Keep
) -> None:
    with db.unit_of_work(context.engine) as s:
        [row] = keep(s, petition.id, prepared)
    [owner] = [table for table in rotation.owners() if table.name == "petition"]
    with context.engine.begin() as connection:
        rotation.reseal_some(connection, context.vault, owner, None)
    with context.read() as s:
        fresh = queries.found(s, petition.id).key_id
    assert fresh != petition.key_id
    store = service.store_of(context.settings, context.vault)
    assert service.content_of(store, row, Copy.ORIGINAL) == corpus.png()
    context.vault.destroy(fresh)
    with pytest.raises(KeyGone):
        service.content_of(store, row, Copy.ORIGINAL)
