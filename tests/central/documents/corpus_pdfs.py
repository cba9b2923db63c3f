"""PDFs: doing something when opened, twisted until a reader runs in circles, heavier than they look."""

import zlib
from collections.abc import Iterator
from io import BytesIO

import pikepdf

from tests.central.documents.corpus import CANARY, Bad, Fate, archive, jpeg, pdf, stream, written

PAGES = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
JS = b"<< /S /JavaScript /JS (app.alert('%s')) >>" % CANARY
DRAWN = b"0 0 1 rg 10 10 50 50 re f"


def of(
    *more: bytes,
    catalogue: bytes = b"",
    page: bytes = b"",
    pages: bytes = PAGES,
    content: bytes = DRAWN,
    box: bytes = b"0 0 200 200",
    trailer: bytes = b"",
    resources: bytes = b"",
) -> bytes:
    """A PDF of one page; further objects begin at number 5."""
    return written(
        [
            b"<< /Type /Catalog /Pages 2 0 R %s >>" % catalogue,
            pages,
            b"<< /Type /Page /Parent 2 0 R /MediaBox [%s] /Contents 4 0 R /Resources << %s >> %s >>"
            % (box, resources, page),
            stream(content),
            *more,
        ],
        trailer,
    )


def flate(content: bytes, times: int = 1) -> bytes:
    """A stream packed as often as one likes."""
    for _ in range(times):
        content = zlib.compress(content, 9)
    return stream(content, b"/Filter [%s]" % (b"/FlateDecode " * times))


