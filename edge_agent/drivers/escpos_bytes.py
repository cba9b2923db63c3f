"""The bytes of a slip in ESC/POS, made by python-escpos. Loading it costs 20 MB, so only a box with a printer does."""

from typing import Any

from escpos.printer import Dummy  # type: ignore[import-untyped]

from edge_agent.drivers import slip_picture
from edge_agent.ports import Slip

#: ESC @: whatever was set or half sent before, begin anew.
_BEGIN = b"\x1b\x40"


def of(slip: Slip, *, width: int) -> bytes:
    """Return the bytes that print `slip` as one picture `width` dots wide and cut it off."""
    writer: Any = Dummy()
    writer.image(slip_picture.draw(slip, width=width))
    writer.cut()
    written: bytes = writer.output
    return _BEGIN + written
