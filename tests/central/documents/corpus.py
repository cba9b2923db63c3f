"""Bad files, made afresh for each run from one seed: what a hostile, broken or merely odd upload looks like (S5).

Every harmful thing carries `CANARY`, so that a look at the bytes of a remade file tells whether any of it went through.
"""

import random
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from typing import Literal

from PIL import Image

from central.documents.kinds import EICAR

SEED = 20261123
CANARY = b"CANARY7f3a91"
PHP = b"<?php system('" + CANARY + b"'); ?>"
SCRIPT = b"<script>alert('" + CANARY + b"')</script>"
Fate = Literal["refused", "cleaned", "either"]


@dataclass(frozen=True, slots=True)
class Bad:
    """One file: what it is called, what is in it, what must become of it, and for a refusal the reason if only one is right."""

    name: str
    content: bytes
    fate: Fate
    reason: str = ""


def picture(width: int = 48, height: int = 32, mode: str = "RGB", seed: int = SEED) -> Image.Image:
    """A picture of seeded noise."""
    noise = random.Random(seed).randbytes(width * height * len(Image.new(mode, (1, 1)).getbands()))
    return Image.frombytes(mode, (width, height), noise)


def packed(image: Image.Image, kind: str, **how: object) -> bytes:
    """A picture as a file."""
    out = BytesIO()
    image.save(out, kind, **how)
    return out.getvalue()


@cache
def jpeg() -> bytes:
    return packed(picture(), "JPEG")


@cache
def png() -> bytes:
    return packed(picture(), "PNG")


@cache
def tiff() -> bytes:
    return packed(picture(), "TIFF", compression="tiff_lzw")


@cache
def pdf() -> bytes:
    """Two pages of text and one picture, written by hand so that every byte is known."""
    text = b"BT /F1 24 Tf 20 100 Td (Minyi) Tj ET 0 0 1 rg 10 10 50 50 re f"
    return written(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R 4 0 R] /Count 2 >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Contents 5 0 R /Resources << /Font << /F1 6 0 R >> >> >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 100] /Contents 5 0 R /Resources << /Font << /F1 6 0 R >> >> >>",
            stream(text),
            b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        ]
    )


def stream(content: bytes, more: bytes = b"") -> bytes:
    """A stream object of a PDF."""
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(content), more, content)


def written(objects: list[bytes], trailer: bytes = b"") -> bytes:
    """A PDF of these objects, numbered from 1; the first is the catalogue."""
    out, places = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", []
    parts = [out]
    at = len(out)
    for number, content in enumerate(objects, 1):
        places.append(at)
        part = b"%d 0 obj\n%s\nendobj\n" % (number, content)
        parts.append(part)
        at += len(part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    parts.append(b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table))
    parts.append(
        b"trailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, trailer, at)
    )
    return b"".join(parts)


