"""Pictures: larger than memory, oddly packed, telling more than they show."""

import random
import struct
import zlib
from collections.abc import Iterator
from functools import partial

from PIL import Image, TiffImagePlugin
from PIL.PngImagePlugin import PngInfo

from tests.central.documents.corpus import CANARY, PHP, SCRIPT, SEED, Bad, jpeg, packed, picture, png

MANY = 1_000_000_000


def chunk(kind: bytes, content: bytes) -> bytes:
    """A part of a PNG."""
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png_of(
    width: int, height: int, *, depth: int = 8, colour: int = 2, data: bytes = b"", parts: bytes = b""
) -> bytes:
    head = chunk(b"IHDR", struct.pack(">2I5B", width, height, depth, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + parts + chunk(b"IDAT", zlib.compress(data, 9)) + chunk(b"IEND", b"")


def jpeg_of(width: int, height: int) -> bytes:
    """A JPEG whose head claims another size."""
    whole = bytearray(jpeg())
    at = whole.index(b"\xff\xc0") + 5
    whole[at : at + 4] = struct.pack(">2H", height, width)
    return bytes(whole)


def tiff_of(
    *pages: list[tuple[int, int, int, int]], following: int | None = None, data: bytes = bytes(64)
) -> bytes:
    """A TIFF of directories, each a list of (tag, type, count, value); `following` is where the last one points."""
    out, at = bytearray(b"II*\x00" + struct.pack("<I", 8 + len(data)) + data), 8 + len(data)
    for number, tags in enumerate(pages, 1):
        end = at + 2 + 12 * len(tags) + 4
        last = number == len(pages)
        out += struct.pack("<H", len(tags)) + b"".join(struct.pack("<HHII", *tag) for tag in sorted(tags))
        out += struct.pack("<I", (following or 0) if last else end)
        at = end
    return bytes(out)


def page(
    width: int, height: int, *more: tuple[int, int, int, int], offset: int = 8, length: int = 64
) -> list[tuple[int, int, int, int]]:
    """The directory of an unpacked grey picture."""
    plain = {
        256: (4, 1, width), 257: (4, 1, height), 258: (3, 1, 8), 259: (3, 1, 1), 262: (3, 1, 1), 273: (4, 1, offset),
        277: (3, 1, 1), 278: (4, 1, height), 279: (4, 1, length),
    } | {tag: (kind, count, value) for tag, kind, count, value in more}  # fmt: skip
    return [(tag, *rest) for tag, rest in plain.items()]


def huge() -> Iterator[Bad]:
    """Heads that claim more than there is, and small files that unpack to much."""
    for width, height in ((40_000, 25_000), (2**31 - 1, 1), (2**31 - 1, 2**31 - 1), (1, 1_000_000_000)):
        yield Bad(f"{width}x{height}.png", png_of(width, height), "refused")
    for width, height in ((40_000, 25_000), (2**32 - 1, 2**32 - 1), (65_536, 65_536)):
        yield Bad(f"{width}x{height}.tif", tiff_of(page(width, height)), "refused")
    yield Bad("65535x65535.jpg", jpeg_of(65_535, 65_535), "refused", "too_many_pixels")
    yield Bad("33000x33000.jpg", jpeg_of(33_000, 33_000), "refused", "too_many_pixels")
    yield Bad("many.tif", tiff_of(page(64, 1), page(40_000, 25_000)), "refused", "too_many_pixels")
    yield Bad("201-pages.tif", tiff_of(*[page(8, 8)] * 201), "refused", "too_many_pages")
    yield Bad("5000-pages.tif", tiff_of(*[page(8, 8)] * 5000), "refused", "too_many_pages")
    yield Bad("zeros.png", png_of(9_000, 11_000, colour=0, data=bytes(9_001 * 11_000)), "either")
    yield Bad("zeros-rgb.png", png_of(8_000, 8_000, data=bytes(24_001 * 8_000)), "either")
    yield Bad("zeros-rgba.png", png_of(9_990, 9_990, colour=6, data=b""), "refused")
    yield Bad("more-data-than-pixels.png", png_of(4, 4, data=bytes(200 << 20)), "either")
    yield Bad(
        "zeros.tif", packed(Image.new("L", (9_000, 9_000)), "TIFF", compression="tiff_deflate"), "either"
    )
    yield Bad(
        "zeros-group4.tif", packed(Image.new("1", (9_900, 9_900)), "TIFF", compression="group4"), "either"
    )
    yield Bad("large.jpg", packed(Image.new("RGB", (9_000, 9_000)), "JPEG", quality=20), "cleaned")
    bomb = zlib.compress(bytes(64 << 20), 9)
    yield Bad("text-bomb.png", png_of(4, 4, data=bytes(52), parts=chunk(b"zTXt", b"a\0\0" + bomb)), "either")
    yield Bad(
        "profile-bomb.png", png_of(4, 4, data=bytes(52), parts=chunk(b"iCCP", b"a\0\0" + bomb)), "either"
    )
    yield Bad(
        "itxt-bomb.png", png_of(4, 4, data=bytes(52), parts=chunk(b"iTXt", b"a\0\1\0\0\0" + bomb)), "either"
    )
    texts = chunk(b"tEXt", b"a\0" + CANARY) * 20_000
    yield Bad("many-texts.png", png_of(4, 4, data=bytes(52), parts=texts), "cleaned")


def odd() -> Iterator[Bad]:
    """Ways to pack a picture that a reader may trip over."""
    for mode in ("CMYK", "L", "1", "YCbCr"):
        image = picture(mode="L").convert("1") if mode == "1" else picture(mode=mode)
        yield Bad(f"{mode}.jpg", packed(image, "JPEG"), "cleaned")
        yield Bad(f"{mode}.tif", packed(image, "TIFF"), "cleaned")
    for depth, colour, row in (
        (16, 2, 48),
        (16, 0, 16),
        (16, 6, 64),
        (16, 4, 32),
        (8, 4, 16),
        (8, 6, 32),
        (1, 0, 1),
        (2, 0, 2),
        (4, 0, 4),
    ):
        rows = b"".join(b"\0" + random.Random(SEED + each).randbytes(row) for each in range(8))
        yield Bad(
            f"depth{depth}-colour{colour}.png", png_of(8, 8, depth=depth, colour=colour, data=rows), "cleaned"
        )
    palette = picture().quantize(16)
    yield Bad("palette.png", packed(palette, "PNG"), "cleaned")
    yield Bad("palette-clear.png", packed(palette, "PNG", transparency=3), "cleaned")
    yield Bad("palette-alpha.png", packed(palette, "PNG", transparency=bytes(range(16))), "cleaned")
    yield Bad("no-palette.png", png_of(8, 8, colour=3, data=bytes(72)), "either")
    yield Bad(
        "short-palette.png",
        png_of(8, 8, colour=3, data=b"\0\xff\xff\xff" * 18, parts=chunk(b"PLTE", b"abc")),
        "either",
    )
    for depth, colour in ((3, 2), (8, 1), (8, 7), (0, 0), (255, 255)):
        yield Bad(
            f"no-such-{depth}-{colour}.png",
            png_of(8, 8, depth=depth, colour=colour, data=bytes(300)),
            "refused",
            "damaged",
        )
    for width, height in ((0, 0), (0, 8), (8, 0)):
        yield Bad(f"{width}x{height}.png", png_of(width, height, data=bytes(64)), "refused")
        yield Bad(f"{width}x{height}.tif", tiff_of(page(width, height)), "refused")
        yield Bad(f"{width}x{height}.jpg", jpeg_of(width, height), "refused")
    for kind, name in (("PNG", "moving.png"), ("MPO", "several.mpo.jpg"), ("TIFF", "several.tif")):
        frames = [picture(seed=number) for number in range(4)]
        yield Bad(name, packed(frames[0], kind, save_all=True, append_images=frames[1:]), "cleaned")
    for mode in ("I;16", "F", "I"):
        plain = picture(mode="L").convert("I" if mode != "F" else "F")
        image = plain.convert("I;16") if mode == "I;16" else plain
        yield Bad(f"{mode[:1]}{len(mode)}.tif", packed(image, "TIFF"), "cleaned")
    for way in ("packbits", "tiff_adobe_deflate", "jpeg", "lzma", "zstd"):
        try:
            yield Bad(f"{way}.tif", packed(picture(), "TIFF", compression=way), "either")
        except (OSError, KeyError, ValueError):  # the library was built without it
            yield Bad(f"{way}.tif", tiff_of(page(8, 8, (259, 3, 1, 34_925))), "refused")
    yield Bad("loop.tif", tiff_of(page(8, 8), following=72), "either")
    yield Bad("far.tif", tiff_of(page(8, 8, offset=2**31)), "refused")
    yield Bad("long.tif", tiff_of(page(8, 8, length=2**31)), "either")
    yield Bad("no-strips.tif", tiff_of(page(8, 8, (273, 4, 0, 0))), "refused")
    yield Bad("many-values.tif", tiff_of(page(8, 8, (258, 3, 2**31, 8))), "either")
    yield Bad("packing.tif", tiff_of(page(8, 8, (259, 3, 1, 7))), "refused")
    yield Bad("bigtiff.tif", packed(picture(), "TIFF", big_tiff=True), "cleaned")
    yield Bad("progressive.jpg", packed(picture(), "JPEG", progressive=True), "cleaned")
    scan = jpeg()[jpeg().index(b"\xff\xda") : -2]
    yield Bad("many-scans.jpg", jpeg()[:-2] + scan * 2000 + b"\xff\xd9", "either")
    yield Bad(
        "no-tables.jpg",
        jpeg()[: jpeg().index(b"\xff\xdb")] + jpeg()[jpeg().index(b"\xff\xda") :],
        "refused",
        "damaged",
    )


def place() -> Image.Exif:
    """What a telephone writes into a picture: where it was taken, and with what."""
    made = Image.Exif()
    made.get_ifd(0x8825).update({1: "N", 2: (41.0, 48.0, 0.0), 3: "E", 4: (123.0, 26.0, 0.0)})
    made[0x010F], made[0x013B] = "Camera", CANARY.decode()
    return made


def telling() -> Iterator[Bad]:
    """Where, when, by whom, and pictures turned by a note instead of their pixels."""
    for suffix, kind in (("jpg", "JPEG"), ("png", "PNG"), ("tif", "TIFF")):
        save = partial(packed, picture(), kind)
        yield Bad(f"place.{suffix}", save(exif=place()), "cleaned")
        for turn in range(1, 10):
            turned = Image.Exif()
            turned[0x0112] = turn
            yield Bad(f"turned-{turn}.{suffix}", save(exif=turned), "cleaned")
        for what, profile in (
            ("short", CANARY),
            ("long", CANARY * 20_000),
            ("sized", struct.pack(">I", 2**31) + CANARY * 20),
        ):
            yield Bad(f"profile-{what}.{suffix}", save(icc_profile=profile), "cleaned")
    texts = PngInfo()
    texts.add_text("Author", CANARY.decode())
    texts.add_text("XML:com.adobe.xmp", f"<x:xmpmeta>{CANARY.decode()}</x:xmpmeta>", zip=True)
    texts.add_itxt("Comment", PHP.decode(), "en", "Kommentar")
    yield Bad("texts.png", packed(picture(), "PNG", pnginfo=texts), "cleaned")
    yield Bad("private.png", png()[:33] + chunk(b"prVt", CANARY) + png()[33:], "cleaned")
    for mark, content in (
        (0xE1, b"http://ns.adobe.com/xap/1.0/\0" + CANARY), (0xED, b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\x0c" + CANARY), (0xE1, b"Exif\0\0II*\0\xff\xff\xff\xff" + CANARY),
        (0xE1, b"Exif\0\0" + CANARY), (0xEE, b"Adobe\0d\0\0\0\0\2"), (0xE2, b"ICC_PROFILE\0\2\1" + CANARY), (0xE0, b"JFXX\0\x10" + jpeg()[:40]), (0xFE, SCRIPT),
        (0xE2, b"MPF\0II*\0" + bytes(4)), (0xEF, CANARY),
    ):  # fmt: skip
        segment = struct.pack(">BBH", 0xFF, mark, len(content) + 2) + content
        yield Bad(f"segment-{mark:x}-{content[:5].hex()}.jpg", jpeg()[:2] + segment + jpeg()[2:], "either")
    noted = TiffImagePlugin.ImageFileDirectory_v2()
    for tag in (270, 305, 306, 315, 33432, 700):
        noted[tag] = CANARY if tag == 700 else CANARY.decode()
    yield Bad("notes.tif", packed(picture(), "TIFF", tiffinfo=noted), "cleaned")
