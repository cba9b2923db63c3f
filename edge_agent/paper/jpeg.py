"""Pages and previews as JPEG in memory: the one module of the box that packs pictures. It writes none."""

import cv2
import numpy as np

from shared.pages.outline import Picture

#: Quality of a page as it is kept, and of what is looked at and dropped.
PAGE, PREVIEW = 85, 70


def packed(picture: Picture, quality: int) -> bytes:
    """Return a picture as JPEG."""
    done, made = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        msg = "a picture cannot be packed"
        raise ValueError(msg)
    return bytes(made)


def turned(packed_picture: bytes, quarters: int) -> bytes:
    """Return a JPEG of this module turned by quarters with the clock."""
    picture = cv2.imdecode(np.frombuffer(packed_picture, np.uint8), cv2.IMREAD_UNCHANGED)
    if picture is None or quarters % 4 == 0:
        return packed_picture
    return packed(np.ascontiguousarray(np.rot90(picture, -quarters)), PREVIEW)
