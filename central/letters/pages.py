"""Pages of a letter as one picture. They were set here from words; nothing that a camera saw comes this way."""

import io
from collections.abc import Sequence

from PIL import Image


def joined(pages: Sequence[bytes]) -> bytes:
    """Return pages of one size (PNG) one below the other as one PNG."""
    shown = [Image.open(io.BytesIO(each)) for each in pages]
    whole = Image.new("RGB", (shown[0].width, sum(each.height for each in shown)), "white")
    for at, each in enumerate(shown):
        whole.paste(each, (0, at * shown[0].height))
    out = io.BytesIO()
    whole.save(out, "PNG")
    return out.getvalue()
