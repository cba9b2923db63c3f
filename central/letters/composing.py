"""What each kind of letter says, put together from facts. Pure; the order of a reply follows Regulation art. 32."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from central.letters.kinds import Content, Enclosed, LetterKind, Part
from central.letters.wording import day_words, ordinal, words
from shared.clock import COURT_ZONE, court_day


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one demand."""

    outcome: str
    facts: str
    basis: str


@dataclass(frozen=True, slots=True)
class About:
    """What letters need to know of a petition."""

    court: str
    court_above: str
    number: str
    name: str
    channel: str
    received_at: datetime
    subject: str
    demands: Sequence[tuple[UUID, str]]
    files: int = 0
    #: Running period of the court and its last day, as far as known.
    due: Mapping[str, date] = field(default_factory=dict)
    review_days: str = ""


def receipt(about: About, day: date) -> Content:
    """Return the receipt: what came in, when, under which number, and what happens next."""
    rows = [
        (words("print.receipt.number"), about.number),
        (words("print.receipt.received"), _moment(about.received_at)),
        (words("print.receipt.subject"), about.subject),
        (words("print.receipt.demands"), "\n".join(_numbered(about.demands))),
        *(
            [(words("print.receipt.files"), words("print.receipt.file_count", count=about.files))]
            if about.files
            else []
        ),
    ]
    due = about.due.get("procedural_reply")
    after = words("print.receipt.next", day=day_words(due)) if due else words("print.receipt.next_plain")
    parts = (
        Part("par", words("print.receipt.text", **_came(about))),
        Part("pairs", rows=tuple(rows)),
        Part("par", after),
    )
    return _content(LetterKind.RECEIPT, about, parts, day, compact=True)


def notice(kind: LetterKind, about: About, day: date, *, said: str = "") -> Content:
    """Return the notice of an act: taken up, refused, sent to a court procedure, or how it stands."""
    parts = [Part("par", words(f"print.notice.{kind}", number=about.number, **_came(about)))]
    if said.strip():
        lead = (
            words("print.notice.reasons") if kind in {LetterKind.DECLINED, LetterKind.TO_LITIGATION} else ""
        )
        parts += _paragraphs(lead + said.strip())
    due = about.due.get("answer_class6") or about.due.get("answer")
    if kind is LetterKind.ACCEPTED and due:
        parts.append(Part("par", words("print.notice.accepted_until", day=day_words(due))))
    return _content(kind, about, (*parts, Part("par", words("print.notice.end"))), day)


def reply(
    about: About,
    day: date,
    *,
    text: str,
    answers: Mapping[UUID, Answer],
    attachments: Sequence[Enclosed] = (),
    number: str = "",
) -> Content:
    """Return the opinion on a petition: how it opens, demands, facts and grounds, opinion, legal basis, and the way to a review."""
    parts = _paragraphs(text.strip() or words("print.reply.intro", number=about.number, **_came(about)))
    parts.append(Part("head", words("print.reply.demands")))
    parts += [Part("par", line) for line in _numbered(about.demands)]
    parts.append(Part("head", words("print.reply.facts")))
    for at, (demand_id, _) in enumerate(about.demands, 1):
        title = (
            words("print.reply.on_only")
            if len(about.demands) == 1
            else words("print.reply.on_demand", at=ordinal(at), number=ordinal(at))
        )
        parts += [Part("subhead", title), *_answer(answers.get(demand_id))]
    parts.append(Part("head", words("print.reply.rights_title")))
    above = about.court_above or words("print.reply.above")
    parts.append(Part("par", words("print.reply.rights", days=about.review_days, court=above)))
    return _content(LetterKind.REPLY, about, tuple(parts), day, attachments=tuple(attachments), number=number)


def paper(kind: LetterKind, about: About, day: date, parts: Sequence[tuple[str, str]]) -> Content:
    """Return a letter whose words another domain wrote: pairs of `head` or `par` and text; lines of a text become paragraphs."""
    found = list[Part]()
    for part, text in parts:
        found += [Part("head", text)] if part == "head" else _paragraphs(text)
    return _content(kind, about, tuple(found), day)


def number_of_reply(number: str, round_: int) -> str:
    """Return the number a reply bears: the petition's; from the second round on with the round."""
    return number if round_ == 1 else f"{number}-{round_}"


def _answer(given: Answer | None) -> list[Part]:
    if given is None:
        return []
    found = _paragraphs(words("print.reply.fact", text=given.facts.strip())) if given.facts.strip() else []
    if given.outcome:
        found.append(Part("par", words("print.reply.outcome", text=words(f"print.outcome.{given.outcome}"))))
    if given.basis.strip():
        found += _paragraphs(words("print.reply.basis", text=given.basis.strip()))
    return found


def _content(
    kind: LetterKind,
    about: About,
    parts: tuple[Part, ...],
    day: date,
    *,
    attachments: tuple[Enclosed, ...] = (),
    number: str = "",
    compact: bool = False,
) -> Content:
    title = words(f"kind.{kind}")
    return Content(
        kind=kind,
        sender=about.court,
        number=number or about.number,
        title=title,
        to=words("print.to", name=about.name or words("print.anonymous")),
        parts=parts,
        day=day,
        attachments=attachments,
        compact=compact,
        labels={
            "description": words("print.description", sender=about.court, title=title),
            "date": day_words(day),
            "attachments": words("print.attachments"),
            "enclosed": words("print.enclosed"),
            "seal": words("print.seal"),
            "qr_alt": words("print.qr_alt"),
            "qr_words": words("print.qr_words"),
            "lang": "zh",
            "region": "cn",
        },
    )


def _came(about: About) -> dict[str, str]:
    return {"day": day_words(court_day(about.received_at)), "by": words(f"print.by.{about.channel}")}


def _moment(at: datetime) -> str:
    return f"{day_words(court_day(at))} {at.astimezone(COURT_ZONE):%H:%M}"


def _numbered(demands: Sequence[tuple[UUID, str]]) -> list[str]:
    if len(demands) == 1:
        return [demands[0][1]]
    return [f"{at}. {text}" for at, (_, text) in enumerate(demands, 1)]


def _paragraphs(text: str) -> list[Part]:
    """Return the lines of a text as paragraphs; signs that print nothing are left out."""
    lines = (
        line if line.isprintable() else "".join(each for each in line if each == "\t" or each.isprintable())
        for line in text.splitlines()
    )
    return [Part("par", line.replace("\t", " ").strip()) for line in lines if line.strip()]
