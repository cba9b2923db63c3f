"""What the page of a draft shows: answers with what is missing, what is offered to insert, remarks, and what another saved meanwhile."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session

from central.accounts import queries as accounts
from central.casework.filling import filling_of
from central.casework.queries import Whole
from central.drafting import differences
from central.drafting import queries as drafting
from central.drafting.differences import Change
from central.drafting.models import DraftRemark, WorkingDraft
from central.petitions.models import Demand
from central.replies import queries as replies
from central.replies import versions, wholeness
from central.replies.models import DraftVersion
from central.replies.versions import Answered, Content
from central.sorting import queries as sorting
from central.wording import placeholders, sameness
from central.wording import queries as wording
from central.wording.models import Sort
from central.wording.placeholders import Filling
from central.wording.shipped import Text


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one demand as the page shows it; `number` is the demand's."""

    demand_id: UUID
    number: int
    demand: str
    outcome: str
    facts: str
    basis: str

    @property
    def missing(self) -> tuple[str, ...]:
        """Parts that are still open."""
        return wholeness.missing(self)

    @property
    def unfilled(self) -> list[str]:
        """Places of templates that were not filled in."""
        return placeholders.unfilled(f"{self.facts}\n{self.basis}")

    def whole(self, quote: str, part: str) -> bool:
        """Say whether a passage still stands in a part."""
        return not quote or quote in " ".join(str(getattr(self, part)).split()) or part == "outcome"


@dataclass(frozen=True, slots=True)
class Beside:
    """A version that somebody saved after the one a person began from, and how theirs differs from it."""

    version: DraftVersion
    by: str
    changes: Sequence[Change]
    content: Content


@dataclass(frozen=True, slots=True)
class Desk:
    """What surrounds the words of a draft."""

    newest: int
    versions: int
    working: WorkingDraft | None
    remarks: Sequence[DraftRemark]
    beside: Beside | None
    people: Sequence[tuple[str, bool]]
    names: Mapping[UUID, str]
    texts: Sequence[Text] = ()
    uses: Mapping[str, int] = field(default_factory=dict)
    #: Keys of the templates that go with the category of the petition, or with its kind.
    fitting: frozenset[str] = frozenset()

    @property
    def phrases(self) -> list[Text]:
        """Phrases, the most used first."""
        found = [each for each in self.texts if each.sort is Sort.PHRASE]
        return sorted(found, key=lambda each: -self.uses.get(each.key, 0))

    def remarks_on(self, part: str, demand_id: UUID | None = None) -> list[DraftRemark]:
        """Return the remarks on one field."""
        return [each for each in self.remarks if (each.part, each.demand_id) == (part, demand_id)]

    @property
    def open_remarks(self) -> int:
        """How many remarks were not dealt with."""
        return sum(each.resolved_at is None for each in self.remarks)


def saved_content(found: Whole) -> Content:
    """Return the draft as it was last saved."""
    return versions.content_of(found.reply, found.items, found.demands)


def typed_content(demands: Sequence[Demand], typed: Mapping[str, Any]) -> Content:
    """Return the draft as it stands in a form."""
    items = {
        each.id: Answered(
            each.number,
            each.text,
            *(str(typed.get(f"{part}-{each.id}", "")) for part in wholeness.PARTS),
        )
        for each in demands
    }
    return Content(str(typed.get("text", "")), items)


def current(content: Content, demands: Sequence[Demand]) -> Content:
    """Return the draft with the demands as they read now; answers to demands that are gone are left out."""
    none = Answered(0, "")
    items = {
        each.id: replace(content.items.get(each.id, none), number=each.number, demand=each.text)
        for each in demands
    }
    return Content(content.text, items)


def answers_of(content: Content) -> list[Answer]:
    """Return the answers in the order of the demands."""
    return [
        Answer(key, each.number, each.demand, each.outcome, each.facts, each.basis)
        for key, each in content.items.items()
    ]


