"""The document camera at a counter as a browser meets it: signed in and over https, a press a page, a second look where one is due."""

import re
import threading
from collections.abc import Iterator

import cv2
import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from starlette.testclient import TestClient

from edge_agent.desk import Desk
from edge_agent.paper.desk import PaperDesk
from edge_agent.ports import Frame
from edge_agent.web.app import build
from tests.edge_agent.conftest import PIN
from tests.edge_agent.paper.sheets import Picture, on_desk, sheet

HERE = "/counter/1/paper"
LARGE = f"{HERE}/pages/01978a3c-0000-7000-8000-000000000001/large.jpg"
JSON = {"accept": "application/json"}


class Under:
    """Shows what is laid under it."""

    def __init__(self, laid: list[Picture]) -> None:
        self._laid = laid
        self._closing = threading.Event()

    def frames(self) -> Iterator[Frame]:
        while not self._closing.wait(0.05):
            yield Frame(self._laid[-1])

    def close(self) -> None:
        self._closing.set()


@pytest.fixture
def laid() -> list[Picture]:
    return [on_desk(sheet())]


@pytest.fixture
def web(desk: Desk, laid: list[Picture]) -> Iterator[TestClient]:
    desk.box.store.centre_key = X25519PrivateKey.generate().public_key()
    desk.paper = PaperDesk(desk.box, lambda: Under(laid))
    with TestClient(
        build(desk), base_url="https://127.0.0.1:8081", headers=JSON, follow_redirects=False
    ) as client:
        yield client
    desk.paper.stop()


@pytest.mark.parametrize("path", [HERE, f"{HERE}/look", f"{HERE}/frame.jpg", f"{HERE}/pressed.jpg", LARGE])
def test_letters_are_shown_to_signed_in_staff_over_https_alone(web: TestClient, path: str) -> None:
    assert web.get(path).status_code == 401
    web.post("/counter/sign-in", data={"pin": PIN, "by": "Li"})
    with TestClient(
        web.app, base_url="http://127.0.0.1:8081", headers=JSON, cookies=dict(web.cookies)
    ) as open_line:
        answer = open_line.get(path)
    assert (answer.status_code, answer.json()["error"]) == (403, "paper.https_only")
    assert web.post(f"{HERE}/press", headers={"cookie": ""}).status_code == 401


def test_pages_are_pressed_looked_at_and_sent(web: TestClient, desk: Desk, laid: list[Picture]) -> None:
    web.post("/counter/sign-in", data={"pin": PIN, "by": "Li"})
    told = web.get(f"{HERE}/look").json()
    assert (told["good"], len(told["corners"])) == (True, 4)
    assert web.get(f"{HERE}/frame.jpg").content[:2] == b"\xff\xd8"
    html = web.post(f"{HERE}/press").json()["html"]
    assert html.count("/remove") == 1
    laid.append(on_desk(sheet(2), blur=4.0))
    settled(desk)
    html = web.post(f"{HERE}/press").json()["html"]
    assert "字迹模糊" in html
    assert html.count("/remove") == 1  # it waits for a second look
    assert web.get(f"{HERE}/pressed.jpg").status_code == 200
    html = web.post(f"{HERE}/keep").json()["html"]
    assert html.count("/remove") == 2
    first = re.findall(r'data-large="([^"?]+)', html)[0]
    upright = width(web.get(first).content)
    assert upright > 800  # to be read
    web.post(first.replace("/large.jpg", "/turn")).raise_for_status()
    assert width(web.get(first).content) > upright  # as it will be sent
    assert "大图只在内存里" not in web.get(first.removesuffix(".jpg"), headers={"accept": "text/html"}).text
    desk.paper = PaperDesk(desk.box, lambda: Under(laid))  # as after a restart
    assert width(web.get(first).content) < 400
    assert "大图只在内存里" in web.get(first.removesuffix(".jpg"), headers={"accept": "text/html"}).text
    assert desk.outbox.counts().waiting == 0
    web.post(f"{HERE}/finish").raise_for_status()
    assert desk.outbox.counts().waiting == 1
    assert web.get(first).status_code == 404
    assert web.post(f"{HERE}/finish").json()["error"] == "paper.nothing_kept"
    assert "English" in web.get(HERE, headers={"accept": "text/html"}).text


def width(jpeg: bytes) -> int:
    picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_UNCHANGED)
    return int(picture.shape[1])


def settled(desk: Desk) -> None:
    """Wait until the camera shows what was laid last."""
    assert desk.paper is not None
    before = desk.paper.preview().number
    while desk.paper.preview().number <= before + 1:
        pass


def test_the_box_without_a_document_camera_says_so(desk: Desk) -> None:
    with TestClient(build(desk), base_url="https://127.0.0.1:8081", headers=JSON) as web:
        web.post("/counter/sign-in", data={"pin": PIN, "by": "Li"})
        assert web.get(f"{HERE}/look").json()["error"] == "paper.no_camera"
