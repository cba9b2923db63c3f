"""Names in every script survive; what moves, hides or lies does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from central.documents import names
from central.documents.kinds import Kind

SURVIVE = [
    "信访材料（补充）.pdf", "判决书 2019辽01民终3号.pdf", "ᠮᠣᠩᠭᠣᠯ.pdf", "བོད་ཡིག.pdf", "ئۇيغۇرچە.pdf", "조선말 문서.pdf", "نامه‌ای.pdf", "दस्तावेज़‍.pdf",
    "Ünïcödé.pdf", "Письмо №5.pdf", "Αίτηση.pdf", "日本語.pdf", "Việt Nam.pdf", "😀👩‍⚖️.pdf", "㐀𠀀𪚥.pdf", "第3.2条.pdf", "a.PDF", "עברית.pdf", "ไทย.pdf",
]  # fmt: skip
CHANGED = {
    "../../etc/passwd": "passwd.pdf",
    "..\\..\\windows\\a.pdf": "a.pdf",
    "/etc/cron.d/a.pdf": "a.pdf",
    "C:\\a\\b.pdf": "b.pdf",
    "a\x00.pdf": "a.pdf",
    "a.pdf\x00.exe": "a.pdf.pdf",
    "a\r\nSet-Cookie: b=1.pdf": "aSet-Cookie_ b=1.pdf",
    "invoice\u202efdp.exe": "invoicefdp.pdf",
    "\u2066a\u2069.pdf": "a.pdf",
    "a\u200b\ufeff\u00ad.pdf": "a.pdf",
    "CON": "_CON.pdf",
    "con.pdf": "_con.pdf",
    "COM¹.pdf": "_COM¹.pdf",
    "lpt1.txt.pdf": "_lpt1.txt.pdf",
    "": "_.pdf",
    ".pdf": "_.pdf",
    "..": "_.pdf",
    "   ": "_.pdf",
    "\u202e": "_.pdf",
    "\u200d\u200d.pdf": "_.pdf",
    ".htaccess": "htaccess.pdf",
    'a<b>"c|d?e*f:g.pdf': "a_b__c_d_e_f_g.pdf",
    "a. . .pdf": "a.pdf",
    "a.jpg": "a.pdf",
    "a.exe": "a.pdf",
    "a": "a.pdf",
    "e\u0301.pdf": "\u00e9.pdf",
    "a\u2028b.pdf": "ab.pdf",
    "a\ud800b.pdf": "ab.pdf",
    "tab\there.pdf": "tabhere.pdf",
}


@pytest.mark.parametrize("name", SURVIVE)
def test_a_name_in_any_script_stays_as_it_is(name: str) -> None:
    assert names.shown(name, Kind.PDF) == name


@pytest.mark.parametrize(("given_name", "shown"), CHANGED.items())
def test_what_moves_hides_or_lies_is_taken_out(given_name: str, shown: str) -> None:
    assert names.shown(given_name, Kind.PDF) == shown


def test_a_long_name_is_cut_between_characters_and_keeps_its_suffix() -> None:
    assert names.shown("a" * 300 + ".pdf", Kind.PDF) == "a" * 116 + ".pdf"
    long = names.shown("信" * 300 + ".pdf", Kind.PDF)
    assert long.endswith("信.pdf")
    assert len(long.encode()) <= names.MOST_BYTES
    assert names.shown("x" + "ก" + "\u0e31" * 300, Kind.PDF).endswith(".pdf")


def test_the_suffix_follows_what_the_file_is() -> None:
    assert names.shown("scan.JPG", Kind.JPEG) == "scan.JPG"
    assert names.shown("scan.png", Kind.JPEG) == "scan.jpg"
    assert names.shown("scan.tif", Kind.PDF) == "scan.pdf"
    assert names.has_wrong_suffix("scan.png", Kind.JPEG)
    assert not names.has_wrong_suffix("scan.JPEG", Kind.JPEG)


@given(st.text(max_size=400), st.sampled_from(Kind))
def test_any_name_becomes_one_that_is_safe_and_stays_so(text: str, kind: Kind) -> None:
    shown = names.shown(text, kind)
    assert names.shown(shown, kind) == shown
    assert 0 < len(shown.encode()) < 255
    assert not set(shown) & set('/\\\0\r\n<>:"|?*')
    assert shown.isprintable() or "\u200c" in shown or "\u200d" in shown or any(ord(c) > 127 for c in shown)
