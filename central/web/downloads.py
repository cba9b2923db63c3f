"""A file as an answer: the browser saves it and runs nothing of it, whatever is in it."""

import re
from urllib.parse import quote

from fastapi.responses import Response

_PLAIN = re.compile(r"[^A-Za-z0-9._-]+")
#: What was handed in may be anything: the browser is told nothing by which it would open it.
UNKNOWN = "application/octet-stream"
HEADERS = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


def attachment(content: bytes, name: str, media_type: str) -> Response:
    """Return `content` to be saved as `name`, in any script (RFC 6266); old programs read the plain name."""
    stem, dot, suffix = name.rpartition(".")
    plain = (_PLAIN.sub("_", stem).strip("_.") or "file") + dot + _PLAIN.sub("", suffix)
    disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    headers = {**HEADERS, "Content-Disposition": disposition}
    return Response(content, media_type=media_type, headers=headers)
