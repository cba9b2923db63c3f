"""A slip drawn as a picture: any printer prints any character, whatever fonts it has. Pure: a slip in, black and white out."""

from functools import lru_cache
from pathlib import Path

import segno
from PIL import Image, ImageDraw, ImageFont

from edge_agent.ports import Slip

#: Dots across the paper: 80 mm paper at 203 dots an inch has 576, 58 mm paper 384.
WIDE, NARROW = 576, 384
#: Where Debian's fonts-noto-cjk and its likes put a font with Chinese characters; the first that is there is taken.
FONTS = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/arphic/uming.ttc",
)
_MARGIN = 12


@lru_cache(maxsize=4)
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """The font at `size` dots; Pillow's own, without Chinese, where none is installed."""
    found = next((path for path in FONTS if Path(path).is_file()), None)
    return ImageFont.truetype(found, size) if found else ImageFont.load_default(size)


def _wrapped(text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, width: int) -> list[str]:
    """Break a line where it leaves the paper; Chinese breaks anywhere."""
    lines, line = [], ""
    for sign in text:
        if line and font.getlength(line + sign) > width:
            lines.append(line)
            line = sign.lstrip()
        else:
            line += sign
    return [*lines, line]


def draw(slip: Slip, *, width: int = WIDE) -> Image.Image:
    """Return the slip `width` dots wide: its first line large, the others below, the code under them; black on white, mode 1."""
    rows = []
    for number, line in enumerate(slip.lines):
        font = _font(width // slip.across if number == 0 else width // 18)
        rows += [(part, font) for part in _wrapped(line, font, width - 2 * _MARGIN)]
    heights = [round(1.25 * font.getbbox("国A")[3]) for _, font in rows]
    code = _code(slip.qr, width) if slip.qr else None
    height = sum(heights) + 2 * _MARGIN + (code.height + _MARGIN if code else 0)
    picture = Image.new("1", (width, height), 1)
    pen, top = ImageDraw.Draw(picture), _MARGIN
    for (text, font), high in zip(rows, heights, strict=True):
        pen.text(((width - font.getlength(text)) / 2, top), text, font=font, fill=0)
        top += high
    if code:
        picture.paste(code, ((width - code.width) // 2, top))
    return picture


def _code(text: str, width: int) -> Image.Image:
    """A code about half the paper wide, whole dots to a module, with its quiet zone."""
    made = segno.make(text, error="m", micro=False)
    bits = [list(row) for row in made.matrix_iter(border=4)]
    side = len(bits)
    small = Image.new("1", (side, side), 1)
    small.putdata([0 if bit else 1 for row in bits for bit in row])
    scale = max(2, width // 2 // side)
    return small.resize((side * scale, side * scale), Image.Resampling.NEAREST)
