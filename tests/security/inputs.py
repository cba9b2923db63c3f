"""Where something can be typed: every parameter, field and header of every route, found in the application itself."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from fastapi import FastAPI

from central.accounts import forms as account_forms
from central.api import schemas as api_schemas
from central.asks import forms as ask_forms
from central.casework import acts
from central.halls import forms as hall_forms
from central.petitions import forms as petition_forms
from central.petitions.states import Act
from tests.central.rights.asking import _flat

#: Sent with every request; what a browser or a proxy would say, somebody can make up.
HEADERS = ("user-agent", "accept-language", "referer", "x-forwarded-for", "x-forwarded-host", "accept")
COOKIES = ("minyi_session", "minyi_track", "minyi_device", "minyi_sso", "lang", "size")
#: Fields that handlers validate themselves, so that no signature names them.
TYPED: Mapping[str, type[Any]] = {
    "POST /register": petition_forms.Register,
    "POST /api/v1/petitions": api_schemas.Register,
    "POST /staff": account_forms.NewAccount,
    "POST /staff/{staff_id}/roles": account_forms.HomeRoles,
    "POST /staff/{staff_id}/close": account_forms.Because,
    "POST /staff/{staff_id}/open": account_forms.Because,
    "POST /staff/{staff_id}/grants": account_forms.NewGrant,
    "POST /staff/{staff_id}/grants/{grant_id}/revoke": account_forms.Because,
    "POST /hall/calls/{call_id}/close": hall_forms.Noted,
    "POST /hall/tray/{refused_id}/treat": hall_forms.Noted,
    "POST /hall/appointments": hall_forms.NewAppointment,
    "POST /track/petition/supplement": ask_forms.Supplement,
    "POST /track/petition/objection": ask_forms.Objection,
    "POST /track/petition/withdraw": ask_forms.Sent,
    "POST /track/petition/erasure": ask_forms.Sent,
    "POST /track/petition/contact": petition_forms.ChangeContact,
    "POST /petitions/{petition_id}/asks/{ask_id}/seen": ask_forms.Seen,
    "POST /petitions/{petition_id}/asks/{ask_id}/answer": ask_forms.Answer,
}
#: Of a form that holds another one.
_AGAIN = ("form", "number", "code", "id", "words", "about", "phone", "tell_by")


@dataclass(frozen=True, slots=True, order=True)
class Input:
    """One place: `kind` is path, query, field, header or cookie."""

    route: str
    kind: str
    name: str


def declared(app: FastAPI) -> Iterator[Input]:
    """Give what the signatures of the routes name."""
    for route in _flat(app.routes):
        found = getattr(route, "dependant", None)
        for method in sorted((getattr(route, "methods", None) or set()) - {"HEAD", "OPTIONS"}):
            if found is not None:
                yield from _of(f"{method} {route.path}", found)


def _of(name: str, dependant: Any) -> Iterator[Input]:
    kinds = {"path": "path", "query": "query", "header": "header", "cookie": "cookie", "body": "field"}
    for kind, called in kinds.items():
        for each in getattr(dependant, f"{kind}_params"):
            yield Input(name, called, each.alias)
    for below in dependant.dependencies:
        yield from _of(name, below)


def typed() -> Iterator[Input]:
    """Give the fields of the forms that handlers validate themselves, those of the acts too."""
    for name, form in TYPED.items():
        yield from (Input(name, "field", each) for each in form.model_fields)
    yield from (Input("POST /track/again", "field", each) for each in _AGAIN)
    for act, way in acts.WAYS.items():
        for each in ("version", *way.form.model_fields):
            yield Input(f"POST /petitions/{{petition_id}}/acts/{act}", "field", each)
            if act is not Act.REISSUE_CODE:
                yield Input(f"POST /api/v1/petitions/{{petition_id}}/acts {act}", "field", each)


@dataclass
class Form:
    """A form of a page, with what its fields hold."""

    action: str
    method: str
    values: dict[str, str] = field(default_factory=dict)


class Forms(HTMLParser):
    """Reads the forms of a page."""

    def __init__(self, page: str, path: str) -> None:
        super().__init__()
        self.found: list[Form] = []
        self._path, self._select, self._area = path, "", ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a form or a field."""
        held = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append(Form(held.get("action") or self._path, held.get("method", "get").upper()))
        if not self.found:
            return
        values, name = self.found[-1].values, held.get("name", "")
        if tag in {"input", "button", "textarea"} and name:
            values.setdefault(name, held.get("value", ""))
            self._area = name if tag == "textarea" else ""
        if tag == "select":
            self._select = name
            values.setdefault(name, "")
        if tag == "option" and self._select and (not values[self._select] or "selected" in held):
            values[self._select] = held.get("value", "")

    def handle_data(self, data: str) -> None:
        """Note what stands in a text area."""
        if self._area:
            self.found[-1].values[self._area] = data.strip()
            self._area = ""

    def handle_endtag(self, tag: str) -> None:
        """Leave a list of choices."""
        if tag == "select":
            self._select = ""
        if tag == "textarea":
            self._area = ""


def route_of(names: list[str], method: str, path: str) -> str:
    """Return the route of the table to which a form is sent, empty for none."""
    bare = path.partition("?")[0].partition("#")[0]
    for name in sorted(names, key=lambda each: each.count("{")):
        wanted, _, pattern = name.partition(" ")
        if wanted == method and re.fullmatch(re.sub(r"{\w+}", "[^/]+", pattern), bare):
            return name
    return ""
