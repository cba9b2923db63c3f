"""Whether this machine can open files safely: asked by those who look after it, not by requests."""

import base64
import ctypes
from io import BytesIO

from central.documents import confine, service
from central.documents.remaking import BadDocument
from central.settings import Documents

#: One grey pixel, as a PNG.
_PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg=="
)


def problem(limits: Documents) -> str | None:
    """Return the key of the sentence with which a harmless picture is refused here, None if it is made anew."""
    try:
        service.prepare("probe.png", BytesIO(_PICTURE), limits).close()
    except BadDocument as error:
        return error.key
    return None


def shuts_off_files() -> bool:
    """Say whether the kernel keeps the opening process from all files but its libraries (Landlock)."""
    return confine.landlock_version(ctypes.CDLL(None, use_errno=True)) >= 1
