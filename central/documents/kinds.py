"""What a file is by its first bytes, and why most kinds are not taken. Pure.

Taken are PDF, JPEG, PNG and TIFF (threat T5): what scanners and telephones make, and what can be made anew as a picture.
"""

import re
from enum import StrEnum

#: Bytes that `judge` wants to see of the beginning.
HEAD = 4096
_BOM = b"\xef\xbb\xbf"


class Kind(StrEnum):
    """A kind of file that is taken."""

    PDF = "pdf"
    JPEG = "jpeg"
    PNG = "png"
    TIFF = "tiff"


#: Suffixes under which each kind goes, the usual one first.
SUFFIXES = {
    Kind.PDF: ("pdf",),
    Kind.JPEG: ("jpg", "jpeg", "jpe", "jfif"),
    Kind.PNG: ("png",),
    Kind.TIFF: ("tif", "tiff"),
}
MEDIA_TYPES = {
    Kind.PDF: "application/pdf",
    Kind.JPEG: "image/jpeg",
    Kind.PNG: "image/png",
    Kind.TIFF: "image/tiff",
}
#: What a file of each kind is made into: pages of a TIFF into a PDF, which every browser shows.
REMADE_AS = {Kind.PDF: Kind.PDF, Kind.JPEG: Kind.JPEG, Kind.PNG: Kind.PNG, Kind.TIFF: Kind.PDF}

_TAKEN = (
    (b"%PDF-", Kind.PDF),
    (b"\xff\xd8\xff", Kind.JPEG),
    (b"\x89PNG\r\n\x1a\n", Kind.PNG),
    (b"II*\x00", Kind.TIFF),
    (b"MM\x00*", Kind.TIFF),
    (b"II+\x00", Kind.TIFF),
    (b"MM\x00+", Kind.TIFF),
)
_REFUSED = (
    (b"PK\x03\x04", "archive"),
    (b"PK\x05\x06", "archive"),
    (b"PK\x07\x08", "archive"),
    (b"Rar!\x1a\x07", "archive"),
    (b"7z\xbc\xaf\x27\x1c", "archive"),
    (b"\x1f\x8b", "archive"),
    (b"\x1f\x9d", "archive"),
    (b"BZh", "archive"),
    (b"\xfd7zXZ\x00", "archive"),
    (b"\x28\xb5\x2f\xfd", "archive"),
    (b"MSCF", "archive"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "office"),
    (b"{\\rtf", "office"),
    (b"%!PS", "office"),
    (b"MZ", "program"),
    (b"\x7fELF", "program"),
    (b"\xca\xfe\xba\xbe", "program"),
    (b"\xfe\xed\xfa", "program"),
    (b"\xcf\xfa\xed\xfe", "program"),
    (b"\xce\xfa\xed\xfe", "program"),
    (b"\x00asm", "program"),
    (b"L\x00\x00\x00\x01\x14\x02\x00", "program"),
    (b"#!", "program"),
    (b"GIF8", "other_picture"),
    (b"BM", "other_picture"),
    (b"8BPS", "other_picture"),
    (b"\x00\x00\x01\x00", "other_picture"),
    (b"\x00\x00\x00\x0cjP  ", "other_picture"),
    (b"\xff\x4f\xff\x51", "other_picture"),
    (b"\xff\x0a", "other_picture"),
    (b"RIFF", "other_picture"),
    (b"ID3", "sound"),
    (b"OggS", "sound"),
    (b"\x1aE\xdf\xa3", "sound"),
    (b"fLaC", "sound"),
    (b"#!AMR", "sound"),
)
_OFFICE_PART = re.compile(rb"\[Content_Types\]|word/|xl/|ppt/|mimetypeapplication/vnd")
_MARKUP = re.compile(rb"<(?:!doctype|html|svg|\?xml|script|head|body|iframe|!--|\?php|xdp:)", re.IGNORECASE)
#: Brands of the ISO container that are still pictures, as telephones write them.
_PICTURE_BRANDS = frozenset({b"heic", b"heix", b"heif", b"mif1", b"msf1", b"hevc", b"avif", b"avis"})
#: The test file of the makers of virus scanners, put together so that this source is none itself.
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}" + b"$EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE!$H+H*"


def judge(head: bytes) -> tuple[Kind | None, str]:
    """Return the kind by the first `HEAD` bytes, or None and the reason for refusal, a key below `documents.file.`."""
    if not head:
        return None, "empty"
    # Some programs put a mark or a line break before the sign of a PDF; readers pass over them.
    bare = head.removeprefix(_BOM).lstrip(b"\r\n\t \x00") if b"%PDF-" in head[:64] else head
    for sign, kind in _TAKEN:
        if bare.startswith(sign):
            return kind, ""
    return None, _why_not(head)


def _why_not(head: bytes) -> str:
    for sign, reason in _REFUSED:
        if head.startswith(sign):
            return _finer(head, reason)
    if head[4:8] == b"ftyp":
        return "other_picture" if head[8:12] in _PICTURE_BRANDS else "sound"
    if head[257:262] == b"ustar":
        return "archive"
    if _MARKUP.search(head[:1024]) or _MARKUP.search(head[:2048].replace(b"\x00", b"")):
        return "markup"
    return "unknown"


def _finer(head: bytes, reason: str) -> str:
    """Return `office` for the containers of office files, `sound` for those of sound and film."""
    if head.startswith(b"PK") and _OFFICE_PART.search(head):
        return "office"
    if head.startswith(b"RIFF") and head[8:12] != b"WEBP":
        return "sound"
    return reason
