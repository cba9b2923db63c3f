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
    return [
        of_group(number, tuple(first + each - 1 for each in group.pages), group.cover, pages, courts=courts)
        for number, group in enumerate(groups, start=1)
    ]


def of_group(
    number: int,
    numbers: tuple[int, ...],
    cover: str,
    pages: Sequence[ReadPage],
    *,
    courts: Sequence[str] = (),
) -> Letter:
    """Return one letter made of some of the pages."""
    lines = lines_of(pages, numbers)
    texts = [text_of_page(page) for page in pages if page.number in numbers]
    found = fields.propose([line for line in lines if line.is_read], courts=courts)
    return Letter(number, numbers, cover, tuple(lines), "\n".join(filter(None, texts)), tuple(found))


def text_of_page(page: ReadPage) -> str:
    """Return the text of a page as one would key it."""
    return text_of(page.lines)


def cover_of(page: ReadPage) -> str:
    """Return the code of a cover sheet, '' for any other page."""
    return splitting.cover_code(page.seen)
