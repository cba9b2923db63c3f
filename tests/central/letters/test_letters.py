"""Letters of a court: frozen with the act, made once, served as they were made, gone with the petition."""

import hashlib
from datetime import timedelta

import pytest

from central import db
from central.commands import log
from central.context import Context
from central.documents import service as documents
from central.documents.checks import check_files
from central.documents.files import FOLDER
from central.errors import Conflict
from central.events import log as events
from central.events.kinds import Kind
from central.letters import keyring, queries, service, work
from central.letters.checking import Verdict, check
from central.letters.kinds import LetterKind, content_of
from central.letters.models import Letter
from central.letters.setting import Unprintable
from central.petitions import moves
from central.petitions.models import Petition, Petitioner
from central.petitions.states import Act, State
from central.vault.errors import SealBroken
from tests.factories import petitions
from tests.factories.accounts import House


def issued(context: Context, house: House, **fields: str) -> Petition:
    """Return a petition whose answer was issued."""
    with db.unit_of_work(context.engine) as s:
        petition = petitions.registered(s, house, **fields)
        for act in petitions.WAY[State.REPLIED]:
            petitions.do(s, house, petition, act)
        return petition


def reply_of(context: Context, petition: Petition) -> Letter:
    with context.read() as s:
        found = queries.newest(s, petition.id, LetterKind.REPLY)
        assert found is not None
        return found


def test_an_issued_reply_is_a_letter_that_anyone_can_check(context: Context, house: House) -> None:
    petition = issued(context, house)
    letter = reply_of(context, petition)
    assert letter.file_id is None
    assert work.run(context) == 1
    made = work.made(context, letter.id)
    found = check(made.content, keyring.published(context.settings.data / "keys"))
    assert (found.verdict, found.letter_id) == (Verdict.GENUINE, letter.id)
    assert made.letter.sha256 == hashlib.sha256(made.content).hexdigest()
    with context.read() as s:
        told = [
            each.data
            for each in events.of_stream(s, moves.stream_of(petition.id))
            if each.kind == Kind.LETTER_SIGNED
        ]
    assert len(told) == 1
    assert str(made.letter.sha256) in told[0]


def test_what_was_issued_is_served_ever_after(context: Context, house: House) -> None:
    petition = issued(context, house)
    letter = reply_of(context, petition)
    first = work.made(context, letter.id).content
    assert work.run(context) == 0
    assert work.made(context, letter.id).content == first


def test_a_name_changed_after_issuing_does_not_change_the_letter(context: Context, house: House) -> None:
    petition = issued(context, house)
    content = content_of(reply_of(context, petition).content)
    assert content.to == "王小明："
    assert content.sender == house.court.name


def test_the_log_holds_no_word_of_a_letter(context: Context, house: House) -> None:
    petition = issued(context, house)
    work.run(context)
    with context.read() as s:
        told = "".join(each.data for each in events.of_stream(s, moves.stream_of(petition.id)))
    assert "王小明" not in told
    assert "经查属实" not in told


def test_verify_rebuilds_letters_and_finds_a_file_that_is_gone(context: Context, house: House) -> None:
    petition = issued(context, house)
    work.run(context)
    assert log.run(context).findings == []
    [path] = (context.settings.data / FOLDER / petition.id.hex).glob("*.letter")
    path.unlink()
    with context.read() as s:
        [finding] = check_files(context.settings.data)(s)
    assert finding.problem == "document_missing"
    with pytest.raises(SealBroken):
        work.made(context, reply_of(context, petition).id)


def test_the_file_is_sealed_and_not_swept_away_as_left_over(context: Context, house: House) -> None:
    petition = issued(context, house)
    work.run(context)
    [path] = (context.settings.data / FOLDER / petition.id.hex).glob("*.letter")
    assert b"%PDF" not in path.read_bytes()
    with context.read() as s:
        assert documents.clear(s, context.settings.data, now=context.clock.now() + timedelta(days=4000)) == 0
    assert path.exists()


def test_a_character_without_a_font_is_told_and_the_reply_still_leaves(
    context: Context, house: House
) -> None:
    petition = issued(context, house, petitioner_name="王\U0003fffd")
    assert work.run(context) == 0
    letter = reply_of(context, petition)
    assert letter.problem is not None
    assert "letters.no_glyph" in letter.problem
    with pytest.raises(Unprintable):
        work.made(context, letter.id)
    assert log.run(context).findings == []


def test_a_receipt_is_written_once_and_comes_as_file_and_picture(context: Context, house: House) -> None:
    with db.unit_of_work(context.engine) as s:
        petition = petitions.registered(s, house)
        letter = service.receipt(s, petition_id=petition.id, by=house.registrar, now=context.clock.now())
        again = service.receipt(s, petition_id=petition.id, by=house.registrar, now=context.clock.now())
        assert again.id == letter.id
    found = work.receipt(context, letter.id, code="ABCD-EFGH")
    assert (
        check(found.pdf.content, keyring.published(context.settings.data / "keys")).verdict is Verdict.GENUINE
    )
    assert found.picture.startswith(b"\x89PNG")
    assert "ABCD-EFGH" not in found.pdf.letter.content
    assert petition.number in found.pdf.letter.content


def test_a_second_round_is_a_letter_of_its_own(context: Context, house: House) -> None:
    petition = issued(context, house)
    first = reply_of(context, petition)
    with db.unit_of_work(context.engine) as s:
        for act in (Act.RECORD_DELIVERY, Act.FOLLOW_UP, Act.CLOSE, Act.REOPEN):
            petitions.do(s, house, petition, act)
        for act in petitions.WAY[State.REPLIED][1:]:
            petitions.do(s, house, petition, act)
    second = reply_of(context, petition)
    assert (first.round, second.round) == (1, 2)
    assert content_of(second.content).number == f"{petition.number}-2"


def test_a_notice_is_only_of_what_has_happened(context: Context, house: House) -> None:
    with db.unit_of_work(context.engine) as s:
        petition = petitions.at(s, house, State.DECLINED)
        row = s.get_one(Petition, petition.id)
        letter = service.notice(
            s, petition=row, kind=LetterKind.DECLINED, by=house.registrar, now=context.clock.now()
        )
        assert "理由如下" in letter.content
        with pytest.raises(Conflict):
            service.notice(
                s, petition=row, kind=LetterKind.ACCEPTED, by=house.registrar, now=context.clock.now()
            )


def test_two_who_make_one_letter_at_once_serve_one_file(context: Context, house: House) -> None:
    petition = issued(context, house)
    letter = reply_of(context, petition)
    with context.read() as s:
        stale = s.get_one(Letter, letter.id)
        person = s.get_one(Petitioner, petition.id)
        assert person.name == "王小明"
        key_id = s.get_one(Petition, petition.id).key_id
    first = work.made(context, letter.id)
    late = work.kept(context, stale, key_id, work.signed(context, stale))
    assert late.file_id == first.letter.file_id
    assert len(list((context.settings.data / FOLDER / petition.id.hex).glob("*.letter"))) == 1