def active() -> Iterator[Bad]:
    """Everything that a reader would do or show besides the page."""
    file = b"<< /Type /Filespec /F (a.exe) /EF << /F 6 0 R >> >>"
    embedded = stream(b"MZ" + CANARY, b"/Type /EmbeddedFile")
    acts = {
        "script": JS,
        "launch": b"<< /S /Launch /F (cmd.exe) /Win << /F (cmd.exe) /P (/c %s) >> >>" % CANARY,
        "link": b"<< /S /URI /URI (http://%s.example/) >>" % CANARY,
        "submit": b"<< /S /SubmitForm /F (http://%s.example/) >>" % CANARY,
        "import": b"<< /S /ImportData /F (%s) >>" % CANARY,
        "go": b"<< /S /GoToR /F (\\\\\\\\%s\\\\share) /D [0 /Fit] >>" % CANARY,
        "go-inside": b"<< /S /GoToE /T << /R /C /N (%s) >> >>" % CANARY,
        "named": b"<< /S /Named /N /Print >>",
        "play": b"<< /S /Rendition /R 5 0 R /OP 0 /JS (%s) >>" % CANARY,
        "hide": b"<< /S /Hide /T (a) >>",
        "reset": b"<< /S /ResetForm >>",
        "chain": b"<< /S /GoTo /D [3 0 R /Fit] /Next %s >>" % JS,
        "spelled": b"<< /S /J#61v#61Script /#4aS (%s) >>" % CANARY,
        "hex": b"<< /S /JavaScript /JS <%s> >>" % CANARY.hex().encode(),
    }
    for what, act in acts.items():
        yield Bad(f"open-{what}.pdf", of(catalogue=b"/OpenAction " + act), "cleaned")
        link = b"/Annots [<< /Type /Annot /Subtype /Link /Rect [0 0 200 200] /A %s >>]" % act
        yield Bad(f"link-{what}.pdf", of(page=link), "cleaned")
        yield Bad(f"page-{what}.pdf", of(page=b"/AA << /O %s /C %s >>" % (act, act)), "cleaned")
    names = b"/Names << /JavaScript << /Names [(a) 5 0 R] >> >>"
    yield Bad("names-script.pdf", of(JS, catalogue=names), "cleaned")
    long = b"<< /S /JavaScript /JS 6 0 R >>"
    yield Bad("stream-script.pdf", of(long, stream(CANARY), catalogue=b"/OpenAction 5 0 R"), "cleaned")
    yield Bad(
        "attached.pdf",
        of(file, embedded, catalogue=b"/Names << /EmbeddedFiles << /Names [(a.exe) 5 0 R] >> >>"),
        "cleaned",
    )
    pin = b"/Annots [<< /Type /Annot /Subtype /FileAttachment /Rect [0 0 9 9] /FS 5 0 R >>]"
    yield Bad("pinned.pdf", of(file, embedded, page=pin), "cleaned")
    yield Bad(
        "portfolio.pdf", of(file, embedded, catalogue=b"/Collection << /D (a) >> /AF [5 0 R]"), "cleaned"
    )
    form = b"/AcroForm << /XFA 5 0 R /Fields [] /NeedsRendering true >>"
    yield Bad(
        "xfa.pdf", of(stream(b"<xdp:xdp><script>%s</script></xdp:xdp>" % CANARY), catalogue=form), "cleaned"
    )
    field = b"<< /FT /Tx /T (a) /Subtype /Widget /Rect [9 9 99 99] /V (b) /AA << /K %s /F %s /C %s >> >>" % (
        JS,
        JS,
        JS,
    )
    filled = of(field, catalogue=b"/AcroForm << /Fields [5 0 R] >>", page=b"/Annots [5 0 R]")
    yield Bad("field-script.pdf", filled, "cleaned")
    for kind in ("RichMedia", "Movie", "Sound", "Screen", "3D"):
        annot = b"/Annots [<< /Type /Annot /Subtype /%s /Rect [0 0 99 99] /Movie << /F (%s) >> /A %s >>]" % (
            kind.encode(),
            CANARY,
            JS,
        )
        yield Bad(f"{kind}.pdf", of(page=annot), "cleaned")
    xmp = stream(b"<x:xmpmeta>%s</x:xmpmeta>" % CANARY, b"/Type /Metadata /Subtype /XML")
    info = b"<< /Author (%s) /Producer (%s) /CreationDate (D:20261123) >>" % (CANARY, CANARY)
    yield Bad("metadata.pdf", of(xmp, info, catalogue=b"/Metadata 5 0 R", trailer=b"/Info 6 0 R"), "cleaned")
    outside = (
        b"<< /Type /XObject /Subtype /Image /F (http://%s.example/a.png) /Width 9 /Height 9 /Length 0 >>"
        % CANARY
    )
    yield Bad(
        "outside.pdf",
        of(outside + b"\nstream\n\nendstream", resources=b"/XObject << /X 5 0 R >>", content=b"/X Do"),
        "either",
    )
    hidden = b"/OCProperties << /OCGs [5 0 R] /D << /OFF [5 0 R] /AS [] >> >>"
    yield Bad("layers.pdf", of(b"<< /Type /OCG /Name (%s) >>" % CANARY, catalogue=hidden), "cleaned")
    yield Bad(
        "written-over.pdf",
        pdf() + b"7 0 obj\n%s\nendobj\ntrailer\n<< /Root 1 0 R /Size 8 >>\nstartxref\n0\n%%%%EOF\n" % JS,
        "either",
    )
    yield from _locked()
    yield from _squeezed()


_USERS: dict[str, Fate] = {"secret": "refused", "": "cleaned"}


def _locked() -> Iterator[Bad]:
    for r in (2, 3, 4, 6):
        for user, fate in _USERS.items():
            out = BytesIO()
            with pikepdf.open(BytesIO(pdf())) as opened:
                opened.save(
                    out,
                    encryption=pikepdf.Encryption(owner="owner", user=user, R=r, aes=r > 3, metadata=r > 3),
                )
            yield Bad(
                f"locked-{r}-{fate}.pdf", out.getvalue(), fate, "encrypted" if fate == "refused" else ""
            )


def _squeezed() -> Iterator[Bad]:
    """The same harm inside object streams, where a search through the bytes finds nothing."""
    for what, act in (
        ("script", JS),
        ("attached", b"<< /Names [(a) << /EF << /F null >> /Type /Filespec >>] >>"),
    ):
        out = BytesIO()
        with pikepdf.open(BytesIO(of(act, catalogue=b"/OpenAction 5 0 R"))) as opened:
            opened.save(
                out,
                object_stream_mode=pikepdf.ObjectStreamMode.generate,
                compress_streams=True,
                deterministic_id=True,
            )
        yield Bad(f"squeezed-{what}.pdf", out.getvalue(), "cleaned")


