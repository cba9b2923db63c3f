"""The API against its own description: whatever is sent, it answers as described and never breaks."""

from io import BytesIO
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.openapi import from_dict
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.testclient import TestClient

from tests.central.api.conftest import LETTER
from tests.central.documents import corpus

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
OPERATIONS = [
    ("POST", "/api/v1/petitions"),
    ("GET", "/api/v1/petitions"),
    ("GET", "/api/v1/petitions/{petition_id}"),
    ("GET", "/api/v1/petitions/{petition_id}/events"),
    ("POST", "/api/v1/petitions/{petition_id}/acts"),
    ("POST", "/api/v1/petitions/{petition_id}/receipt"),
    ("POST", "/api/v1/petitions/{petition_id}/documents"),
    ("GET", "/api/v1/petitions/{petition_id}/documents"),
    ("GET", "/api/v1/petitions/{petition_id}/documents/{document_id}"),
    ("GET", "/api/v1/petitions/{petition_id}/documents/{document_id}/original"),
    ("GET", "/api/v1/search"),
    ("GET", "/api/v1/categories"),
    ("GET", "/api/v1/petitions/{petition_id}/category"),
    ("POST", "/api/v1/petitions/{petition_id}/category"),
]


def described(api: TestClient) -> dict[str, Any]:
    found: dict[str, Any] = api.get("/api/v1/openapi.json").json()
    return found


def test_every_operation_is_tested_here(api: TestClient) -> None:
    paths = described(api)["paths"]
    assert {(method.upper(), path) for path in paths for method in paths[path]} == set(OPERATIONS)


def test_the_description_is_valid(api: TestClient) -> None:
    schema = from_dict(described(api))
    schema.validate()
    assert schema.specification.version.startswith("3.1")


def new_petition(api: TestClient) -> str:
    return str(api.post("/api/v1/petitions", json=LETTER).json()["petition"]["id"])


def new_document(api: TestClient) -> dict[str, Any]:
    petition_id = new_petition(api)
    files = {"file": ("a.png", BytesIO(corpus.png()))}
    added = api.post(f"/api/v1/petitions/{petition_id}/documents", files=files).json()
    return {"petition_id": petition_id, "document_id": added["id"]}


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_whatever_is_sent_the_answer_is_as_described(method: str, path: str, api: TestClient) -> None:
    operation = from_dict(described(api))[path][method]
    kept = new_document(api) if "{document_id}" in path else {}

    @settings(
        max_examples=40,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def run(case: schemathesis.Case) -> None:
        if case.path_parameters:
            case.path_parameters |= kept or {"petition_id": new_petition(api)}
        if isinstance(case.body, dict):
            case.body.pop("version", None)  # hardly ever the right one
        sent = case.as_transport_kwargs(base_url="http://testserver")
        sent["headers"]["Authorization"] = api.headers["Authorization"]
        sent.pop("cookies")
        case.validate_response(api.request(**sent), checks=CHECKS)

    run()