def archive(**files: bytes) -> bytes:
    """A zip of these files; `__` in a name stands for a slash."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in files.items():
            way = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            made.writestr(zipfile.ZipInfo(name.replace("__", "/")), content, way)
    return out.getvalue()


def overlapping_zip(count: int = 200) -> bytes:
    """A zip whose entries all point at one block of packed zeros."""
    block = zlib.compress(bytes(1 << 20), 9)[2:-4]
    crc = zlib.crc32(bytes(1 << 20))
    local = (
        struct.pack("<4s5H3I2H", b"PK\x03\x04", 20, 0, 8, 0, 0, crc, len(block), 1 << 20, 1, 0) + b"a" + block
    )
    entry = struct.pack(
        "<4s6H3I5H2I", b"PK\x01\x02", 20, 20, 0, 8, 0, 0, crc, len(block), 1 << 20, 1, 0, 0, 0, 0, 0, 0
    )
    table = (entry + b"a") * count
    return (
        local + table + struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, count, count, len(table), len(local), 0)
    )


def broken() -> Iterator[Bad]:
    """Files cut off at many places, and files with some bytes changed."""
    chance = random.Random(SEED)
    for suffix, whole in (("pdf", pdf()), ("jpg", jpeg()), ("png", png()), ("tif", tiff())):
        cuts = sorted({1, 2, 4, 8, len(whole) - 1, len(whole) - 8, *chance.sample(range(9, len(whole)), 10)})
        for cut in cuts:
            yield Bad(f"cut-{cut}.{suffix}", whole[:cut], "either")
        for number in range(12):
            changed = bytearray(whole)
            for place in chance.sample(range(8, len(whole)), 1 + number):
                changed[place] = chance.randrange(256)
            yield Bad(f"changed-{number}.{suffix}", bytes(changed), "either")


def polyglots() -> Iterator[Bad]:
    """Files that are two things at once: cleaned if they begin as what is taken, refused otherwise."""
    hidden = archive(a=CANARY, META_INF__MANIFEST=b"Main-Class: " + CANARY)
    for suffix, whole in (("pdf", pdf()), ("jpg", jpeg()), ("png", png()), ("tif", tiff())):
        for what, tail in (
            ("zip", hidden),
            ("php", PHP),
            ("html", b"<html>" + SCRIPT + b"</html>"),
            ("program", b"MZ" + CANARY + bytes(64)),
            ("script", b"\n#!/bin/sh\n" + CANARY),
        ):
            yield Bad(f"with-{what}.{suffix}", whole + tail, "cleaned")
        for what, front, reason in (
            ("zip", hidden, "archive"),
            ("html", b"<html>" + SCRIPT, "markup"),
            ("program", b"MZ" + bytes(62), "program"),
            ("gif", b"GIF89a" + CANARY, "other_picture"),
        ):
            yield Bad(f"{what}-first.{suffix}", front + whole, "refused", reason)
    yield Bad(
        "gif-js.gif", b"GIF89a/*" + bytes(20) + b"*/=1;alert('" + CANARY + b"')", "refused", "other_picture"
    )
    yield Bad("comment.jpg", packed(picture(), "JPEG", comment=PHP), "cleaned")
    yield Bad(
        "quoted.jpg",
        jpeg()[:2] + b"\xff\xfe" + struct.pack(">H", len(SCRIPT) + 2) + SCRIPT + jpeg()[2:],
        "cleaned",
    )
    yield Bad("second.jpg", jpeg() + pdf(), "cleaned")
    yield Bad("second.pdf", pdf() + jpeg() + CANARY, "cleaned")
    yield Bad("space-first.pdf", b"\r\n \xef\xbb\xbf"[:3] + pdf(), "either")
    yield Bad("bom-first.pdf", b"\xef\xbb\xbf" + pdf(), "either")


def foreign() -> Iterator[Bad]:
    """What is not taken at all, mostly under a name that says otherwise."""
    inner = archive(a=bytes(1 << 20))
    xlsm = archive(
        **{"[Content_Types].xml": b"<a/>", "xl__vbaProject.bin": CANARY, "xl__workbook.xml": b"<a/>"}
    )
    docx = archive(**{"[Content_Types].xml": b"<a/>", "word__document.xml": CANARY})
    odt = archive(mimetype=b"application/vnd.oasis.opendocument.text", content=CANARY)
    ole = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504) + CANARY
    tar = b"a".ljust(257, b"\x00") + b"ustar\x0000" + bytes(248)
    svg = b'<svg xmlns="http://www.w3.org/2000/svg">' + SCRIPT + b"</svg>"
    xml = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'
    kinds: dict[str, list[tuple[str, bytes]]] = {
        "archive": [
            ("a.zip", inner), ("nested.pdf", archive(b=archive(c=inner))), ("overlapping.pdf", overlapping_zip()),
            ("empty.pdf", b"PK\x05\x06" + bytes(18)), ("a.gz.png", b"\x1f\x8b\x08" + bytes(20)), ("a.bz2", b"BZh91AY&SY"),
            ("a.xz", b"\xfd7zXZ\x00"), ("a.zst", b"\x28\xb5\x2f\xfd"), ("a.7z.jpg", b"7z\xbc\xaf\x27\x1c" + bytes(20)),
            ("a.rar", b"Rar!\x1a\x07\x01\x00"), ("a.cab", b"MSCF" + bytes(30)), ("a.tar.pdf", tar), ("a.svgz.svg", b"\x1f\x8b" + svg),
        ],
        "office": [
            ("a.docx", docx), ("a.docx.pdf", docx), ("a.xlsm", xlsm), ("a.odt", odt), ("a.doc", ole), ("a.xls.pdf", ole),
            ("a.rtf", b"{\\rtf1 {\\object " + CANARY + b"}}"), ("a.ps.pdf", b"%!PS-Adobe-3.0\n(a) run"), ("a.msi", ole),
        ],
        "program": [
            ("a.exe", b"MZ" + bytes(200)), ("a.exe.pdf", b"MZ" + bytes(200)), ("a.elf.jpg", b"\x7fELF\x02" + bytes(100)),
            ("a.class", b"\xca\xfe\xba\xbe" + bytes(20)), ("a.macho", b"\xcf\xfa\xed\xfe" + bytes(20)), ("a.wasm", b"\x00asm\x01"),
            ("a.sh.png", b"#!/bin/sh\nrm -rf /\n"), ("a.lnk", b"L\x00\x00\x00\x01\x14\x02\x00" + bytes(20)),
        ],
        "markup": [
            ("a.svg", svg), ("a.svg.png", svg), ("bom.svg", b"\xef\xbb\xbf" + svg), ("wide.svg", svg.decode().encode("utf-16")),
            ("comment.svg", b"<!-- " + b"a" * 300 + b" -->" + svg), ("a.html", b"<!DOCTYPE html>" + SCRIPT), ("space.html", b"\n \t<HTML>" + SCRIPT),
            ("a.xml", xml), ("a.php.jpg", PHP), ("script.txt", SCRIPT), ("a.xdp", b"<?xml version='1.0'?><xdp:xdp/>"), ("a.hta", b"<head>" + SCRIPT),
        ],
        "other_picture": [
            ("a.gif", b"GIF87a" + bytes(40)), ("a.bmp", b"BM" + bytes(60)), ("a.webp", b"RIFF\x20\x00\x00\x00WEBPVP8 " + bytes(30)),
            ("a.heic", bytes(4) + b"ftypheic" + bytes(40)), ("a.avif", bytes(4) + b"ftypavif" + bytes(40)), ("a.psd", b"8BPS" + bytes(40)),
            ("a.ico", b"\x00\x00\x01\x00" + bytes(40)), ("a.jp2", b"\x00\x00\x00\x0cjP  " + bytes(40)),
        ],
        "sound": [
            ("a.mp3", b"ID3" + bytes(40)), ("a.mp4", bytes(4) + b"ftypisom" + bytes(40)), ("a.wav", b"RIFF" + bytes(4) + b"WAVE" + bytes(40)),
            ("a.ogg", b"OggS" + bytes(40)), ("a.mkv", b"\x1aE\xdf\xa3" + bytes(40)),
        ],
        "unknown": [
            ("a.txt", "信访材料".encode()), ("a.csv", b"=cmd|' /C calc'!A0," + CANARY), ("a.bat", b"@echo off\r\ndel /s *"), ("a.vbs", b"CreateObject"),
            ("a.ps1", b"Invoke-Expression " + CANARY), ("zero.pdf", bytes(5000)), ("noise.pdf", random.Random(SEED).randbytes(5000)),
            ("half-sign.pdf", b"%PD"), ("late-sign.pdf", b"A" * 2000 + pdf()), ("a.eml", b"From: a\r\nContent-Type: text/html\r\n"),
        ],
        "empty": [("empty.pdf", b""), ("empty.jpg", b""), ("empty", b"")],
        "virus": [
            ("eicar.com", EICAR), ("eicar.pdf", EICAR), ("eicar-behind.pdf", pdf() + EICAR),
            ("eicar-inside.jpg", packed(picture(), "JPEG", comment=EICAR)), ("eicar-across.png", png().ljust((1 << 20) - 30, b"\x00") + EICAR),
        ],
    }  # fmt: skip
    for reason, files in kinds.items():
        # What a scanner of viruses would find is told as such, whatever the file begins with.
        for name, content in files:
            yield Bad(name, content, "refused", reason)
    for sign in (
        b"%PDF-",
        b"%PDF-1.7\n",
        b"%PDF-1.7\n%%EOF",
        b"\xff\xd8\xff",
        b"\x89PNG\r\n\x1a\n",
        b"II*\x00",
        b"MM\x00*",
        b"MM\x00+",
    ):
        yield Bad(f"sign-{sign[:4].hex()}-{len(sign)}", sign, "refused", "damaged")


Maker = Callable[[], Iterator[Bad]]