def twisted() -> Iterator[Bad]:
    """Trees that are none, tables that lie, references in circles."""
    whole = pdf()
    at = whole.rindex(b"startxref")
    for what, changed in {
        "no-xref": whole.replace(b"xref\n", b"nothing\n"),
        "no-trailer": whole[: whole.index(b"trailer")],
        "no-root": whole.replace(b"/Root 1 0 R", b"/Root 99 0 R"),
        "root-is-page": whole.replace(b"/Root 1 0 R", b"/Root 3 0 R"),
        "xref-far": whole[:at] + b"startxref\n999999999999\n%%EOF",
        "xref-negative": whole[:at] + b"startxref\n-1\n%%EOF",
        "xref-loop": whole.replace(b"/Root 1 0 R", b"/Root 1 0 R /Prev %d" % whole.index(b"xref\n")),
        "xref-stream-loop": whole.replace(
            b"/Root 1 0 R", b"/Root 1 0 R /XRefStm %d" % whole.index(b"xref\n")
        ),
        "xref-shifted": whole.replace(b"%PDF-1.7\n", b"%PDF-1.7\n% moved\n"),
        "size": whole.replace(b"/Size 7", b"/Size 2147483647"),
        "count": whole.replace(b"/Count 2", b"/Count 1000000000"),
        "count-negative": whole.replace(b"/Count 2", b"/Count -2"),
        "version": whole.replace(b"%PDF-1.7", b"%PDF-9.9"),
        "carriage": whole.replace(b"\n", b"\r"),
        "length": whole.replace(b"/Length ", b"/Length 99999999 %"),
        "length-itself": whole.replace(b"<< /Length %d" % 61, b"<< /Length 5 0 R"),
    }.items():
        yield Bad(f"{what}.pdf", changed, "either")
    for what, kids in {
        "kids-itself": b"[2 0 R]", "kids-none": b"[]", "kids-catalogue": b"[1 0 R]", "kids-missing": b"[77 0 R]", "kids-number": b"[7]",
        "kids-thrice": b"[3 0 R 3 0 R 3 0 R]", "kids-deep": b"[5 0 R]", "kids-null": b"null",
    }.items():  # fmt: skip
        above = b"<< /Type /Pages /Kids [2 0 R] /Count 1 /Parent 2 0 R >>"
        yield Bad(f"{what}.pdf", of(above, pages=b"<< /Type /Pages /Kids %s /Count 1 >>" % kids), "either")
    chain = [b"<< /Type /Pages /Kids [%d 0 R] /Count 1 >>" % (number + 1) for number in range(5, 1500)]
    yield Bad(
        "tree-deep.pdf",
        of(
            *chain,
            b"<< /Type /Page /MediaBox [0 0 9 9] >>",
            pages=b"<< /Type /Pages /Kids [5 0 R] /Count 1 >>",
        ),
        "either",
    )
    for what, box in {
        "mile": b"0 0 1000000 1000000", "strip": b"0 0 14400 1", "nothing": b"0 0 0 0", "inside-out": b"200 200 0 0", "negative": b"-999999 -9 -9 9",
        "infinite": b"0 0 1e308 1e308", "words": b"/a /b /c /d", "short": b"0 0", "tiny": b"0 0 0.0001 0.0001", "number": b"0 0 99999999999999999999 9",
    }.items():  # fmt: skip
        yield Bad(f"box-{what}.pdf", of(box=box), "either")
    yield Bad("unit.pdf", of(page=b"/UserUnit 1000000"), "either")
    yield Bad("rotate.pdf", of(page=b"/Rotate 45"), "either")
    inside = b"<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X 5 0 R >> >>"
    itself = inside + b" /Length 6 >>\nstream\n/X Do \nendstream"
    yield Bad("form-itself.pdf", of(itself, resources=b"/XObject << /X 5 0 R >>", content=b"/X Do"), "either")
    two = itself.replace(b"/X 5 0 R", b"/X 6 0 R")
    yield Bad(
        "form-circle.pdf", of(two, itself, resources=b"/XObject << /X 5 0 R >>", content=b"/X Do"), "either"
    )
    tiling = b"/Type /Pattern /PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 9 9] /XStep 1 /YStep 1 /Resources << /Pattern << /P 5 0 R >> >>"
    painted = b"/Pattern cs /P scn 0 0 200 200 re f"
    yield Bad(
        "pattern-itself.pdf",
        of(stream(painted, tiling), resources=b"/Pattern << /P 5 0 R >>", content=painted),
        "either",
    )
    glyph = b"<< /Type /Font /Subtype /Type3 /FontBBox [0 0 9 9] /FontMatrix [1 0 0 1 0 0] /CharProcs << /a 6 0 R >> /FirstChar 97 /LastChar 97 /Widths [9] /Encoding << /Differences [97 /a] >> /Resources << /Font << /F 5 0 R >> >> >>"
    written_in = b"BT /F 9 Tf (a) Tj ET"
    yield Bad(
        "glyph-itself.pdf",
        of(glyph, stream(written_in), resources=b"/Font << /F 5 0 R >>", content=written_in),
        "either",
    )
    for what, text in {
        "unbalanced": b"Q " * 50_000, "saved": b"q " * 200_000, "operands": b"9 " * 100_000 + b"re", "marked": b"/A BMC " * 50_000, "text": b"BT " * 50_000,
        "inline": b"BI /W 100000 /H 100000 /BPC 8 /CS /RGB ID " + bytes(64) + b" EI", "matrix": b"1e30 0 0 1e30 0 0 cm " * 500 + DRAWN, "dash": b"[0 0] 0 d 0 0 m 99 99 l S",
        "noise": zlib.compress(bytes(5000)) * 20, "array": b"[" * 100_000,
    }.items():  # fmt: skip
        yield Bad(f"content-{what}.pdf", of(content=text), "either")
    yield Bad("nested-arrays.pdf", of(b"[" * 50_000 + b"]" * 50_000), "either")
    yield Bad("nested-dictionaries.pdf", of(b"<< /A " * 20_000 + b"1" + b" >>" * 20_000), "either")
    yield Bad("open-array.pdf", of(b"[" * 100_000), "either")
    yield Bad("parent-itself.pdf", of(page=b"/Parent 3 0 R"), "either")
    yield Bad("contents-itself.pdf", of(b"[5 0 R]", page=b"/Contents 5 0 R"), "either")
    for what, filter_ in (
        ("jbig2", b"/JBIG2Decode"),
        ("jpx", b"/JPXDecode"),
        ("fax", b"/CCITTFaxDecode"),
        ("lzw", b"/LZWDecode"),
        ("crypt", b"/Crypt"),
        ("dct", b"/DCTDecode"),
    ):
        image = b"/Type /XObject /Subtype /Image /Width 60000 /Height 60000 /BitsPerComponent 8 /ColorSpace /DeviceRGB /Filter "
        data = jpeg() if what == "dct" else zlib.compress(bytes(999)) * 9
        yield Bad(
            f"image-{what}.pdf",
            of(
                stream(data, image + filter_),
                resources=b"/XObject << /X 5 0 R >>",
                content=b"200 0 0 200 0 0 cm /X Do",
            ),
            "either",
        )
    for what, font in (("truetype", b"/FontFile2"), ("type1", b"/FontFile"), ("cff", b"/FontFile3")):
        made = b"<< /Type /Font /Subtype /TrueType /BaseFont /A /FontDescriptor 6 0 R /FirstChar 32 /LastChar 34 /Widths [9 9 9] >>"
        described = b"<< /Type /FontDescriptor /FontName /A /Flags 4 /FontBBox [0 0 9 9] %s 7 0 R >>" % font
        data = stream(b"\0\1\0\0" + bytes(range(256)) * 8, b"/Length1 2052")
        yield Bad(
            f"font-{what}.pdf",
            of(made, described, data, resources=b"/Font << /F 5 0 R >>", content=b"BT /F 24 Tf (AB) Tj ET"),
            "either",
        )


