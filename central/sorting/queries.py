"""Reading what petitions were sorted as, and the versions of what was learned."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, func, tuple_
from sqlalchemy import select as core_select
from sqlmodel import Session, col, select

from central.actor import Actor
from central.courts import queries as courts
from central.courts.models import Court
from central.deadlines.kinds import PetitionKind
from central.petitions.models import Petition
from central.petitions.queries import ROW, visible_to
from central.sorting.competence import Known
from central.sorting.habits import Habit, Tally, habits
from central.sorting.models import PetitionCategory, SortingModel, TemplateUse
from central.sorting.quality import Counted
from central.sorting.scheme import Category, current, named
from central.wording import queries as wording
from central.wording.shipped import Text

#: Petitions on a page behind a number.
PAGE = 50


def of_petition(s: Session, petition_id: UUID) -> PetitionCategory | None:
    """Return what a petition was sorted as, None if nobody chose."""
    return s.get(PetitionCategory, petition_id)


def category_of(row: PetitionCategory | None) -> Category | None:
    """Return the chosen category, as its scheme named it."""
    return named(row.code, row.scheme) if row else None


def in_force(s: Session) -> SortingModel | None:
    """Return the version that proposes, None while nothing was learned or what was is not good enough."""
    query = select(SortingModel).where(
        col(SortingModel.in_force_since).is_not(None), col(SortingModel.in_force_until).is_(None)
    )
    return s.exec(query).first()


def versions(s: Session, *, limit: int = 50) -> Sequence[SortingModel]:
    """Return the versions, newest first."""
    return s.exec(select(SortingModel).order_by(col(SortingModel.number).desc()).limit(limit)).all()


def known_courts(s: Session) -> list[Known]:
    """Return all courts as the rules of competence read them."""
    return [Known(each.code, each.name, each.name_en, each.path) for each in courts.listed(s)]


def templates(
    s: Session, path: str, category: Category, learned: Sequence[Habit] = ()
) -> tuple[list[tuple[Habit, Text]], list[Text]]:
    """Return the templates of the court at `path` that answers were written from, and the others that the category names."""
    found = {each.key: each for each in wording.in_force(s, path)}
    used = [(habit, found[habit.key]) for habit in learned if habit.key in found]
    known = {habit.key for habit, _ in used}
    return used, [found[key] for key in category.templates if key in found and key not in known]


def habits_of(s: Session, court_id: UUID, category: Category) -> list[Habit]:
    """Return from which templates answers of a category were mostly written, at the court or in the province: one statement over counts."""
    own = (col(TemplateUse.court_id) == court_id).label("own")
    parts = (own, col(TemplateUse.outcome), col(TemplateUse.key))
    # Figures alone compare alike in every collation.
    end = f"{int(category.code) + 1:0{len(category.code)}}"
    query = (
        core_select(*parts, func.sum(col(TemplateUse.uses)))
        .where(col(TemplateUse.category) >= category.code, col(TemplateUse.category) < end)
        .group_by(*parts)
    )
    return habits(Tally(bool(own_), outcome, key, int(uses)) for own_, outcome, key, uses in s.execute(query))


def basis(row: PetitionCategory | None, kind: str) -> Category | None:
    """Return the category from which rule set and templates follow: the chosen one, else the first of the petition's kind."""
    return category_of(row) or of_kind(kind)


def of_kind(kind: str) -> Category | None:
    """Return the first category of a kind of petition, None for the general kind, which says nothing, and one that none has."""
    found = (each for each in current().categories.values() if each.kind == kind)
    return None if kind == PetitionKind.GENERAL else next(found, None)


@dataclass(frozen=True, slots=True)
class Behind:
    """Which choices stand behind a number: months (`2026-11`), a court, what became of the proposal, categories."""

    since: str
    until: str
    court: str = ""
    what: str = ""
    chosen: str = ""
    #: A category of the first level that was proposed, `none` for silence.
    proposed: str = ""


def counted(s: Session, *, actor: Actor, since: str, until: str, court: str = "") -> list[Counted]:
    """Return the choices of some months that the actor may see, counted: one statement."""
    asked = col(PetitionCategory.model_id).is_not(None)
    parts = (col(PetitionCategory.month), col(PetitionCategory.code), col(PetitionCategory.proposed), asked)
    query = (
        core_select(*parts, func.count())
        .join(Petition, col(Petition.id) == col(PetitionCategory.petition_id))
        .where(visible_to(actor), *_within(Behind(since, until, court)))
        .group_by(*parts)
    )
    return [
        Counted(month, code, proposed or "", bool(asked_), many)
        for month, code, proposed, asked_, many in s.execute(query)
    ]


def behind(
    s: Session, which: Behind, *, actor: Actor, after: tuple[str, UUID] | None = None
) -> Sequence[tuple[PetitionCategory, Petition]]:
    """Return the choices behind a number with their petitions, newest first, a page of them; `after` is month and petition of the last."""
    query = (
        select(PetitionCategory, Petition)
        .join(Petition, col(Petition.id) == col(PetitionCategory.petition_id))
        .options(*ROW)
        .where(visible_to(actor), *_within(which))
        .order_by(col(PetitionCategory.month).desc(), col(PetitionCategory.petition_id).desc())
        .limit(PAGE)
    )
    if after is not None:
        query = query.where(
            tuple_(col(PetitionCategory.month), col(PetitionCategory.petition_id)) < tuple_(*after)
        )
    return s.exec(query).all()


def _within(which: Behind) -> list[ColumnElement[bool]]:
    row = PetitionCategory
    found: list[ColumnElement[bool]] = [col(row.month) >= which.since, col(row.month) <= which.until]
    if which.court:
        place = select(Court.id).where(Court.code == which.court).scalar_subquery()
        found.append(col(Petition.court_id) == place)
    asked, proposed = col(row.model_id).is_not(None), col(row.proposed)
    right = col(row.code).startswith(proposed)
    match which.what:
        case "asked":
            found.append(asked)
        case "proposed":
            found.append(proposed.is_not(None))
        case "silent":
            found += [asked, proposed.is_(None)]
        case "taken":
            found += [proposed.is_not(None), right]
        case "changed":
            found += [proposed.is_not(None), ~right]
    if which.chosen:
        found.append(col(row.code).startswith(which.chosen))
    if which.proposed:
        none = proposed.is_(None)
        found += [asked, none if which.proposed == "none" else proposed.startswith(which.proposed)]
    return found