def desk(
    s: Session,
    found: Whole,
    *,
    staff_id: UUID | None,
    now: datetime,
    shown: Content | None = None,
    based_on: int | None = None,
    outcomes: Mapping[str, str],
    editable: bool,
) -> Desk:
    """Return what surrounds a draft. `shown` are the words of the page if they are not those last saved, begun from `based_on`."""
    all_ = replies.versions(s, found.reply.id) if found.reply else ()
    newest = all_[0].number if all_ else 0
    remarks = drafting.remarks(s, found.reply.id) if found.reply else ()
    people = (
        {each.by for each in all_} | {each.by for each in remarks} | {each.resolved_by for each in remarks}
    )
    known = accounts.names(s, {each for each in people if each})
    beside = None
    if shown is not None and all_ and based_on is not None and based_on < newest:
        theirs = current(versions.unpacked(all_[0].content), found.demands)
        changes = differences.of_drafts(theirs, shown, outcomes)
        beside = Beside(all_[0], known.get(all_[0].by, "") if all_[0].by else "", changes, theirs)
    texts = wording.in_force(s, found.court.path) if editable else []
    filling = filling_of(found, now)
    return Desk(
        newest=newest,
        versions=len(all_),
        working=drafting.working(s, found.petition.id, staff_id) if editable else None,
        remarks=remarks,
        beside=beside,
        people=drafting.others(s, found.petition.id, staff_id, now=now),
        names=known,
        texts=[replace(each, words=placeholders.filled(each.words, filling)) for each in texts],
        uses=wording.uses(s, found.court.path) if editable else {},
        fitting=_fitting(s, found) if editable else frozenset(),
    )


def _fitting(s: Session, found: Whole) -> frozenset[str]:
    row = sorting.of_petition(s, found.petition.id)
    category = sorting.basis(row, found.petition.kind)
    if category is None:
        return frozenset()
    learned = sorting.habits_of(s, found.court.id, category)
    return frozenset({*category.templates, *(each.key for each in learned)})


def inserted(s: Session, found: Whole, content: Content, *, key: str, target: str, now: datetime) -> Content:
    """Return the draft with a template or phrase put at the end of a field: `text`, or the id of a demand."""
    text = next((each for each in wording.in_force(s, found.court.path) if each.key == key), None)
    if text is None:
        return content
    if target == "text":
        return replace(
            content, text=_below(content.text, placeholders.filled(text.words, filling_of(found, now)))
        )
    answers = {str(each.demand_id): each for each in answers_of(content)}
    answer = answers.get(target)
    if answer is None:
        return content
    filling = filling_of(found, now, (answer.number, answer.demand))
    old = content.items[answer.demand_id]
    new = replace(
        old,
        facts=_below(old.facts, placeholders.filled(text.words, filling)),
        basis=old.basis or text.basis,
        outcome=old.outcome or text.outcome or "",
    )
    return replace(content, items={**content.items, answer.demand_id: new})


def template_only(s: Session, found: Whole, now: datetime) -> dict[str, str]:
    """Return the fields whose words are nothing but a template, by `text` or number of the demand; `whole` if all are."""
    patterns = wording.patterns(s, found.court.path)
    phrases = [each.words for each in wording.in_force(s, found.court.path) if each.sort is Sort.PHRASE]
    content = saved_content(found)
    words: dict[str, tuple[str, Filling]] = {"text": (content.text, filling_of(found, now))}
    for each in answers_of(content):
        words[str(each.number)] = (each.facts, filling_of(found, now, (each.number, each.demand)))
    titles = {
        name: sameness.template_of(text, patterns, filling, phrases)
        for name, (text, filling) in words.items()
    }
    same = {name: title for name, title in titles.items() if title is not None}
    written = {name for name, (text, _) in words.items() if text.strip()}
    if written and written <= same.keys():
        same["whole"] = ""
    return same


def _below(text: str, words: str) -> str:
    return f"{text.rstrip()}\n{words}" if text.strip() else words
