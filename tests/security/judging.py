"""What is wrong with an answer to somebody who typed a payload."""

import io
import re
import zipfile
from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import urlsplit

from httpx2 import Response

from tests.security.payloads import INJECTED, MARK, PRODUCT

_DANGEROUS = re.compile(r"[<>\"']")
_OWN_HOSTS = {"", "testserver"}
_LINKS = {"href", "src", "action", "formaction", "data", "poster", "srcset"}
_SCHEMES = {"", "http", "https", "tel", "mailto"}


class _Page(HTMLParser):
    """Reads a page for what runs, and for what came from outside."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.wrong: list[str] = []
        self._script = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Judge an element."""
        held = {name: value or "" for name, value in attrs}
        if MARK in tag or tag in {"iframe", "object", "embed", "base", "style"}:
            self.wrong.append(f"element <{tag}>")
        if tag == "meta" and held.get("http-equiv", "").lower() == "refresh" and MARK in str(held):
            self.wrong.append("a refresh that leads away")
        if tag == "script":
            self._script = held.get("type", "") in {"", "module", "text/javascript"}
        for name, value in held.items():
            if name.startswith("on") or name == "style" or MARK in name or name == "srcdoc":
                self.wrong.append(f"attribute {name} of <{tag}>")
            if name in _LINKS and not _is_own(value):
                self.wrong.append(f"{name}={value[:80]} of <{tag}>")

    def handle_endtag(self, tag: str) -> None:
        """Leave a script."""
        if tag == "script":
            self._script = False

    def handle_data(self, data: str) -> None:
        """Judge what stands in a script."""
        if self._script and data.strip():
            self.wrong.append(f"script {data.strip()[:80]}")


def _is_own(link: str) -> bool:
    if link.startswith("data:image/"):
        return True
    try:
        at = urlsplit(re.sub(r"[\t\r\n]", "", link.strip()).replace("\\", "/"))
    except ValueError:
        return False
    return at.scheme in _SCHEMES and (at.hostname or "") in _OWN_HOSTS


def wrong(answer: Response, sent: str) -> Iterator[str]:
    """Give each thing that is wrong with an answer, whoever asked; `sent` is what was typed."""
    if answer.status_code >= 500:
        yield f"status {answer.status_code}"
    yield from _headers(answer)
    kind, text = answer.headers.get("content-type", ""), ""
    if kind.startswith(("text/", "application/json", "application/problem+json")):
        text = answer.text
    if PRODUCT in text:
        yield "a sum was worked out"
    if "root:x:0" in text:
        yield "a file of the machine"
    if kind.startswith("text/html"):
        yield from _Page(text).wrong
        if len(sent) > 3 and _DANGEROUS.search(sent) and sent in text:
            yield "not escaped"
    if kind.endswith("spreadsheetml.sheet"):
        yield from _book(answer.content)


def _headers(answer: Response) -> Iterator[str]:
    for name, value in answer.headers.multi_items():
        if name.lower().startswith(INJECTED):
            yield f"header {name}"
        if re.search(r"[\r\n\x00]", value):
            yield f"a line break in {name}"
    where = answer.headers.get("location", "/")
    if not _is_own(where) or not where.startswith(("/", "http://testserver/")):
        yield f"leads away to {where[:80]}"
    if MARK in "".join(answer.headers.get_list("set-cookie")):
        yield "a cookie with what was typed"


def _book(content: bytes) -> Iterator[str]:
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        for name in book.namelist():
            if name.startswith("xl/worksheets/") and b"<f>" in book.read(name):
                yield f"a formula in {name}"


def wrong_lines(log: str) -> Iterator[str]:
    """Give each line of the log that does not begin as lines of ours do."""
    for line in re.split(r"[\r\n]", log):
        if line and not line.startswith("{"):
            yield line[:120]
