"""Rows in a session: sealed in the database, plain in the program, bound to their place, opened with their own key."""

from uuid import UUID

import pytest
from sqlalchemy import Table, select, update
from sqlalchemy.exc import StatementError
from sqlmodel import Session, SQLModel

from central import db, tables
from central.context import Context
from central.petitions.models import Note, Petition, Petitioner
from central.vault.columns import Erased, Locked, seal_text, sealed_columns
from central.vault.rows import vault_of
from central.vault.vault import SealBroken
from tests.factories import petitions
from tests.factories.accounts import House

assert tables.ALL


def table(kind: type[SQLModel]) -> Table:
    found: Table = kind.__table__  # type: ignore[attr-defined]
    return found


@pytest.fixture
def known(context: Context, house: House) -> UUID:
    with db.unit_of_work(context.engine) as s:
        return petitions.registered(
            s,
            house,
            subject="物业服务合同",
            text="请求督促执行",
            phone="139 0000 0001",
            id_number="21010219491231002x",
        ).id


def raw(s: Session, kind: type[SQLModel], column: str) -> bytes:
    return s.connection().execute(select(table(kind).c[column])).scalar_one()  # type: ignore[no-any-return]


def test_the_database_holds_ciphertext_and_the_program_reads_text(context: Context, known: UUID) -> None:
    with context.read() as s:
        petition = s.get_one(Petition, known)
        assert (petition.subject, petition.text) == ("物业服务合同", "请求督促执行")
        for column in ("subject", "text"):
            stored = raw(s, Petition, column)
            assert isinstance(stored, Locked)
            assert stored[2:18] == petition.key_id.bytes


@pytest.mark.parametrize(
    "each", [each for each in SQLModel.metadata.sorted_tables if sealed_columns(each)], ids=str
)
def test_the_salt_under_the_digest_of_a_sealed_column_is_sealed_too(each: Table) -> None:
    # A phone number is guessed from its salted digest within minutes.
    digested = {column.name for column in each.columns if column.info.get("sensitive")}
    assert not digested & set(sealed_columns(each)) or "salt" in sealed_columns(each)


def test_every_petition_has_a_key_of_its_own(context: Context, house: House) -> None:
    with db.unit_of_work(context.engine) as s:
        keys = {petitions.registered(s, house).key_id for _ in range(5)}
    assert len(keys) == 5


def test_a_changed_text_is_sealed_anew(context: Context, known: UUID) -> None:
    with db.session(context.engine) as s:
        before = raw(s, Petitioner, "phone")
        person = s.get_one(Petitioner, known)
        person.phone = "13900000002"
        s.flush()
        assert raw(s, Petitioner, "phone") != before
        s.expire_all()
        assert person.phone == "13900000002"
        assert person.phone_index == context.vault.blind_index("phone", "13900000002")


def test_what_did_not_change_is_not_written_again(context: Context, known: UUID) -> None:
    with db.session(context.engine) as s:
        before = raw(s, Petition, "subject")
        petition = s.get_one(Petition, known)
        petition.subject = str(petition.subject)
        petition.urgent = True
        s.flush()
        assert raw(s, Petition, "subject") == before


def test_a_text_taken_from_another_row_is_sealed_for_its_own(
    context: Context, known: UUID, house: House
) -> None:
    with db.session(context.engine) as s:
        petition = s.get_one(Petition, known)
        note = Note(petition_id=known, act="accept", at=petition.received_at, text=petition.subject)
        s.add(note)
        s.flush()
        s.expire_all()
        assert note.text == "物业服务合同"


@pytest.mark.parametrize("column", ["subject", "text"])
def test_ciphertext_moved_to_another_row_is_refused(
    context: Context, known: UUID, house: House, column: str
) -> None:
    rows = table(Petition)
    with db.session(context.engine) as s:
        stolen = raw(s, Petition, column)
        other = petitions.registered(s, house).id
        s.connection().execute(update(rows).where(rows.c.id == other).values({column: stolen}))
        s.expire_all()
        with pytest.raises(SealBroken):
            s.get_one(Petition, other)


def test_ciphertext_moved_to_another_column_is_refused(context: Context, known: UUID) -> None:
    rows = table(Petitioner)
    with db.session(context.engine) as s:
        stolen = raw(s, Petitioner, "phone")
        s.connection().execute(update(rows).values(name=stolen))
        with pytest.raises(SealBroken):
            s.get_one(Petitioner, known)


def test_text_that_nobody_sealed_never_reaches_the_database(context: Context, known: UUID) -> None:
    with db.session(context.engine) as s, pytest.raises(StatementError):
        s.connection().execute(update(table(Petition)).values(subject="plain"))


def test_a_sealed_value_read_past_the_vault_cannot_be_shown(context: Context, known: UUID) -> None:
    with context.read() as s:
        stored = raw(s, Petition, "subject")
    with pytest.raises(TypeError):
        str(stored)


def test_what_has_a_destroyed_key_reads_as_nothing_and_lists_go_on(
    context: Context, known: UUID, house: House
) -> None:
    with db.unit_of_work(context.engine) as s:
        other = petitions.registered(s, house, subject="劳动报酬").id
        context.vault.destroy(s.get_one(Petition, known).key_id)
    with context.read() as s:
        erased = s.get_one(Petition, known)
        assert isinstance(erased.subject, Erased)
        assert (erased.subject, s.get_one(Petition, other).subject) == ("", "劳动报酬")


def test_equal_numbers_have_equal_indexes_and_nothing_else(
    context: Context, known: UUID, house: House
) -> None:
    with db.session(context.engine) as s:
        same = petitions.registered(s, house, phone="+86 13900000001").id
        other = petitions.registered(s, house, phone="13900000003").id
        found = {each: s.get_one(Petitioner, each).phone_index for each in (known, same, other)}
    assert found[known] == found[same] != found[other]
    assert "0000000" not in str(found[known])


def test_a_reading_session_without_a_vault_says_so(context: Context, known: UUID) -> None:
    with Session(context.engine) as s, pytest.raises(RuntimeError, match="vault"):
        s.get_one(Petition, known)


def test_a_sealed_text_carries_what_the_database_holds(context: Context) -> None:
    with context.read() as s:
        vault = vault_of(s)
    found = seal_text(vault, vault.new_key(), "甲", "note:1:text")
    assert (found, vault.open(found.sealed, aad="note:1:text").decode()) == ("甲", "甲")