def heavy() -> Iterator[Bad]:
    """Small files, large work: each must end by a limit, in time."""
    for count in (201, 10_000):
        kids = b" ".join(b"%d 0 R" % (5 + number) for number in range(count))
        leaves = [b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>"] * count
        pages = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, count)
        yield Bad(f"{count}-pages.pdf", of(*leaves, pages=pages), "refused", "too_many_pages")
    bomb = zlib.compress(bytes(256 << 20), 9)
    for times in (1, 2, 3):
        packed = bomb
        for _ in range(times - 1):
            packed = zlib.compress(packed, 9)
        unpack = b"/Filter [%s]" % (b"/FlateDecode " * times)
        yield Bad(f"bomb-content-{times}.pdf", of(stream(packed, unpack), page=b"/Contents 5 0 R"), "either")
    image = b"/Type /XObject /Subtype /Image /Width 20000 /Height 20000 /BitsPerComponent 8 /ColorSpace /DeviceRGB /Filter /FlateDecode"
    shown = {"resources": b"/XObject << /X 5 0 R >>", "content": b"200 0 0 200 0 0 cm /X Do"}
    yield Bad("bomb-image.pdf", of(stream(bomb, image), **shown), "either")
    yield Bad(
        "bomb-objects.pdf",
        of(stream(bomb, b"/Type /ObjStm /N 100000 /First 10 /Filter /FlateDecode")),
        "either",
    )
    yield Bad("bomb-xref.pdf", _with_xref_stream(bomb), "either")
    yield Bad("bomb-zip.pdf", archive(a=bytes(64 << 20)), "refused", "archive")
    yield Bad("too-big.pdf", pdf() + bytes(20 << 20), "refused", "too_big")
    yield Bad("too-big.exe", b"MZ" + bytes(20 << 20), "refused", "too_big")
    yield Bad("objects.pdf", of(*[b"null"] * 250_000), "refused")
    notes = b"<< /Type /Annot /Subtype /Square /Rect [0 0 200 200] /C [1 0 0] >> " * 30_000
    yield Bad("annotations.pdf", of(page=b"/Annots [%s]" % notes), "either")
    yield Bad(
        "strokes.pdf",
        of(flate(b"0 0 m 200 200 l S 0 200 m 200 0 l S " * 40_000), page=b"/Contents 5 0 R"),
        "either",
    )
    wide = {"box": b"0 0 14400 14400"}
    yield Bad(
        "shadows.pdf",
        of(flate(b"0 0 14400 14400 re f " * 100_000), page=b"/Contents 5 0 R", **wide),
        "either",
    )
    loop = b"{ " + b"{ dup mul } " * 2000 + b"}"
    function = stream(loop, b"/FunctionType 4 /Domain [0 1] /Range [0 1]")
    shading = b"<< /ShadingType 1 /ColorSpace /DeviceGray /Function 5 0 R /Domain [0 1 0 1] >>"
    yield Bad(
        "function.pdf",
        of(function, shading, resources=b"/Shading << /S 6 0 R >>", content=b"/S sh"),
        "either",
    )
    # Twelve forms, each drawing the next ten times: a million million squares.
    forms = [
        stream(
            b"/X Do " * 10,
            b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X %d 0 R >> >>"
            % (number + 1),
        )
        for number in range(5, 17)
    ]
    last = stream(DRAWN, b"/Type /XObject /Subtype /Form /BBox [0 0 99 99]")
    yield Bad(
        "laughs.pdf", of(*forms, last, resources=b"/XObject << /X 5 0 R >>", content=b"/X Do"), "either"
    )
    full = of(pages=b"<< /Type /Pages /Kids [%s] /Count 200 >>" % (b"3 0 R " * 200), box=b"0 0 595 842")
    yield Bad("200-pages.pdf", full, "either")


def _with_xref_stream(bomb: bytes) -> bytes:
    whole = pdf()
    out = whole[: whole.index(b"xref\n")]
    table = (
        b"<< /Type /XRef /W [4 4 4] /Size 20000000 /Root 1 0 R /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream"
        % (len(bomb), bomb)
    )
    return out + b"9 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n" % (table, len(out))
