"""Make a JPEG or PNG anew from its pixels. A program of its own, see `child`."""

from PIL import Image, JpegImagePlugin, MpoImagePlugin, PngImagePlugin

from central.documents import flattening
from central.documents.child import Asked, run

#: Loaded before the walls go up.
_READERS = (JpegImagePlugin, MpoImagePlugin, PngImagePlugin)
_QUALITY = 90
_FORMATS = {"jpeg": ("JPEG", "MPO"), "png": ("PNG",)}


def make(asked: Asked) -> int:
    """Write the first picture of the file as a new one of the same kind."""
    image = flattening.opened(asked, _FORMATS[asked.kind])
    if getattr(image, "n_frames", 1) > 1:
        asked.note("frames")
    plain = flattening.flattened(image, note=asked.note)
    if _has_more(asked):
        asked.note("trailing")
    if asked.kind == "png":
        plain.save(asked.target, "PNG")
    else:
        plain.save(asked.target, "JPEG", quality=_QUALITY, optimize=False)
    return 1


def _has_more(asked: Asked) -> bool:
    """Say whether something stands behind the end of the picture: half of a file that is two at once."""
    asked.source.seek(0)
    content = asked.source.read()
    if asked.kind == "png":
        return not content.endswith(b"IEND\xaeB`\x82")
    return not content.rstrip(b"\x00\xff\r\n").endswith(b"\xd9")


if __name__ == "__main__":
    Image.preinit()
    run(make)
