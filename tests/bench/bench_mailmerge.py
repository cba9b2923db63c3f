"""Letters to many: `--rows` petitions, each with its own letter, drafted, approved, issued, set, signed and kept, all by the job.

Beside the bare typesetter on the words of the same letters in the same run. `--rows` is at most 1,000, as many as one text may answer.
"""

import json
import resource
import time
from datetime import timedelta
from uuid import UUID

import typst
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from central import db
from central.accounts import queries as accounts
from central.actor import Actor, Via
from central.context import Context
from central.letters import work as letters
from central.letters.kinds import content_of
from central.letters.models import Letter
from central.mailmerge import service, work
from central.mailmerge.forms import MOST, Wish, Write
from central.petitions.models import Petition
from central.petitions.states import Act, State
from central.replies.models import Outcome
from shared.clock import FixedClock
from shared.ids import new_id
from tests.bench import kept
from tests.bench.bench_letters import BARE
from tests.bench.rows import Options, Row
from tests.factories import petitions
from tests.factories.accounts import house
from tests.factories.courts import MORNING
from tests.support.site import context_on

AT_ONCE = 50
LATER = timedelta(hours=1)
WORDS = "【信访人】：您的来信（【编号】）收悉，现答复如下。"
FACTS = "关于“【诉求】”：" + "经查，案件已于2025年立案执行，存款已经扣划到账。" * 6
BASIS = "《信访工作条例》第三十二条"


def run(options: Options) -> list[Row]:
    """Return seconds of drafting and approving, letters a second from issue to files, the bare floor, peak memory."""
    count = min(options.rows, MOST)
    with kept.prepared(options, "mailmerge", lambda engine: _fill(engine, count), written=True) as found:
        engine, folder = found
        before = _mebibytes()
        context = context_on(engine, folder, FixedClock(MORNING + LATER))
        merge_id, drafting = _drafted(context)
        approving = _done(context, merge_id, Act.APPROVE, "leader.ln0102")
        _files(context)  # receipts of the filling, which are no part of this
        issuing = _done(context, merge_id, Act.ISSUE, "handler.ln0102")
        making = _files(context)
        grown = _mebibytes() - before
        with context.read() as s:
            made = s.exec(
                select(Letter).where(Letter.kind == "reply", col(Letter.file_id).is_not(None))
            ).all()
            texts = [_text(each) for each in made]
    if len(texts) != count:
        raise RuntimeError(f"{len(texts)} files of {count} letters")
    floor = _bare(texts)
    whole = issuing + making

    def rate(case: str, seconds: float) -> Row:
        return Row(
            "letters to many", case, count / seconds, "per second", seconds / floor, "bare typst", rows=count
        )

    return [
        rate("from issue to files", whole),
        rate("issued", issuing),
        rate("set, signed and kept", making),
        rate("drafted and sent to approval", drafting),
        rate("approved", approving),
        Row("letters to many", "peak memory above the fill", grown, "MiB", rows=count),
        Row("bare typst", "same text", count / floor, "per second", rows=count),
    ]


def _fill(engine: Engine, count: int) -> None:
    with db.unit_of_work(engine) as s:
        here = house(s)
    step = kept.counted("petitions", count)
    for first in range(0, count, AT_ONCE):
        with db.unit_of_work(engine) as s:
            for _ in range(first, min(first + AT_ONCE, count)):
                petitions.at(s, here, State.HANDLING)
        step(min(first + AT_ONCE, count))


def _drafted(context: Context) -> tuple[UUID, float]:
    """Write the one text and have it drafted for all; return the merge and the seconds."""
    begin = time.perf_counter()
    with db.unit_of_work(context.engine) as s:
        form = Write(
            id=new_id(),
            numbers=tuple(s.exec(select(Petition.number)).all()),
            title="供热收费答复",
            words=WORDS,
            outcome=Outcome.EXPLAIN,
            facts=FACTS,
            basis=BASIS,
        )
        merge_id = service.make(s, form=form, by=_one(s, "handler.ln0102"), now=context.clock.now()).id
    work.run(context)
    return merge_id, time.perf_counter() - begin


def _done(context: Context, merge_id: UUID, act: Act, who: str) -> float:
    begin = time.perf_counter()
    with db.unit_of_work(context.engine) as s:
        wish = Wish.model_validate({"act": act})
        service.want(s, merge_id=merge_id, wish=wish, by=_one(s, who), now=context.clock.now())
    work.run(context)
    return time.perf_counter() - begin


def _files(context: Context) -> float:
    """Let the job make files until none waits; return the seconds."""
    begin = time.perf_counter()
    while letters.run(context):
        pass
    return time.perf_counter() - begin


def _one(s: Session, username: str) -> Actor:
    found = accounts.by_username(s, username)
    if found is None:
        raise RuntimeError(f"{username} is not there")
    return accounts.actor_for(s, found, Via.WEB, on=MORNING.date())


def _text(letter: Letter) -> bytes:
    return json.dumps([each.text for each in content_of(letter.content).parts], ensure_ascii=False).encode()


def _bare(texts: list[bytes]) -> float:
    """Return the seconds of the bare typesetter for the same words, to the same standards."""
    compiler = typst.Compiler(font_paths=typst.Fonts(include_system_fonts=True, include_embedded_fonts=False))
    begin = time.perf_counter()
    for each in texts:
        compiler.compile(
            BARE, format="pdf", pdf_standards=["a-2a", "ua-1"], sys_inputs={"parts": each.decode()}
        )
    return time.perf_counter() - begin


def _mebibytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
