"""At least 300 bad files (S5): each refused with a sentence or cleaned; none crashes, hangs, grows, or leaves anything active."""

import re
import tempfile
import time
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from itertools import chain

import pikepdf
import pytest
from PIL import Image

from central.documents import remaking
from central.documents.kinds import Kind
from central.documents.remaking import BadDocument, Remade
from central.settings import Documents
from central.web.catalogue import catalogue
from shared.i18n import Lang
from tests.central.documents import corpus, corpus_pdfs, corpus_pictures
from tests.central.documents.corpus import CANARY, Bad

LIMITS = Documents()
#: For files made to take for ever: they end by the limit, which need not be waited for so long.
SHORT = Documents(seconds=8)
#: Seconds beyond the child's own time: starting it on a busy machine.
SLACK = 5
MODULES = {"files": corpus, "pictures": corpus_pictures, "pdfs": corpus_pdfs}
#: Who makes them, and into how many tests the files are parted, so that processes share the work evenly.
SHARES = {
    "files:broken": 2,
    "files:polyglots": 1,
    "files:foreign": 1,
    "pictures:huge": 2,
    "pictures:odd": 1,
    "pictures:telling": 1,
    "pdfs:active": 2,
    "pdfs:twisted": 2,
    "pdfs:heavy": 2,
}
#: All that a remade PDF may name.
PLAIN_NAMES = frozenset(
    b"/Type /Catalog /Pages /Kids /Count /Page /MediaBox /Resources /XObject /Im0 /Contents /Parent /Image /Subtype /Width "
    b"/Height /ColorSpace /DeviceGray /DeviceRGB /BitsPerComponent /Filter /DCTDecode /Length /Size /Root /ID /FlateDecode".split()
)
#: Segments of a JPEG that say something besides the picture: EXIF and XMP, colour profile, comment, and all other of that row.
TELLING = {*range(0xE1, 0xEE), 0xEF, 0xFE}


def tried(bad: Bad, limits: Documents) -> tuple[Remade | None, bytes, str, float]:
    """Return what was remade, its bytes, or the key of the refusal, and the seconds it took."""
    begun = time.monotonic()
    with tempfile.TemporaryFile() as source, tempfile.TemporaryFile() as target:
        source.write(bad.content)
        source.flush()
        try:
            kind, _ = remaking.checked(source, limits)
            made = remaking.remake(source, kind, target, limits)
        except BadDocument as error:
            # A refusal without a sentence raises here.
            catalogue().text(error.key, Lang.ZH, **error.values)
            return None, b"", error.key.rsplit(".", 1)[-1], time.monotonic() - begun
        return made, target.read(), "", time.monotonic() - begun


def problems(bad: Bad, limits: Documents) -> list[str]:
    """Return what went wrong with one file."""
    made, content, reason, seconds = tried(bad, limits)
    fate = "cleaned" if made else "refused"
    found = [f"took {seconds:.1f} s"] if seconds > limits.seconds + SLACK else []
    if bad.fate not in {fate, "either"}:
        found.append(f"was {fate} {reason}, not {bad.fate}")
    if bad.reason and reason and reason != bad.reason:
        found.append(f"was refused as {reason}, not {bad.reason}")
    if made:
        # A process that was killed had no more either: the limit is one of address space, see `test_confine`.
        found += [f"took {made.peak_kb} KiB"] if made.peak_kb > LIMITS.memory_mb * 1024 else []
        found += left_over(made, content)
    return [f"{bad.name}: {each}" for each in found]


def left_over(made: Remade, content: bytes) -> list[str]:
    """Return what of a foreign file went through into the remade one."""
    found = ["the canary" for each in [content] if CANARY in each]
    if made.made_kind is not Kind.PDF:
        return found + in_picture(content)
    with pikepdf.open(BytesIO(content)) as opened:
        found += [] if len(opened.pages) == made.pages else ["another count of pages"]
        for each in opened.objects:
            text = (
                each.stream_dict.unparse()
                if isinstance(each, pikepdf.Stream)
                else each.unparse(resolved=True)
            )
            found += [
                name.decode() for name in re.findall(rb"/[A-Za-z0-9]+", text) if name not in PLAIN_NAMES
            ]
            if isinstance(each, pikepdf.Stream) and each.stream_dict.get("/Subtype") == "/Image":
                found += in_picture(each.read_raw_bytes())
    return found


def in_picture(content: bytes) -> list[str]:
    with Image.open(BytesIO(content)) as image:
        image.load()
        found = [
            f"info {name}"
            for name in ("exif", "icc_profile", "comment", "xmp", "photoshop")
            if name in image.info
        ]
        if image.getexif():
            found.append("exif")
        found += [f"text {name}" for name in getattr(image, "text", {})]
    if content.startswith(b"\x89PNG"):
        return found + ([] if content.endswith(b"IEND\xaeB`\x82") else ["bytes behind the end"])
    return found + [f"segment {mark:x}" for mark in segments(content) if mark in TELLING]


def segments(content: bytes) -> Iterator[int]:
    """Yield the marks of a JPEG up to its first scan."""
    at = 2
    while content[at] == 0xFF and content[at + 1] != 0xDA:
        yield content[at + 1]
        at += 2 + int.from_bytes(content[at + 2 : at + 4], "big")


@cache
def files(maker: str) -> list[Bad]:
    """The files of one maker, made once in each process."""
    module, _, name = maker.partition(":")
    return list(getattr(MODULES[module], name)())


def test_the_corpus_is_large_enough_and_the_same_each_time() -> None:
    everything = [bad for maker in SHARES for bad in files(maker)]
    assert len(everything) >= 300
    assert len({bad.name for bad in everything if bad.content}) >= 290
    # The heavy ones take long to make; locking a PDF needs chance.
    light = [maker for maker in SHARES if not maker.endswith((":huge", ":heavy"))]
    pairs = chain.from_iterable(zip(files(each), files.__wrapped__(each), strict=True) for each in light)
    assert [a.name for a, b in pairs if a != b and "locked" not in a.name] == []


@pytest.mark.parametrize(
    ("maker", "part"), [(maker, part) for maker, parts in SHARES.items() for part in range(parts)]
)
def test_every_bad_file_is_refused_with_a_sentence_or_cleaned(maker: str, part: int) -> None:
    print("seed", corpus.SEED)  # noqa: T201 to make the same files again
    limits = SHORT if maker.endswith("heavy") else LIMITS
    assert (
        list(chain.from_iterable(problems(bad, limits) for bad in files(maker)[part :: SHARES[maker]])) == []
    )
