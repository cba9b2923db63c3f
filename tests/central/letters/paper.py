"""Letters to try things on: a content with everything in it, and a signed file."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from central.letters import keyring, sealing, signer
from central.letters.composing import About, Answer, reply
from central.letters.kinds import Content
from central.letters.sealing import Sealed
from central.letters.setting import Marks, set_pdf

MORNING = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
DAY = date(2026, 11, 23)
ID = UUID("0193a1b2-c3d4-7e5f-8aaa-0193a1b2c3d4")
FIRST, SECOND = UUID(int=1), UUID(int=2)
MARKS = Marks(ID.hex, "https://xf.example.cn/verify", "ABCD-EF01-2345-6789")


def about(**parts: Any) -> About:
    """Return a petition with two demands."""
    given: dict[str, Any] = {
        "court": "沈阳市和平区人民法院",
        "court_above": "沈阳市中级人民法院",
        "number": "辽0102-2026-000123",
        "name": "王小明",
        "channel": "letter",
        "received_at": MORNING,
        "subject": "物业服务纠纷执行",
        "demands": [(FIRST, "尽快执行ABC公司案款"), (SECOND, "书面说明理由")],
        "review_days": "30日",
    }
    return About(**given | parts)


def answered(text: str = "经查属实。", **parts: Any) -> Content:
    """Return the reply to it."""
    answers = {
        FIRST: Answer("support", text, "《中华人民共和国民法典》第九百四十二条"),
        SECOND: Answer("not_support", "理由已经送达。", "《信访工作条例》第三十二条"),
    }
    return reply(about(**parts), DAY, text="望你理解。", answers=answers)


def signed(keys: Path, content: Content | None = None) -> Sealed:
    """Return a signed file, with the keys of a folder."""
    return sealing.sign(
        set_pdf(content or answered(), MARKS),
        letter_id=ID,
        key=keyring.current(keys),
        signer=signer.open_signer(keys, now=MORNING),
        name="沈阳市和平区人民法院",
        now=MORNING,
    )
