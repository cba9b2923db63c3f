"""Types one payload into one input of one route, as somebody who gets through, with everything else as it should be."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any
from urllib.parse import quote
from uuid import UUID
from zlib import crc32

from httpx2 import Response
from sqlmodel import Session
from starlette.testclient import TestClient

from central import app as application
from central import db
from central.accounts import queries as accounts
from central.accounts.edge import COOKIE
from central.accounts.permissions import GIVEN
from central.actor import Actor, Role, Via
from central.casework import acts
from central.courts import queries as courts
from central.courts.models import Court
from central.petitions.models import Petition
from central.petitions.states import Act, State
from central.petitions.steps import STEPS
from central.portal import passes
from central.portal import service as portal
from tests.central.documents import corpus
from tests.central.rights.asking import _NAMES, _filled
from tests.central.rights.routes import ACTS, PUBLIC, ROWS
from tests.central.rights.site import Site
from tests.central.rights.table import Row, Verdict
from tests.central.rights.world import Person, Place
from tests.factories import petitions
from tests.factories.accounts import PASSWORD, House
from tests.factories.courts import MORNING
from tests.security.inputs import COOKIES, HEADERS, Forms, Input, declared, route_of, typed

_LETTER = {**petitions.FORM, "demands": ["答复"]}
#: What the table of rights leaves empty, because there it is enough to be refused for what was filled in.
VALID: Mapping[str, Mapping[str, Any]] = {
    "POST /register": petitions.FORM,
    "POST /api/v1/petitions": _LETTER,
    "POST /login": {"username": "registrar.ln01", "password": PASSWORD},
    "POST /reset": {"username": "registrar.ln01", "code": "1", "password": PASSWORD, "again": PASSWORD},
    "POST /staff": {"court": "辽01", "username": "new.person", "name": "新人", "roles": "handler"},
    "POST /staff/{staff_id}/roles": {"roles": "handler", "reason": "调岗"},
    "POST /staff/{staff_id}/close": {"reason": "离职"},
    "POST /staff/{staff_id}/open": {"reason": "返岗"},
    "POST /staff/{staff_id}/grants": {"court": "辽01", "role": "auditor", "reach": "alone", "reason": "检查"},
    "POST /staff/{staff_id}/grants/{grant_id}/revoke": {"reason": "期满"},
    "POST /staff/{staff_id}/sign-in/code": {"reason": "forgotten"},
    "POST /hall/appointments": {
        "appointment_id": "0193a000-0000-7000-8000-000000000001",
        "kind": "appointment",
        "day": "2026-11-24",
        "start": "09:00",
        "minutes": "30",
    },
    "POST /account/password": {"present": PASSWORD, "password": "another long password 7", "again": "x"},
}
#: No client sends an address or a header of more than 64 KiB.
LONGEST = 2_000
#: What a file is called in a form, and in the API.
FIELDS = ("files", "file")
FILES = frozenset(FIELDS)
#: A stream without an end.
LEFT_OUT = frozenset({"GET /hall/events"})


@dataclass
class Probes:
    """A site that is probed: every path, or the one in `each` of them whose turn it is, and those of `always`."""

    site: Site
    each: int = 1
    turn: int = 0
    always: frozenset[str] = frozenset()
    people: dict[str, tuple[Person, Place]] = field(default_factory=dict)
    forms: dict[str, dict[str, str]] = field(default_factory=dict)
    petition: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._prepare()
        self.passed = self._pass()
        self._read_forms()
        self.site.keep()

    def inputs(self) -> list[Input]:
        """Return every place where something can be typed."""
        found = set(declared_of(self.site)) | set(typed())
        for name, values in self.forms.items():
            found |= {Input(name, "field" if name.startswith("POST") else "query", each) for each in values}
        for name in self.rows():
            found |= {Input(name, "field", each) for each in self.rows()[name].body}
        found |= {Input("POST /api/v1/petitions/{petition_id}/documents", "field", "file")}
        pages = [name for name in self.rows() if name.startswith("POST ") and "/api/" not in name]
        found |= {Input(name, "field", "csrf") for name in pages if name not in PUBLIC}
        general = {Input(name, "header", each) for name in ("GET /track", "GET /today") for each in HEADERS}
        general |= {
            Input(name, "cookie", each)
            for name in (
                "GET /track",
                "GET /today",
                "GET /login/second",
                "GET /track/petition",
                "POST /login",
            )
            for each in COOKIES
        }
        return sorted(each for each in found | general if each.route in self.rows())

    def rows(self) -> dict[str, Row]:
        """Return the table, a row for each act among them."""
        found = {name: row for name, row in ROWS.items() if name not in LEFT_OUT} | self._acts
        return {name: row for name, row in found.items() if name in self.always or self._is_drawn(name)}

    def _is_drawn(self, name: str) -> bool:
        # By the path alone: a form goes with its page.
        return crc32(name.split(" ")[1].encode()) % self.each == self.turn

    def send(self, one: Input, value: str) -> Response:
        """Type `value` at one place and send."""
        row, (who, place) = self.rows()[one.route], self.people[one.route]
        parts = {**self.site.world.ids(place), **self.site.world.crew(), **self._petition_of(one.route)}
        method, path = one.route.split(" ")[:2]
        if one.kind in {"path", "query", "header", "cookie"}:
            value = value[:LONGEST]
        values = _filled(self._values(one.route), parts)
        request = _Request(
            path, {**parts, **row.ids}, values, row, who, self.passed if "/track/" in path else ""
        )
        return request.sent(self.site.asking.client, method, one, value)

    def _values(self, name: str) -> dict[str, Any]:
        """Return what is filled in: as the pages offer it, unless it stands in a table. Versions go by and are left out."""
        passing = {"version", "submit"}
        offered = {key: value for key, value in self.forms.get(name, {}).items() if key not in passing}
        return ({} if name in VALID else offered) | dict(self.rows()[name].body) | dict(VALID.get(name, {}))

    def _petition_of(self, name: str) -> dict[str, str]:
        return {"petition": self.petition[name]} if name in self.petition else {}

    def _prepare(self) -> None:
        """Put a petition of those who ask into the state that each act begins at."""
        self._acts: dict[str, Row] = {}
        with db.unit_of_work(self.site.context.engine) as s:
            here = courts.by_code(s, "辽01")
            crew = [_actor(s, here, role) for role in (Role.REGISTRAR, Role.HANDLER, Role.LEADER)]
            self._own = House(here, *crew)
        for act in acts.WAYS:
            for name in _names_of(act):
                self._acts[name] = ACTS.get(name) or next(iter(ACTS.values()))
        for name in self.rows():
            self.renew(name)
            self.people[name] = self._through(name)

    def renew(self, name: str) -> None:
        """Give the act of a route a fresh petition in a state it begins at."""
        act = _act_of(name)
        if act is None:
            return
        state = next(state for state, each in STEPS if each is act and state is not None)
        with db.unit_of_work(self.site.context.engine) as s:
            # Nobody transfers to themselves: that one act is refused, its fields are read all the same.
            made = petitions.at(s, self._own, State.REGISTERED if state is State.TRANSFERRED else state)
            self.petition[name] = str(made.id)

    def _through(self, name: str) -> tuple[Person, Place]:
        """Return somebody who gets through and the place of the thing they ask for."""
        row, world = self.rows()[name], self.site.world
        if (act := _act_of(name)) is not None:
            role, _ = petitions.USUAL[act]
            return world.people[role], Place.MINE
        for place, role in product((Place.MINE, Place.OWN, Place.NONE), (*GIVEN, None)):
            if row.rule(world.people[role], place, world.states.get(place)) is Verdict.ANSWERS:
                # Other things than petitions stand at the court itself.
                at_court = place is Place.MINE and "{petition_id}" not in name
                return world.people[role], Place.OWN if at_court else place
        return world.people[GIVEN[0]], Place.OWN

    def _read_forms(self) -> None:
        """Ask for every page and note the forms on it."""
        names = list(self.rows())
        for name in [each for each in names if each.startswith("GET ")]:
            kept = self.people[name]
            for role in GIVEN:
                self.people[name] = (self.site.world.people[role], kept[1])
                self._note(names, self.send(Input(name, "none", ""), ""))
            self.people[name] = kept

    def _pass(self) -> str:
        """Return the petitioner's pass to the petition of those who ask."""
        context, ident = self.site.context, UUID(self.site.world.ids(Place.MINE)["petition"])
        with context.read() as s:
            version = portal.code_version(s.get_one(Petition, ident))
        return passes.issue(context.settings.data / "keys", ident, version, now=MORNING)

    def _note(self, names: list[str], answer: Response) -> None:
        if not answer.headers.get("content-type", "").startswith("text/html"):
            return
        for form in Forms(answer.text, answer.request.url.path).found:
            name = route_of(names, form.method, form.action)
            if name:
                held = {key: value for key, value in form.values.items() if key != "csrf"}
                self.forms[name] = {**held, **self.forms.get(name, {})}


