"""One picture down to its pixels: upright, on white, grey or RGB, nothing else of the file. Runs in the confined process."""

from collections.abc import Callable

from PIL import Image, ImageOps, UnidentifiedImageError

from central.documents.child import Asked, RefusedError

#: A picture larger than this many pixels is halved until it fits: a page at 400 dpi has 15 million.
MOST_KEPT = 40_000_000
_EXIF_GPS = 0x8825
#: Sizes are checked here, by the setting; Pillow's own limit would call a large scan broken.
Image.MAX_IMAGE_PIXELS = None
_SIXTEEN_BITS = 1 / 256
#: What Pillow notes of a picture that tells nothing about anybody: how it was packed.
_HARMLESS = frozenset({
    "exif", "jfif", "jfif_version", "jfif_unit", "jfif_density", "dpi", "progressive", "progression", "adobe",
    "adobe_transform", "gamma", "srgb", "chromaticity", "transparency", "interlace", "compression", "background",
    "bbox", "default_image", "loop", "duration", "blend", "disposal", "mp", "mpoffset", "resolution", "photoshop",
})  # fmt: skip


#: EXIF and TIFF tags that say who, when, with what or about what; the others say how the picture is packed and turned.
_TELLING_TAGS = frozenset(
    {270, 271, 272, 285, 305, 306, 315, 316, 700, 33432, 33723, 34377, 34665, 37510, 40965}
)


def opened(asked: Asked, formats: tuple[str, ...]) -> Image.Image:
    """Return the picture with its head read and its size checked; not one pixel is decoded yet."""
    try:
        image = Image.open(asked.source, formats=formats)
    except UnidentifiedImageError:
        raise RefusedError("damaged") from None
    check_size(image, asked)
    return image


def check_size(image: Image.Image, asked: Asked) -> None:
    """Refuse by what the head claims, before memory is asked for."""
    if image.width * image.height > asked.megapixels * 1_000_000:
        raise RefusedError("too_many_pixels", megapixels=asked.megapixels)


def flattened(image: Image.Image, *, note: Callable[[str], None]) -> Image.Image:
    """Return the pixels alone, at most `MOST_KEPT` of them; what is left behind goes to `note`."""
    if image.format == "JPEG":
        while image.width * image.height > MOST_KEPT:
            before = image.size
            image.draft(None, (image.width // 2, image.height // 2))  # decoded smaller at once: little memory
            if image.size == before:
                break
    exif = image.getexif()
    if _EXIF_GPS in exif or exif.get_ifd(_EXIF_GPS):
        note("location")
    if _TELLING_TAGS & set(exif) or _telling(image):
        note("metadata")
    image.load()
    while image.width * image.height > MOST_KEPT:
        image = image.reduce(2)
    plain = _plain(image)
    ImageOps.exif_transpose(plain, in_place=True)
    plain.info = {}
    return plain


def _telling(image: Image.Image) -> bool:
    return bool({str(name) for name in image.info} - _HARMLESS)


def _plain(image: Image.Image) -> Image.Image:
    """Return the picture as 8-bit grey or RGB; what shines through is laid on white."""
    if image.mode in {"L", "RGB"} and "transparency" not in image.info:
        return image
    if image.mode == "1":
        return _dressed(image.convert("L"), image)
    if image.mode.startswith("I;16") or image.mode == "I":
        scaled = image.convert("I").point(lambda value: value * _SIXTEEN_BITS)
        return _dressed(scaled.convert("L"), image)
    if image.mode == "F":
        return _dressed(image.convert("L"), image)
    if image.mode in {"LA", "La", "PA", "RGBA", "RGBa"} or "transparency" in image.info:
        seen = image.convert("RGBA")
        paper = Image.new("RGB", image.size, "white")
        paper.paste(seen, mask=seen.getchannel("A"))
        return _dressed(paper, image)
    return _dressed(image.convert("RGB"), image)


def _dressed(plain: Image.Image, image: Image.Image) -> Image.Image:
    """Carry over how the picture is to be turned, which a conversion may lose."""
    if "exif" in image.info:
        plain.info["exif"] = image.info["exif"]
    return plain
