"""Write one text for many petitions, and want an act done with all of them; the job does it, petition by petition (`work`)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from central.accounts.permissions import Right, may
from central.actor import Actor
from central.casework import queries as casework
from central.casework.filling import filling_of
from central.casework.queries import Whole
from central.errors import Conflict, Forbidden, Invalid
from central.mailmerge import queries
from central.mailmerge.forms import Wish, Write
from central.mailmerge.models import MailMerge, MailMergeItem
from central.mailmerge.queries import One
from central.mailmerge.rules import Why, why
from central.petitions import queries as petitions
from central.petitions.models import Petition
from central.petitions.states import Act, State
from central.wording import queries as wording
from central.wording import sameness
from central.wording.models import Sort
from central.wording.placeholders import as_written, filled, unfilled

#: In the order in which a letter goes through them; sending back may come between.
ACTS = (Act.SUBMIT, Act.APPROVE, Act.SEND_BACK, Act.ISSUE)


@dataclass(frozen=True, slots=True)
class Listed:
    """What came of typed numbers, each petition once, in their order. `left_out`: those not the actor's to draft now, with why."""

    ready: Sequence[Petition]
    left_out: Sequence[tuple[Petition, Why]]
    unknown: Sequence[str]
    twice: Sequence[str]


@dataclass(frozen=True, slots=True)
class Letter:
    """The words of one petition's letter: opening, and number, words, facts and basis of each answer."""

    whole: Whole
    text: str
    answers: Sequence[tuple[int, str, str, str]]

    @property
    def unfilled(self) -> list[str]:
        """Places that nothing is known for in this petition."""
        return unfilled("\n".join((self.text, *(f"{facts}\n{basis}" for _, _, facts, basis in self.answers))))


def listed(s: Session, typed: Sequence[str], by: Actor) -> Listed:
    """Look at typed receipt numbers. What the actor may not see is not found, like what does not exist."""
    found = petitions.visible_numbers(s, typed, actor=by)
    rows = petitions.of_ids(s, set(found.values()), actor=by)
    named = [rows[found[each]] for each in typed if each in found]
    each_once = list({each.id: each for each in named}.values())
    often = Counter(each.id for each in named)
    return Listed(
        ready=[each for each in each_once if queries.takes(each, Act.SAVE_DRAFT, by)],
        left_out=[
            (each, why(State(each.state)))
            for each in each_once
            if not queries.takes(each, Act.SAVE_DRAFT, by)
        ],
        unknown=list(dict.fromkeys(each for each in typed if each not in found)),
        twice=[each.number for each in each_once if often[each.id] > 1],
    )


def template_only(s: Session, row: MailMerge, path: str) -> dict[str, str]:
    """Return the parts of the common text that are nothing but a template, with its title; `whole` if all are.

    As on a single petition's page (`central.desk.drafts`), with the placeholders not filled: each stands for its own name.
    """
    texts = {"words": row.words, "facts": row.facts}
    patterns = wording.patterns(s, path)
    phrases = [each.words for each in wording.in_force(s, path) if each.sort is Sort.PHRASE]
    titles = {
        part: sameness.template_of(text, patterns, as_written(text), phrases) for part, text in texts.items()
    }
    same = {part: title for part, title in titles.items() if title is not None}
    if {part for part, text in texts.items() if text.strip()} <= same.keys():
        same["whole"] = ""
    return same


def written(s: Session, petition: Petition, form: Write | MailMerge, *, by: Actor, now: datetime) -> Letter:
    """Return one petition's letter as it would be, placeholders filled from it."""
    whole = casework.whole(s, petition.id, actor=by)
    general = filling_of(whole, now)
    answers = []
    for demand in whole.demands:
        own = filling_of(whole, now, (demand.number, demand.text))
        answers.append((demand.number, demand.text, filled(form.facts, own), filled(form.basis, own)))
    return Letter(whole, filled(form.words, general), answers)


def make(s: Session, *, form: Write, by: Actor, now: datetime) -> MailMerge:
    """Keep the text and its petitions, and have them drafted and sent to approval. Sent twice, it is one.

    Only petitions that are the actor's to answer now come into it. Raise `Forbidden`, and `Invalid` where there is none, or a number
    was not found that the form does not name as seen (`without`).
    """
    if not may(by, Right.MERGE_LETTERS) or by.staff_id is None or by.court_id is None:
        raise Forbidden("mailmerge.not_yours")
    there = s.get(MailMerge, form.id)
    if there is not None:
        if there.made_by != by.staff_id:
            raise Conflict("mailmerge.taken")
        return there
    found = listed(s, form.numbers, by)
    if unseen := [each for each in found.unknown if each not in form.without]:
        raise Invalid("mailmerge.unknown", field="numbers", numbers="、".join(unseen[:10]))
    if not found.ready:
        raise Invalid("mailmerge.none_yours", field="numbers")
    row = MailMerge(
        id=form.id,
        court_id=by.court_id,
        made_by=by.staff_id,
        made_at=now,
        title=form.title,
        words=form.words,
        outcome=form.outcome,
        facts=form.facts,
        basis=form.basis,
        total=len(found.ready),
    )
    s.add(row)
    s.flush()  # its petitions refer to it
    s.add_all(
        MailMergeItem(merge_id=row.id, place=place, petition_id=each.id)
        for place, each in enumerate(found.ready, 1)
    )
    _begin(row, Act.SUBMIT, "", by, now)
    return row


def want(s: Session, *, merge_id: UUID, wish: Wish, by: Actor, now: datetime) -> MailMerge:
    """Have an act done with every letter of which it is the next step and the actor's; raise `Conflict` while another runs."""
    row = queries.get(s, merge_id, actor=by, for_update=True)
    if row.act is not None:
        raise Conflict("mailmerge.runs")
    act = Act(wish.act)
    if act is Act.SEND_BACK and len(wish.remark) < 2:
        raise Invalid("mailmerge.say_why", field="remark")
    if not waiting(queries.items(s, row.id, by), by)[act]:
        raise Conflict("mailmerge.nothing")
    _begin(row, act, wish.remark, by, now)
    return row


def _begin(row: MailMerge, act: Act, remark: str, by: Actor, now: datetime) -> None:
    row.run, row.act, row.by, row.remark = row.run + 1, act, by.staff_id, remark or None
    row.began_at, row.stopped_at = now, None


def stop(s: Session, *, merge_id: UUID, by: Actor, now: datetime) -> None:
    """Let the act rest after the petition it is at; what was done stays done."""
    row = queries.get(s, merge_id, actor=by, for_update=True)
    if row.act is not None and row.stopped_at is None:
        row.stopped_at = now


def go_on(s: Session, *, merge_id: UUID, by: Actor) -> None:
    """Go on where the act was stopped. Only who wanted it may: it is done in their name."""
    row = queries.get(s, merge_id, actor=by, for_update=True)
    if row.by != by.staff_id:
        raise Forbidden("mailmerge.others_act")
    row.stopped_at = None


def give_up(s: Session, *, merge_id: UUID, by: Actor) -> None:
    """End a stopped act: the petitions it did not come to stay as they are."""
    row = queries.get(s, merge_id, actor=by, for_update=True)
    if row.stopped_at is None:
        raise Conflict("mailmerge.runs")
    row.act, row.by, row.remark, row.stopped_at = None, None, None, None


def waiting(found: Sequence[One], by: Actor) -> Counter[Act]:
    """Count, for each act, the petitions with which the actor could do it now."""
    counts: Counter[Act] = Counter()
    for each in found:
        counts.update(act for act in ACTS if queries.takes(each.petition, act, by))
    return counts
