"""Asks one route as one person for the thing of one place, and says what the answer comes to."""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID
from zlib import crc32

from fastapi import FastAPI
from httpx2 import Response
from starlette.testclient import TestClient

from central.accounts.edge import COOKIE
from tests.central.documents import corpus
from tests.central.rights.table import Row, Verdict
from tests.central.rights.world import Person, Place, World

EVERY = bool(os.environ.get("MINYI_TEST_ROUNDS"))
_NAMES = {
    "petition_id": "petition",
    "clock_id": "clock",
    "document_id": "document",
    "letter_id": "letter",
    "letter": "letter",
    "box_id": "box",
    "call_id": "call",
    "refused_id": "refused",
    "appointment_id": "appointment",
    "import_id": "import",
    "scan_id": "factor",
    "staff_id": "staff",
    "session_id": "session",
    "factor_id": "factor",
    "login_id": "factor",
    "export_id": "factor",
    "stand_in_id": "factor",
    "dispatch_id": "factor",
    "message_id": "factor",
    "posting_id": "factor",
    "paper_id": "factor",
    "end": "end",
    "grant_id": "grant",
    "device_id": "factor",
    "form": "form",
    "order_id": "order",
    "act": "act",
    "batch_id": "factor",
    "issue_id": "factor",
    "merge_id": "factor",
    "upload_id": "factor",
    "edition_id": "factor",
    "sheet_id": "factor",
    "ask_id": "factor",
    "item_id": "factor",
    "package_id": "factor",
    "step_id": "factor",
    "instruction_id": "factor",
    "day_id": "day",
    "booking_id": "booking",
    "promise_id": "promise",
    "number": "number",
    "round_": "round_",
    "place": "place",
}
#: Headers that say when, or how long, not what.
_PASSING = {"date", "server", "content-length", "x-request-id"}


def routes_of(app: FastAPI) -> Iterator[str]:
    """Give `METHOD /path` of every route, those of included routers too."""
    for each in _flat(app.routes):
        for method in sorted((getattr(each, "methods", None) or set()) - {"HEAD", "OPTIONS"}):
            yield f"{method} {each.path}"


def _flat(found: Any) -> Iterator[Any]:
    for each in found:
        if hasattr(each, "effective_candidates"):
            yield from _flat(each.effective_candidates())
        else:
            yield each


def share(rows: Mapping[str, Row], kind: str, turn: int) -> dict[str, Row]:
    """Return the rows that the person with number `turn` asks: all on SQLite; on PostgreSQL, where the same rules meet the same
    statements, a third, so that each row is asked there by somebody and each person asks there."""
    whole = kind == "sqlite"
    return {name: row for at, (name, row) in enumerate(rows.items()) if whole or (at + turn) % 3 == 0}


def is_left_out(name: str, who: Person, place: Place) -> bool:
    """Say whether an ordinary run leaves out that a person asks for a route at a place that hides it: half of them, by their names,
    so that each place hides each route from several. With `MINYI_TEST_ROUNDS` all are asked for."""
    return place is not Place.NONE and not EVERY and bool(crc32(f"{name} {who.role} {place}".encode()) % 2)


@dataclass
class Asking:
    """A client that asks as anybody of the world."""

    client: TestClient
    world: World

    def ask(self, name: str, row: Row, who: Person, place: Place, *, parts: Mapping[str, str]) -> Response:
        """Send the request; `parts` are the ids of the things of the place."""
        method, path = name.split(" ")[:2]
        url = self._url(path, {**parts, **row.ids}) + (f"?{row.query}" if row.query else "")
        self.client.cookies.clear()
        if path.startswith("/api/"):
            return self._program(method, url, row, who, parts)
        if who.cookie:
            self.client.cookies.set(COOKIE, who.cookie)
        if method == "GET":
            return self.client.get(url)
        data = {"csrf": who.csrf, **_filled(row.body, parts)}
        files = [("files", ("图.png", corpus.png(), "image/png"))] if row.files else None
        return self.client.request(method, url, data=data, files=files)

    def _program(self, method: str, url: str, row: Row, who: Person, parts: Mapping[str, str]) -> Response:
        headers = {"Authorization": f"Bearer {who.bearer}"} if who.bearer else {}
        if url.endswith("/original"):
            headers["Access-Reason"] = "other;check"
        if method == "GET":
            return self.client.get(url, headers=headers)
        if row.files:
            file = {"file": ("图.png", corpus.png(), "image/png")}
            return self.client.post(url, headers=headers, files=file)
        return self.client.post(url, headers=headers, json=_filled(row.body, parts))

    @staticmethod
    def _url(path: str, parts: Mapping[str, str]) -> str:
        return re.sub(r"{(\w+)}", lambda found: parts[_NAMES[found[1]]], path)


def _filled(body: Any, parts: Mapping[str, str]) -> Any:
    if isinstance(body, Mapping):
        return {key: _filled(value, parts) for key, value in body.items()}
    if isinstance(body, str):
        return re.sub(r"{(\w+)}", lambda found: parts[found[1]], body)
    return body


def verdict(answer: Response) -> Verdict:
    """Return what an answer comes to; raise AssertionError for one that no rule knows."""
    to = answer.headers.get("location", "")
    if answer.status_code == 401 or (answer.status_code == 303 and to.startswith("/login?to")):
        return Verdict.SIGN_IN
    if answer.status_code == 428 or (answer.status_code == 303 and "/reason?" in to):
        return Verdict.REASON
    if answer.status_code in {403, 404}:
        return Verdict.FORBIDDEN if answer.status_code == 403 else Verdict.ABSENT
    assert answer.status_code in {200, 201, 204, 303, 400, 409, 415, 422}, (answer.status_code, answer.text)
    return Verdict.ANSWERS


def bare(answer: Response, parts: Mapping[str, str]) -> tuple[int, list[tuple[str, str]], str]:
    """Return an answer without what was asked for and when: status, headers, body."""
    headers = [(key, _without(value, parts)) for key, value in answer.headers.items() if key not in _PASSING]
    return answer.status_code, sorted(headers), _without(answer.text, parts)


def _without(text: str, parts: Mapping[str, str]) -> str:
    for value in parts.values():
        for form in {value, UUID(value).hex} if len(value) == 36 else {value}:
            text = text.replace(form, "ID")
    return text
