"""One changed byte anywhere is found; keys of before stay good; nothing that is no letter passes for one."""

import base64
import io
import json
import random
from datetime import timedelta
from pathlib import Path

import pikepdf
import pytest
from pyhanko.pdf_utils.generic import TextStringObject
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from central.errors import Invalid
from central.letters import keyring, signer
from central.letters.checking import Verdict, check, signature_file
from central.letters.sealing import Sealed
from tests.central.letters.paper import ID, MORNING, answered, signed


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("keys")


@pytest.fixture(scope="module")
def letter(keys: Path) -> Sealed:
    return signed(keys)


def verdict(content: bytes, keys: Path) -> Verdict:
    return check(content, keyring.published(keys)).verdict


def test_an_untouched_letter_is_genuine(letter: Sealed, keys: Path) -> None:
    found = check(letter.content, keyring.published(keys))
    assert (found.verdict, found.letter_id, found.sha256) == (Verdict.GENUINE, ID, letter.sha256)


def test_any_changed_byte_is_found(letter: Sealed, keys: Path) -> None:
    published, size = keyring.published(keys), len(letter.content)
    hole = letter.content.rindex(b"/Contents <")
    chosen = random.Random(7)
    # Every byte of the signature's own place and all behind it, and many before.
    for at in [*range(hole, size), *(chosen.randrange(hole) for _ in range(1500))]:
        changed = bytearray(letter.content)
        changed[at] ^= chosen.choice([1, 2, 0x20, 0x80, 0xFF])
        assert check(bytes(changed), published).verdict is not Verdict.GENUINE, at


@pytest.mark.parametrize("more", [b"\n", b" ", b"%%EOF\n", b"\0"], ids=["line", "blank", "end", "zero"])
def test_an_appended_byte_is_found(letter: Sealed, keys: Path, more: bytes) -> None:
    assert verdict(letter.content + more, keys) is Verdict.CHANGED


def test_a_missing_byte_is_found(letter: Sealed, keys: Path) -> None:
    assert verdict(letter.content[:-1], keys) is Verdict.CHANGED
    assert verdict(letter.content[1:], keys) is Verdict.NO_SEAL


def test_an_incremental_update_is_found(letter: Sealed, keys: Path) -> None:
    writer = IncrementalPdfFileWriter(io.BytesIO(letter.content))
    writer.root["/Extra"] = TextStringObject("later")
    writer.update_root()
    out = io.BytesIO()
    writer.write(out)
    assert out.getvalue().startswith(letter.content)
    assert verdict(out.getvalue(), keys) is Verdict.CHANGED


def test_a_letter_written_anew_by_another_program_is_found(letter: Sealed, keys: Path) -> None:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(letter.content)) as pdf:
        pdf.save(out)
    assert verdict(out.getvalue(), keys) is not Verdict.GENUINE


def test_a_seal_of_another_key_is_not_confirmed(letter: Sealed, tmp_path: Path) -> None:
    assert verdict(letter.content, tmp_path) is Verdict.UNKNOWN_KEY


def test_a_seal_moved_to_other_words_is_found(letter: Sealed, keys: Path, tmp_path: Path) -> None:
    other = signed(keys, answered("查无此事。")).content
    mine, theirs = letter.content.rindex(b"/Contents <"), other.rindex(b"/Contents <")
    hole = letter.content[mine : letter.content.index(b">", mine)]
    forged = other[:theirs] + hole + other[theirs + len(hole) :]
    assert verdict(forged, keys) is Verdict.CHANGED


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7\n", b"hello", b"%PDF-1.7 /ByteRange [0 1 2 3]"])
def test_what_is_no_letter_is_said_to_be_none(content: bytes, keys: Path) -> None:
    assert verdict(content, keys) in {Verdict.NO_SEAL, Verdict.CHANGED}


def test_a_replaced_key_still_confirms_its_letters(tmp_path: Path) -> None:
    before = signed(tmp_path)
    made = keyring.rotate(tmp_path)
    after = signed(tmp_path)
    assert (before.key_id, after.key_id) == (keyring.published(tmp_path)[1].id, made.id)
    for each in (before, after):
        assert verdict(each.content, tmp_path) is Verdict.GENUINE
    assert len(list(tmp_path.glob("letter-*.key"))) == 1


def test_keys_are_read_as_they_are_published(letter: Sealed, keys: Path) -> None:
    published = keyring.published(keys)
    for given in (keyring.as_text(published), published[0].text):
        assert check(letter.content, keyring.read(given)).verdict is Verdict.GENUINE


@pytest.mark.parametrize(
    "given", ["", "x", "{}", "AAAA", "-----BEGIN PUBLIC KEY-----\nAA\n-----END PUBLIC KEY-----"]
)
def test_a_key_that_is_none_is_refused(given: str) -> None:
    with pytest.raises(Invalid):
        keyring.read(given)


def test_the_detached_signature_belongs_to_the_whole_file(letter: Sealed, keys: Path) -> None:
    published = keyring.published(keys)
    text = signature_file(
        letter_id=ID,
        sha256=letter.sha256,
        key_id=letter.key_id,
        signature=base64.b64encode(letter.signature).decode(),
    )
    assert check(letter.content, published, signature=text.encode()).verdict is Verdict.GENUINE
    told = json.loads(text)
    told["minyi_letter_signature"]["ed25519"] = base64.b64encode(bytes(64)).decode()
    wrong = json.dumps(told).encode()
    assert check(letter.content, published, signature=wrong).verdict is Verdict.BAD_SIGNATURE


def test_pades_holds_as_another_library_sees_it(letter: Sealed, keys: Path) -> None:
    [embedded] = PdfFileReader(io.BytesIO(letter.content)).embedded_signatures
    [root] = signer.open_signer(keys, now=MORNING).parts()[2]
    status = validate_pdf_signature(embedded, ValidationContext(trust_roots=[root], moment=MORNING))
    assert status.trusted
    assert status.intact
    assert status.valid
    assert status.coverage.name == "ENTIRE_FILE"


def test_the_certificate_is_made_once_and_anew_when_it_ended(tmp_path: Path) -> None:
    first = signer.open_signer(tmp_path, now=MORNING)
    assert signer.open_signer(tmp_path, now=MORNING) == first
    later = signer.open_signer(tmp_path, now=first.until + timedelta(days=1))
    assert later.certificate != first.certificate
    assert len(list(tmp_path.glob("letter-signer*.pem"))) == 2
