"""What a page with a refused form says: a sentence for each field, nothing typed lost."""

from typing import Any

from fastapi import Request
from pydantic import ValidationError

from central.desk import fields
from central.errors import Invalid
from central.web import render


def problems(request: Request, error: ValidationError | Invalid) -> dict[str, str]:
    """Return, for each field that cannot be taken, the sentence or its key; "" names the whole form."""
    if isinstance(error, Invalid):
        return {error.field: render.sentence(request, error.key, error.values)}
    return fields.problems(error)


def without_version(posted: dict[str, Any]) -> tuple[dict[str, Any], int | None]:
    """Return the fields of a form and, apart, the version of the petition that it was made for."""
    values = dict(posted)
    version = str(values.pop("version", ""))
    return values, int(version) if version.isdigit() else None
