"""Pages and previews as JPEG in memory: the one module of the box that packs pictures. It writes none."""

import cv2

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
