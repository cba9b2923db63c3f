"""Is it alive, is it ready, how is it doing."""

from collections.abc import Callable

from starlette.testclient import TestClient


def test_it_is_alive(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}


def test_someone_signs_in(
    client: TestClient, house: object, sign_in: Callable[[TestClient, str], str]
) -> None:
    assert len(sign_in(client, "registrar.ln0102")) > 20
