"""Make a PDF or TIFF anew as a PDF of page pictures. A program of its own, see `child`.

First pikepdf looks at what the file would do; then pdfium draws it page by page, and only the pictures go on. One page is
in memory at a time, besides the pages that are packed already.
"""

import re
from collections.abc import Iterator
from io import BytesIO

import pikepdf
import pypdfium2
from PIL import Image, TiffImagePlugin

from central.documents import flattening
from central.documents.child import Asked, RefusedError, run

#: Loaded before the walls go up.
_READERS = (TiffImagePlugin,)
_QUALITY = 80
_POINTS = 72
#: Longest side of a drawn page in pixels: A0 at 100 dpi; a page that claims to be a mile long is drawn small.
_MOST_SIDE = 4700
#: Paper for a picture that does not say how large it is: A4 height in points.
_A4_HEIGHT = 842
#: Objects looked at; a file of 200 pages with more is no letter.
_MOST_OBJECTS = 200_000

#: What the names in an object mean for the one who opens the file.
_ACTIVE = {
    "script": rb"/(?:JS|JavaScript)\b",
    "action": rb"/(?:OpenAction|AA|Launch|SubmitForm|ImportData|ResetForm|GoToR|GoToE|Rendition|Hide|Trans)\b",
    "attachment": rb"/(?:EmbeddedFiles?|Filespec|FileAttachment|Collection)\b",
    "form": rb"/(?:XFA|AcroForm)\b",
    "media": rb"/(?:RichMedia|Movie|Sound|Screen|3D|U3D|PRC)\b",
    "link": rb"/URI\b",
    "metadata": rb"/(?:Metadata|Producer|Creator|Author|CreationDate|ModDate|PieceInfo)\b",
}
_PATTERNS = {what: re.compile(pattern) for what, pattern in _ACTIVE.items()}


def make(asked: Asked) -> int:
    """Write every page as a picture into a new PDF; return how many there are."""
    drawn = _tiff(asked) if asked.kind == "tiff" else _pdf(asked)
    made = pikepdf.Pdf.new()
    for picture, width, height in drawn:
        _add(made, picture, width, height)
    if not made.pages:
        raise RefusedError("damaged")
    made.save(asked.target, deterministic_id=True)
    return len(made.pages)


def _pdf(asked: Asked) -> Iterator[tuple[Image.Image, float, float]]:
    """Yield each page drawn, with its size in points."""
    _look(asked)
    asked.source.seek(0)
    document = pypdfium2.PdfDocument(asked.source)
    if len(document) > asked.pages:
        raise RefusedError("too_many_pages", pages=asked.pages)
    document.init_forms()
    for number in range(len(document)):
        page = document[number]
        width, height = page.get_size()
        if not (width > 0 and height > 0):
            raise RefusedError("damaged")
        scale = min(asked.dpi / _POINTS, _MOST_SIDE / max(width, height))
        bitmap = page.render(scale=scale, rev_byteorder=True, prefer_bgrx=False)
        yield bitmap.to_pil().convert("RGB"), width, height
        bitmap.close()
        page.close()


def _look(asked: Asked) -> None:
    """Refuse what is locked or has too many pages; note what will not go on."""
    try:
        found = pikepdf.open(asked.source, suppress_warnings=True)
    except pikepdf.PasswordError:
        raise RefusedError("encrypted") from None
    with found:
        count = len(found.pages)
        if count > asked.pages:
            raise RefusedError("too_many_pages", pages=asked.pages)
        if count == 0:
            raise RefusedError("damaged")
        if len(found.objects) > _MOST_OBJECTS:
            raise RefusedError("too_heavy")
        for text in _texts(found):
            for what, pattern in _PATTERNS.items():
                if what not in asked.removed and pattern.search(text):
                    asked.note(what)
    asked.source.seek(0)
    content = asked.source.read()
    if content.rstrip(b"\r\n\t \x00").rpartition(b"%%EOF")[2]:
        asked.note("trailing")


def _texts(found: pikepdf.Pdf) -> Iterator[bytes]:
    """Yield every object as text, names in their plain spelling; of streams the dictionary alone."""
    yield found.trailer.unparse()
    if "/Info" in found.trailer:
        yield b"/Author"
    for each in found.objects:
        if isinstance(each, pikepdf.Stream):
            yield each.stream_dict.unparse()
        else:
            yield each.unparse(resolved=True)


def _tiff(asked: Asked) -> Iterator[tuple[Image.Image, float, float]]:
    """Yield each picture of the file; a further one can be as harmful as the first, so each head is checked."""
    image = flattening.opened(asked, ("TIFF",))
    number = 0
    while True:
        if number == asked.pages:
            raise RefusedError("too_many_pages", pages=asked.pages)
        plain = flattening.flattened(image, note=asked.note)
        while max(plain.size) > _MOST_SIDE:
            plain = plain.reduce(2)
        # Scanners write the resolution; where it is missing or wrong the page is as high as A4.
        scale = _A4_HEIGHT / max(plain.size)
        yield plain, plain.width * scale, plain.height * scale
        number += 1
        try:
            image.seek(number)
        except EOFError:
            return
        flattening.check_size(image, asked)


def _add(made: pikepdf.Pdf, picture: Image.Image, width: float, height: float) -> None:
    packed = BytesIO()
    picture.info = {}
    picture.save(packed, "JPEG", quality=_QUALITY)
    stream = pikepdf.Stream(made, packed.getvalue())
    stream.stream_dict = pikepdf.Dictionary(
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Image,
        Width=picture.width,
        Height=picture.height,
        ColorSpace=pikepdf.Name.DeviceGray if picture.mode == "L" else pikepdf.Name.DeviceRGB,
        BitsPerComponent=8,
        Filter=pikepdf.Name.DCTDecode,
    )
    wide, high = round(width, 2), round(height, 2)
    page = pikepdf.Dictionary(
        Type=pikepdf.Name.Page,
        MediaBox=[0, 0, wide, high],
        Resources=pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im0=made.make_indirect(stream))),
        Contents=pikepdf.Stream(made, f"q {wide} 0 0 {high} 0 0 cm /Im0 Do Q".encode()),
    )
    made.pages.append(pikepdf.Page(made.make_indirect(page)))


if __name__ == "__main__":
    Image.preinit()
    run(make)
