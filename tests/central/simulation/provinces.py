"""Small made-up provinces for tests, and a database as one compares it: without ids, salts and hashes."""

import json
import re
from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, select
from sqlmodel import Session

from central import db
from central.courts.province import Province, load_province, packaged
from central.events.journal import journaled_models
from central.events.models import Event
from central.replies import versions
from central.simulation import acting, people, plan, service
from central.simulation.plan import Plan
from central.vault.columns import opened
from central.vault.rows import vault_of
from central.wording.models import PhraseUse

LAST = date(2026, 11, 20)
PASSWORD = "a-password-of-the-tests"
_HEX = re.compile(r"^[0-9a-f]{32}$")
#: What may differ between two makings of the same plan.
APART = {"id", "salt", "key_id", "code_hash", "password_hash"}


def province() -> Province:
    """Return the shipped province."""
    return load_province(packaged("liaoning.toml"))


def small(*, seed: str = "34", courts: int = 3, total: int = 50, years: float = 1.0) -> Plan:
    """Return a small plan."""
    chosen = plan.choose(province().courts, courts)
    return plan.make(seed=seed, courts=chosen, years=years, last=LAST, total=total)


def begun(engine: Engine, made: Plan) -> None:
    """Put courts and people of a plan into a database."""
    with db.unit_of_work(engine) as s:
        service.begin(s, made=made, province=province(), password=PASSWORD, now=made.end)


def acted(engine: Engine, made: Plan) -> None:
    """Carry a plan out by the services."""
    begun(engine, made)
    with db.session(engine, writes=False) as s:
        who = people.read(s, made)
    for each in acting.happenings(made):
        with db.unit_of_work(engine) as s:
            acting.happen(s, each, who)


def rows(engine: Engine) -> dict[str, list[str]]:
    """Return every row of every journaled table of petitions, opened, as sorted texts without what may differ."""
    found = {}
    with db.session(engine, writes=False) as s:
        names = _names(s)
        for kind in journaled_models():
            if kind.__journal__[0] != "petition":
                continue
            table = kind.__table__  # type: ignore[attr-defined]
            vault = vault_of(s)
            found[table.name] = sorted(
                json.dumps(
                    _plain(_read(table.name, opened(vault, table, row)), names),
                    ensure_ascii=False,
                    sort_keys=True,
                )
                for row in s.connection().execute(select(table)).mappings()
            )
    return found


def events(engine: Engine) -> dict[str, list[Any]]:
    """Return the events of every petition in the order of its stream, by receipt number."""
    found: dict[str, list[Any]] = {}
    with db.session(engine, writes=False) as s:
        names = _names(s)
        query = select(Event).where(Event.stream.startswith("petition/")).order_by(Event.stream, Event.seq)  # type: ignore[attr-defined,arg-type]
        for event in s.execute(query).scalars():
            data = json.loads(event.data)
            found.setdefault(names[event.stream.partition("/")[2]], []).append(
                (
                    event.seq,
                    event.kind,
                    event.at.isoformat(),
                    event.recorded_at.isoformat(),
                    _shown(event.actor, names),
                    _plain(data["facts"], names),
                    _changes(data["rows"], names),
                )
            )
    return found


def _read(table: str, row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a version of a draft with its answers by number: in its text they stand by the ids of the demands."""
    if table != "draft_version":
        return row
    content = versions.unpacked(row["content"])
    return {**row, "content": [content.text, *content.items.values()]}


def phrases(engine: Engine) -> list[tuple[Any, ...]]:
    """Return how often each phrase was used, as counted: no event says so."""
    with db.session(engine, writes=False) as s:
        return [tuple(row) for row in s.execute(select(PhraseUse.key, PhraseUse.uses))]  # type: ignore[call-overload]


def _changes(changes: list[dict[str, Any]], names: Mapping[str, str]) -> list[str]:
    shown = [{"t": each["t"], "s": _plain(each.get("s", {}), names), "d": each.get("d")} for each in changes]
    return sorted(json.dumps(each, ensure_ascii=False, sort_keys=True) for each in shown)


def _plain(row: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {
        name: _shown(value, names) for name, value in row.items() if name not in APART and value is not None
    }


def _shown(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, UUID):
        value = value.hex
    text = str(value)
    if text.startswith("~"):
        return "~"
    if text.startswith("staff:"):
        return names.get(UUID(text[6:]).hex, text)
    # Ids of rows inside one petition differ from making to making; what they point to is compared as a row.
    return names.get(text, "an id") if _HEX.match(text) else text


def _names(s: Session) -> dict[str, str]:
    """Return what stands for an id in a comparison."""
    found = {}
    for table, name in (
        ("petition", "number"),
        ("staff", "username"),
        ("court", "code"),
        ("department", "code"),
    ):
        kind = next(k for k in journaled_models() if k.__tablename__ == table)
        columns = kind.__table__.c  # type: ignore[attr-defined]
        found |= {
            row[0].hex: f"{table} {row[1]}"
            for row in s.connection().execute(select(columns.id, columns[name]))
        }
    return found
