"""The paper: what a reply must say, what is on which page, and what independent readers find in the file."""

import io
import re
import shutil
import subprocess
from pathlib import Path

import pikepdf
import pytest

from central.letters.composing import notice, receipt
from central.letters.kinds import LetterKind, content_of
from central.letters.setting import Marks, Unprintable, set_pdf, set_picture
from central.letters.wording import ordinal
from tests.central.letters.paper import DAY, MARKS, about, answered, signed

LONG = "经查，本院（2024）辽0102执1234号案件已于2025年立案执行，被执行人名下存款人民币3,200.50元已于2026年10月9日扣划到账。"


def run(name: str, *args: str | Path) -> str:
    """Run one of poppler's or qpdf's tools; it must find nothing wrong."""
    program = shutil.which(name)
    assert program, f"{name} is missing: run scripts/install.sh test"
    done = subprocess.run([program, *map(str, args)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def packed(text: str) -> str:
    return re.sub(r"\s+", "", text)


@pytest.fixture(scope="module")
def letter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A signed reply of more than one page."""
    folder = tmp_path_factory.mktemp("letter")
    path = folder / "letter.pdf"
    path.write_bytes(signed(folder / "keys", answered("\n".join([LONG] * 12))).content)
    return path


def test_a_reply_says_all_that_the_law_asks_for() -> None:
    said = [each.text for each in answered().parts]
    text = "\n".join(said)
    for wanted in (
        "一、信访请求",
        "尽快执行ABC公司案款",
        "事实和理由：经查属实。",
        "予以支持",
        "不予支持",
        "第九百四十二条",
    ):
        assert wanted in text
    assert "30日内，向沈阳市中级人民法院书面请求复查" in text
    order = [text.index(each) for each in ("望你理解", "一、信访请求", "二、事实和理由", "三、不服处理意见")]
    assert order == sorted(order)


def test_what_is_frozen_comes_back_as_it_was() -> None:
    content = answered()
    assert content_of(content.text()) == content


def test_sections_are_numbered_in_chinese() -> None:
    assert [ordinal(each) for each in (1, 10, 11, 20, 21, 99, 100)] == [
        "一", "十", "十一", "二十", "二十一", "九十九", "100",
    ]  # fmt: skip


def test_the_same_words_give_the_same_bytes() -> None:
    assert set_pdf(answered(), MARKS) == set_pdf(answered(), MARKS)


def test_no_copy_of_a_font_is_missing_and_the_chinese_is_searchable(letter: Path) -> None:
    fonts = run("pdffonts", letter).splitlines()[2:]
    assert fonts
    assert all(re.search(r"yes yes yes +\d+ +\d+$", line) for line in fonts), fonts
    text = packed(run("pdftotext", letter, "-"))
    assert "尽快执行ABC公司案款" in text
    assert "沈阳市和平区人民法院" in text
    # Between Chinese and Latin no blank comes in that nobody typed.
    assert "（2024）辽0102执1234号" in run("pdftotext", "-raw", letter, "-").replace("\n", "")


def test_the_first_page_has_no_number_the_others_have_one(letter: Path) -> None:
    assert "—" not in run("pdftotext", "-l", "1", letter, "-")
    assert packed(run("pdftotext", "-f", "2", "-l", "2", letter, "-")).endswith("—2—")


def test_the_sender_stands_thirty_millimetres_below_the_edge(letter: Path) -> None:
    box = run("pdftotext", "-f", "1", "-l", "1", "-bbox", letter, "-")
    tops = {word: float(top) for top, word in re.findall(r'yMin="([\d.]+)"[^>]*>([^<]+)<', box)}
    # poppler reports the box of the font, which begins above the strokes
    assert 25 < tops["沈阳市和平区人民法院"] / 72 * 25.4 < 32


def test_it_is_pdf_a_and_tagged_after_signing(letter: Path) -> None:
    info = run("pdfinfo", letter)
    assert re.search(r"Tagged: +yes", info)
    assert re.search(r"Page size: .*A4", info)
    assert "信访事项处理意见书" in info
    meta = run("pdfinfo", "-meta", letter)
    assert "<pdfaid:part>2</pdfaid:part>" in meta
    assert "<pdfaid:conformance>A</pdfaid:conformance>" in meta
    assert "<pdfuaid:part>1</pdfuaid:part>" in meta
    with pikepdf.open(letter) as pdf:
        assert str(pdf.Root.Lang) == "zh-CN"
        assert pdf.Root.MarkInfo.Marked
        [annotation] = [each for page in pdf.pages for each in page.get("/Annots", [])]
        assert [float(each) for each in annotation.Rect] == [0, 0, 0, 0]
        assert int(annotation.F) & 4, "a hidden annotation is not allowed in PDF/A"
    assert "No syntax or stream encoding errors found" in run("qpdf", "--check", letter)


def test_an_independent_reader_finds_the_signature_valid(letter: Path) -> None:
    found = run("pdfsig", letter)
    assert "Signature is Valid" in found
    assert "Total document signed" in found
    assert "ETSI.CAdES.detached" in found


def test_a_rare_character_of_a_name_is_printed() -> None:
    pdf = set_pdf(answered(name="王龘䶮"), MARKS)
    with pikepdf.open(io.BytesIO(pdf)) as read:
        assert len(read.pages) >= 1


def test_a_character_no_font_has_is_named_and_never_printed_as_a_box() -> None:
    with pytest.raises(Unprintable) as refused:
        set_pdf(answered(name="王\U0003fffd"), MARKS)
    assert refused.value.key == "letters.no_glyph"
    assert refused.value.values["codes"] == "U+3FFFD"


def test_a_draft_has_neither_code_nor_number() -> None:
    draft, whole = set_pdf(answered(), Marks(watermark="草稿")), set_pdf(answered(), MARKS)
    assert b"minyi-letter" not in draft
    assert b"minyi-letter" in whole


def test_a_receipt_and_a_notice_fit_on_one_page() -> None:
    for content in (
        receipt(about(due={"procedural_reply": DAY}), DAY),
        notice(LetterKind.ACCEPTED, about(), DAY),
    ):
        with pikepdf.open(io.BytesIO(set_pdf(content, MARKS))) as pdf:
            assert len(pdf.pages) == 1, content.kind


def test_the_picture_of_a_receipt_is_a_png_and_may_bear_the_code() -> None:
    content = receipt(about(), DAY)
    plain = set_picture(content, MARKS)
    coded = set_picture(
        content, Marks(MARKS.letter, MARKS.address, MARKS.code, "", (("查询码", "ABCD-1234"),))
    )
    assert plain.startswith(b"\x89PNG")
    assert plain != coded