def declared_of(site: Site) -> Iterator[Input]:
    """Give the declared inputs of the application, those of acts left to the forms."""
    for each in declared(application.routes(site.context)):
        yield each
        if each.route.endswith("/acts/{act}"):
            for act in acts.WAYS:
                yield (
                    replace(each, route=each.route.replace("{act}", act))
                    if each.name == "petition_id"
                    else each
                )


@dataclass
class _Request:
    """A request as it should be; `sent` puts one payload into it."""

    path: str
    parts: Mapping[str, str]
    values: dict[str, Any]
    row: Row
    who: Person
    passed: str

    def sent(self, client: TestClient, method: str, one: Input, value: str) -> Response:
        client.cookies.clear()
        url = self._url(one.name if one.kind == "path" else "", value)
        query = [tuple(each.split("=", 1)) for each in self.row.query.split("&") if each]
        if one.kind == "query":
            query = [each for each in query if each[0] != one.name] + [(one.name, value)]
        asked: dict[str, Any] = {"params": query, "headers": self._headers(one, value)}
        if method == "POST":
            asked |= self._body(one.name if one.kind == "field" else "", value)
        return client.request(method, url, **asked)

    @property
    def _program(self) -> bool:
        return self.path.startswith("/api/")

    def _url(self, name: str, value: str) -> str:
        given = {each: self.parts.get(kind, value) for each, kind in _NAMES.items()} | {name: value}
        return re.sub(r"{(\w+)}", lambda found: quote(given.get(found[1], value), safe=""), self.path)

    def _headers(self, one: Input, value: str) -> dict[str, Any]:
        found: dict[str, Any] = {"access-reason": "other;check"} if self.path.endswith("/original") else {}
        cookies = {passes.COOKIE: self.passed, COOKIE: "" if self._program else self.who.cookie}
        if self._program:
            found["authorization"] = f"Bearer {self.who.bearer}"
        if one.kind == "header":  # no client sends a line break; a proxy would not pass it on either
            found[one.name.lower()] = re.sub("[\r\n]", "", value).encode("utf-8", "replace")
        if one.kind == "cookie":
            cookies[one.name] = quote(value, safe="<>=/")
        return found | {"cookie": "; ".join(f"{name}={held}" for name, held in cookies.items() if held)}

    def _body(self, name: str, value: str) -> dict[str, Any]:
        body = _put({} if self._program else {"csrf": self.who.csrf}, self.values, name, value)
        field_ = name if name in FILES else FIELDS[self._program] if self.row.files else ""
        if self._program and not field_:
            return {"json": body}
        sent = (field_, (value if name in FILES else "图.png", corpus.png(), "image/png"))
        return {"data": body, "files": [sent] if field_ else None}


def _put(body: dict[str, Any], values: Mapping[str, Any], name: str, value: str) -> dict[str, Any]:
    """Return the fields with one of them as typed; the fields of an act of the API are a level below."""
    found = {**body, **values}
    if not name or name in FILES:
        return found
    if "fields" in found and name not in {"act", "version", "fields"}:
        return {**found, "fields": {**found["fields"], name: value}}
    return {**found, name: value}


def _names_of(act: Act) -> Iterator[str]:
    yield f"POST /petitions/{{petition_id}}/acts/{act}"
    if act is not Act.REISSUE_CODE:
        yield f"POST /api/v1/petitions/{{petition_id}}/acts {act}"


def _act_of(name: str) -> Act | None:
    found = name.replace("/acts/", "/acts ").partition("/acts ")[2]
    return Act(found) if found in set(Act) else None


def _actor(s: Session, court: Court, role: Role) -> Actor:
    found = accounts.by_username(s, f"asks.{role}")
    assert found is not None
    return accounts.actor_of(found, court, Via.WEB)
