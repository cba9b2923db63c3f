"""Let the demonstration propose: learn the made-up texts once, after its pages are served, then sort its petitions beside the proposals."""

import tomllib
from pathlib import Path

import structlog
from sqlmodel import Session

from central import db
from central.accounts import queries as accounts
from central.actor import Actor, Role, Via, system
from central.context import Context
from central.courts import queries as courts
from central.demo.deciding import examples
from central.petitions import queries as petitions
from central.sorting import held, proposing, queries, service, versions
from central.sorting.forms import Choose
from central.sorting.scheme import current
from central.suggestions import learning
from shared.ids import new_id

LOG = structlog.get_logger()


def begin(context: Context) -> None:
    """Learn and sort, on the first start alone; a failure leaves the demonstration without proposals, which its pages say."""
    with context.read() as s:
        if queries.versions(s, limit=1):
            return
    try:
        _learn(context)
        with db.unit_of_work(context.engine) as s:
            _sort(s, context)
    except Exception:
        LOG.exception("the demonstration proposes nothing")


def _learn(context: Context) -> None:
    rows = list(examples())
    labels = [current().categories[code].label for _, code in rows]
    packed = learning.fit([text for text, _ in rows], labels, seed=1, fewest=2)
    model_id = new_id()
    held.keep(context.vault, context.settings.data, model_id, packed)
    with db.unit_of_work(context.engine) as s:
        versions.keep(
            s,
            model_id=model_id,
            decisions=len(rows),
            labels=len(set(labels)),
            figures={},
            kept_out=None,
            by=system(Via.COMMAND),
            now=context.clock.now(),
        )


def _sort(s: Session, context: Context) -> None:
    """Choose the category of the petitions that have one in the story; those that wait at the desk are left for the visitor."""
    story = tomllib.loads(Path(__file__).with_name("petitions.toml").read_text("utf-8"))["petition"]
    wanted = {each["subject"]: each["category"] for each in story if "category" in each}
    settings, now = context.settings, context.clock.now()
    ways = service.Ways(settings.data, settings.sorting.least)
    for code in sorted({each["court"] for each in story}):
        by = _registrar(s, code)
        listed = petitions.newest(s, actor=by, filter_=petitions.Filter())
        ids = [(each.id, each.subject) for each in listed if each.subject in wanted]
        s.expunge_all()  # a list holds no texts
        for petition_id, subject in ids:
            petition = petitions.get(s, petition_id, actor=by)
            if petition.court_id == by.court_id:
                text = proposing.text_of(petition.subject, petition.text)
                said = proposing.category(s, text, data=ways.data, least=ways.least, words=False)
                form = Choose(category=wanted[subject], category_seen=(said and said.code) or "")
                service.choose(s, petition_id=petition.id, form=form, by=by, now=now, ways=ways)


def _registrar(s: Session, code: str) -> Actor:
    court = courts.by_code(s, code)
    return accounts.actor_of(accounts.with_role(s, court.id, Role.REGISTRAR)[0], court, Via.WEB)
