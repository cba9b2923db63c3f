"""`minyi scan`: letters on paper read from pictures and PDFs, with what is proposed of each, and a searchable PDF/A."""

import json as jsonlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from central.commands.common import Data, Json, complain, is_terminal, refusals, say, settings
from central.courts.province import load_province, packaged
from central.errors import MinyiError
from central.scanning import letters, reading, searchable
from central.scanning.letters import Letter
from central.scanning.reading import ReadPage
from central.scanning.splitting import SplitBy
from shared.clock import SystemClock, court_day


def scan(
    files: Annotated[
        list[Path], typer.Argument(help="Pictures (JPEG, PNG, TIFF) and PDFs, in the order of the pages.")
    ],
    pdf: Annotated[
        Path | None, typer.Option("--pdf", help="Write the pages as a searchable PDF/A to this file.")
    ] = None,
    split: Annotated[
        SplitBy, typer.Option("--split", help="What parts letters: cover sheets, blank pages, or what fits.")
    ] = SplitBy.AUTO,
    data: Data = None,
    *,
    json: Json = False,
) -> None:
    """Read letters on paper: lines with their places, letters of a batch apart, fields proposed. Nothing is stored."""
    chosen = settings(data)
    lang = chosen.language
    pages: list[ReadPage] = []
    sources: dict[int, str] = {}
    with refusals(lang):
        for file in files:
            if not file.is_file():
                complain("scanning.file.missing", lang, path=file)
            with _named(file):
                came = reading.read_file(
                    file,
                    chosen.documents,
                    first=len(pages) + 1,
                    progress=reading.silent if json else _progress,
                )
            sources |= {page.number: str(file) for page in came}
            pages += came
    found = letters.of_pages(pages, split=split, courts=known_courts())
    if pdf is not None:
        _write(pdf, pages, lang)
    if json:
        typer.echo(jsonlib.dumps(told(pages, sources, found), ensure_ascii=False))
        return
    for letter in found:
        _print(letter, lang)
    if not found:
        say("scanning.command.nothing", lang)


@contextmanager
def _named(file: Path) -> Iterator[None]:
    """Say which of the files it was before the refusal says why."""
    try:
        yield
    except MinyiError:
        typer.echo(f"{file}: ", nl=False, err=True)
        raise


def known_courts() -> tuple[str, ...]:
    """Return the names of the courts that are shipped."""
    return tuple(court.name for court in load_province(packaged("liaoning.toml")).courts)


def _write(path: Path, pages: list[ReadPage], lang: str) -> None:
    day = court_day(SystemClock().now())
    made = searchable.pdf(pages, title=path.stem, day=day, lang=lang[:2])
    try:
        path.write_bytes(made)
    except OSError as error:
        complain("scanning.command.not_written", lang, path=path, reason=error.strerror or "")


def _progress(done: int, total: int) -> None:
    if is_terminal():
        typer.echo(f"\r{done} / {total} ", nl=done >= total, err=True)


def told(pages: list[ReadPage], sources: dict[int, str], found: list[Letter]) -> dict[str, Any]:
    """Return what was read as plain data; boxes are left, top, right, bottom in pixels of the straightened page."""
    return {
        "pages": [
            {
                "page": page.number,
                "file": sources[page.number],
                "width": page.width,
                "height": page.height,
                "blank": page.blank,
                "cover": letters.cover_of(page),
                "warnings": list(page.warnings),
                "corners": page.corners,
                "slant": page.slant,
            }
            for page in pages
        ],
        "letters": [_letter(letter) for letter in found],
    }


def _letter(letter: Letter) -> dict[str, Any]:
    return {
        "letter": letter.number,
        "cover": letter.cover,
        "pages": list(letter.pages),
        "text": letter.text,
        "unread": len(letter.unread),
        "lines": [
            {
                "page": line.page,
                "text": line.text,
                "confidence": line.confidence,
                "box": [line.box.left, line.box.top, line.box.right, line.box.bottom],
                "read": line.is_read,
                "missed_at_first": line.found,
            }
            for line in letter.lines
        ],
        "fields": [
            {
                "name": field.name,
                "value": field.value,
                "confidence": field.confidence,
                "valid": field.valid,
                "page": field.page,
                "box": [field.box.left, field.box.top, field.box.right, field.box.bottom],
            }
            for field in letter.fields
        ],
    }


def _print(letter: Letter, lang: str) -> None:
    pages = ", ".join(str(number) for number in letter.pages)
    say("scanning.command.letter", lang, number=letter.number, pages=pages, cover=letter.cover or "-")
    for field in letter.fields:
        say(f"scanning.field.{field.name}", lang)
        percent = round(field.confidence * 100)
        say("scanning.command.value", lang, value=field.value, percent=percent, page=field.page)
        if not field.valid:
            say("scanning.invalid", lang)
    typer.echo("")
    typer.echo(letter.text)
    if letter.unread:
        say("scanning.unread", lang, count=len(letter.unread))
    typer.echo("")
