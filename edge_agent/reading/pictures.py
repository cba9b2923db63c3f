"""Picture files as gray arrays, with the size checked before any pixel is unpacked."""

import warnings
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

#: What phones and scanners write. Anything else is refused by its content, whatever its name says.
FORMATS = ("PNG", "JPEG", "BMP", "WEBP")
#: Pixels; a few kilobytes of PNG can claim 10^9 of them. 80 million is more than any hall camera or scanner gives.
MOST_PIXELS = 80_000_000
#: Longest side that is kept, in pixels: a code that fills a tenth of it still has 6 pixels per module.
LONGEST = 4096


class Unreadable(Exception):
    """The file is no picture that can be taken. `key` names the sentence, `values` fill it."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key)
        self.key = key
        self.values = values


def gray(path: Path) -> NDArray[np.uint8]:
    """Return the picture at `path` as height x width, 8 bits, on white where it is transparent; raise `Unreadable`."""
    if path.exists() and not path.is_file():  # a folder, or a pipe that would be waited for
        raise Unreadable("reading.unopenable")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path, formats=FORMATS) as picture:
                return _pixels(picture)
    except Unreadable:
        raise
    except FileNotFoundError:
        raise Unreadable("reading.missing") from None
    except (IsADirectoryError, PermissionError):
        raise Unreadable("reading.unopenable") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_large() from None
    except Exception:  # noqa: BLE001 - on damaged files Pillow's readers raise nearly anything, struct.error included
        raise Unreadable("reading.no_picture", formats=", ".join(FORMATS)) from None


def _too_large() -> Unreadable:
    return Unreadable("reading.too_large", megapixels=MOST_PIXELS // 1_000_000)


def _pixels(picture: Image.Image) -> NDArray[np.uint8]:
    if picture.width * picture.height > MOST_PIXELS:
        raise _too_large()
    longest = max(picture.size)
    if longest > LONGEST:
        picture.draft("L", (LONGEST, LONGEST))  # JPEG unpacks reduced; the others ignore it
    flat = _on_white(picture)
    if max(flat.size) > LONGEST:
        flat.thumbnail((LONGEST, LONGEST), Image.Resampling.BOX)
    return np.asarray(flat, dtype=np.uint8)


def _on_white(picture: Image.Image) -> Image.Image:
    if picture.mode.startswith("I"):  # 16 bits: keep the upper eight, a plain conversion would cut at 255
        return Image.fromarray((np.asarray(picture).clip(0, 65535) >> 8).astype(np.uint8))
    if picture.has_transparency_data:
        layer = picture.convert("RGBA")
        layer.thumbnail((LONGEST, LONGEST), Image.Resampling.BOX)
        paper = Image.new("RGBA", layer.size, "white")
        return Image.alpha_composite(paper, layer).convert("L")
    return picture.convert("L")
