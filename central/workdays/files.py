"""A notice from a file: TOML and JSON of one shape, CSV of days, or the plain text of the notice itself. Pure."""

import csv
import io
import json
import re
import tomllib
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from central.deadlines.calendar import Status
from central.fields import day_of, normal_digits
from central.workdays.notices import LONGEST, Notice, Problem, Span, Worked, read_notice

#: Bytes of a file; a year has 366 days.
MOST_BYTES = 256 * 2**10
KINDS = ("csv", "toml", "json", "txt")
_MOST_LINES = 400
_HEADS = {"day": "day", "date": "day", "日期": "day", "kind": "kind", "type": "kind", "类型": "kind"}
_HEADS |= {
    "安排": "kind",
    "name": "name",
    "holiday": "name",
    "名称": "name",
    "节日": "name",
    "节假日": "name",
}
_SAYS = {"off": False, "holiday": False, "放假": False, "休": False, "休息": False, "0": False}
_SAYS |= {"worked": True, "workday": True, "上班": True, "班": True, "补班": True, "1": True}
_Name = Annotated[str, Field(max_length=40)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Off(_Part):
    name: _Name = ""
    first: date
    last: date


class _Work(_Part):
    name: _Name = ""
    day: date


class Sheet(_Part):
    """The shape of a TOML or JSON file; also what a page carries from the preview to saving."""

    year: int
    status: Status | None = None
    title: Annotated[str, Field(max_length=200)] = ""
    reference: Annotated[str, Field(max_length=60)] = ""
    issued_on: date | None = None
    off: Annotated[tuple[_Off, ...], Field(max_length=400)] = ()
    worked: Annotated[tuple[date | _Work, ...], Field(max_length=400)] = ()

    def notice(self) -> Notice:
        """Return it as what was read of a text is."""
        worked = [each if isinstance(each, _Work) else _Work(day=each) for each in self.worked]
        return Notice(
            year=self.year,
            title=self.title,
            reference=self.reference,
            issued_on=self.issued_on,
            off=[Span(each.name, each.first, each.last) for each in self.off],
            worked=[Worked(each.name, each.day) for each in worked],
        )


def read_file(
    content: bytes, kind: Literal["csv", "toml", "json", "txt"], year: int | None
) -> tuple[Notice, Status | None]:
    """Return what a file says, and the status it names; what is wrong stands in the notice's problems."""
    if len(content) > MOST_BYTES:
        return _wrong(year, "too_long", most=LONGEST), None
    text = _decoded(content)
    if text is None:
        return _wrong(year, "no_text"), None
    if kind == "txt":
        return read_notice(text, year), None
    if kind == "csv":
        return _csv(text, year), None
    return _structured(text, kind, year)


def _decoded(content: bytes) -> str | None:
    # The encodings in which such files come from Chinese office programs.
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _structured(text: str, kind: str, year: int | None) -> tuple[Notice, Status | None]:
    try:
        values: Any = tomllib.loads(text) if kind == "toml" else json.loads(text)
        # From text, so that a day in quotes is a day in both.
        sheet = Sheet.model_validate_json(json.dumps(values, default=str))
    except (tomllib.TOMLDecodeError, json.JSONDecodeError, RecursionError) as error:
        return _wrong(year, "unreadable", kind=kind.upper(), reason=str(error)[:120]), None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"] if part not in {"date", "_Work"})
        return _wrong(year, "wrong_place", place=place or "-", reason=first["msg"][:120]), None
    notice = sheet.notice()
    if year is not None and year != sheet.year:
        notice.problems.append(Problem("other_year", {"said": sheet.year, "year": year}))
    return notice, sheet.status


def _csv(text: str, year: int | None) -> Notice:
    rows = [[normal_digits(cell) for cell in row] for row in csv.reader(io.StringIO(text, newline=""))]
    rows = [row for row in rows if any(row)]
    if not rows:
        return _wrong(year, "empty")
    if len(rows) > _MOST_LINES:
        return _wrong(year, "many_lines", most=_MOST_LINES)
    heads = [_HEADS.get(cell.lower(), "") for cell in rows[0]]
    if "day" not in heads or "kind" not in heads:
        return _wrong(year, "csv_heads")
    found = Notice(year=year)
    for number, row in enumerate(rows[1:], start=2):
        cells = dict(zip(heads, row, strict=False))
        day, says = _day(cells.get("day", "")), _SAYS.get(cells.get("kind", "").lower())
        if day is None or says is None:
            key = "no_such_day" if day is None else "csv_kind"
            values = {"day": cells.get("day", ""), "kind": cells.get("kind", ""), "line": number}
            found.problems.append(Problem(key, values))
        elif says:
            found.worked.append(Worked(cells.get("name", "")[:40], day))
        else:
            found.off.append(Span(cells.get("name", "")[:40], day, day))
    found.off = _joined(found.off)
    if found.year is None and found.off:
        found.year = found.off[-1].last.year
    return found


def _day(text: str) -> date | None:
    """Return a day as ISO writes it or as spreadsheets do: 2027/1/2."""
    parts = re.fullmatch(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", text)
    return day_of("-".join(part.zfill(2) for part in parts.groups())) if parts else None


def _joined(spans: list[Span]) -> list[Span]:
    """Return days in a row of one name as one span."""
    found: list[Span] = []
    for span in sorted(spans, key=lambda each: each.first):
        last = found[-1] if found else None
        if last and last.name == span.name and (span.first - last.last).days == 1:
            found[-1] = Span(last.name, last.first, span.last)
        else:
            found.append(span)
    return found


def _wrong(year: int | None, key: str, **values: object) -> Notice:
    return Notice(year=year, problems=[Problem(key, values)])
