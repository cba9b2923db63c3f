"""Is it alive, is it ready, how is it doing."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine, text
from starlette.testclient import TestClient

from central import db
from central.context import Context
from central.copies import told
from tests.support.ports import free_port
from tests.support.site import application


def test_it_is_alive_without_asking_the_database(context: Context) -> None:
    assert TestClient(application(away(context))).get("/healthz").json() == {"status": "ok"}


def test_it_is_ready(client: TestClient) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "schema": "current"})


def test_without_its_database_it_is_not_ready_and_says_so_without_addresses(context: Context) -> None:
    answer = TestClient(application(away(context))).get("/readyz")
    assert (answer.status_code, answer.json()) == (
        503,
        {"status": "unavailable", "database": "OperationalError"},
    )


def test_with_an_older_schema_it_is_not_ready(client: TestClient, fresh_engine: Engine) -> None:
    with db.session(fresh_engine) as s:
        s.connection().execute(text("UPDATE alembic_version SET version_num = '0001'"))
        s.commit()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["schema"]) == (503, "outdated")


def test_it_is_ready_while_somebody_writes(client: TestClient, fresh_engine: Engine) -> None:
    with db.session(fresh_engine) as writer:
        writer.connection()
        assert client.get("/readyz").status_code == 200


def test_requests_are_counted_by_route_never_by_address(client: TestClient) -> None:
    client.get("/track/petition/clocks/0198a1b2-0000-7000-8000-000000000000")
    figures = client.get("/metrics").text
    assert 'route="/track/petition/clocks/{clock_id}"' in figures
    assert "0198a1b2" not in figures


@pytest.mark.parametrize("method", ["BREW", "x" * 50])
def test_a_made_up_method_adds_no_series_of_its_own(method: str, client: TestClient) -> None:
    client.request(method, "/healthz")
    assert f'method="{method}"' not in client.get("/metrics").text


def test_the_figures_are_in_the_format_of_prometheus(client: TestClient) -> None:
    answer = client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert "# TYPE minyi_request_seconds histogram" in answer.text


def test_how_far_the_copies_are_behind_is_shown_and_that_there_are_none(
    client: TestClient, context: Context
) -> None:
    assert "minyi_copies_behind_seconds NaN" in client.get("/metrics").text
    told.tell(context.settings.data, context.clock.now() - timedelta(seconds=7), context.settings.data)
    assert "minyi_copies_behind_seconds 7.0" in client.get("/metrics").text


def away(context: Context) -> Context:
    """Return the context with a database that cannot be reached."""
    url = {
        "sqlite": f"sqlite:///{context.settings.data}/not/there.sqlite3",
        "postgresql": f"postgresql://minyi@127.0.0.1:{free_port()}/minyi",
    }[context.engine.dialect.name]
    return replace(context, engine=db.make_engine(url))
