"""`verify` misses a sealed file that is gone, unless its petition was erased."""

from io import BytesIO
from uuid import UUID

import pytest

from central import db
from central.commands import log
from central.context import Context
from central.documents import files, service
from central.petitions.models import Petition
from central.petitions.states import State
from tests.central.documents import corpus
from tests.factories import petitions
from tests.factories.accounts import House


@pytest.fixture
def kept(context: Context, house: House) -> tuple[Petition, UUID]:
    """A petition and its one file."""
    store = service.store_of(context.settings, context.vault)
    with db.unit_of_work(context.engine) as s:
        petition = petitions.at(s, house, State.HANDLING)
        row = service.take_in(
            s,
            store=store,
            petition_id=petition.id,
            key_id=petition.key_id,
            name="判决书.png",
            content=BytesIO(corpus.png()),
            by=house.handler,
            now=context.clock.now(),
        )
    return petition, row.id


def problems(context: Context) -> list[tuple[str, str]]:
    return [(each.problem, each.detail) for each in log.run(context).findings if "document" in each.problem]


def test_nothing_is_found_where_all_files_are_there(context: Context, kept: tuple[Petition, UUID]) -> None:
    assert kept
    assert problems(context) == []


def test_a_file_that_is_gone_is_named(context: Context, kept: tuple[Petition, UUID]) -> None:
    petition, document_id = kept
    files.path_of(context.settings.data, petition.id, document_id, files.Copy.ORIGINAL).unlink()
    assert problems(context) == [("document_missing", f"{document_id.hex}: original")]


def test_files_of_an_erased_petition_are_not_missed(context: Context, kept: tuple[Petition, UUID]) -> None:
    petition, _ = kept
    context.vault.destroy(petition.key_id)
    files.remove_all(context.settings.data, petition.id)
    assert problems(context) == []
