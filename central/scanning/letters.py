"""Pages into letters with their text and what is proposed of each. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from central.scanning import fields, splitting
from central.scanning.fields import Field
from central.scanning.lines import Line, text_of
from central.scanning.reading import ReadPage, lines_of
from central.scanning.splitting import SplitBy


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter of a batch: its pages, lines, text, and proposals."""

    number: int
    pages: tuple[int, ...]
    cover: str
    lines: tuple[Line, ...]
    text: str
    fields: tuple[Field, ...]

    @property
    def unread(self) -> list[Line]:
        """Return the lines that the machine could not read, handwriting above all."""
        return [line for line in self.lines if not line.is_read]


def of_pages(pages: Sequence[ReadPage], *, split: SplitBy, courts: Sequence[str] = ()) -> list[Letter]:
    """Return the letters of a batch."""
    groups = splitting.split([page.seen for page in pages], split)
    first = pages[0].number if pages else 1
    made = []
    for number, group in enumerate(groups, start=1):
        numbers = tuple(first + each - 1 for each in group.pages)
        lines = lines_of(pages, numbers)
        texts = [text_of([line for line in lines if line.page == page]) for page in numbers]
        found = fields.propose([line for line in lines if line.is_read], courts=courts)
        made.append(
            Letter(number, numbers, group.cover, tuple(lines), "\n".join(filter(None, texts)), tuple(found))
        )
    return made


def cover_of(page: ReadPage) -> str:
    """Return the code of a cover sheet, '' for any other page."""
    return splitting.cover_code(page.seen)
