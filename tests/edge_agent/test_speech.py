"""What the box says aloud: only sentences of the catalogue, only numbers."""

import os
import shutil
from datetime import datetime
from pathlib import Path
from uuid import uuid4

import pytest

from edge_agent import tickets
from edge_agent.desk import Desk
from edge_agent.errors import NotThere
from edge_agent.speech import Speech, spelled
from edge_agent.web import speech
from shared.i18n import Lang
from shared.wire import Refusal, VisitKind


@pytest.fixture
def program(tmp_path: Path) -> str:
    """A voice that writes down how it was called and says what it was told."""
    path = tmp_path / "espeak-ng"
    path.write_text('#!/bin/sh\necho "$*" >>"$0.calls"\ncat\n')
    path.chmod(0o700)
    return str(path)


def test_a_sentence_is_spoken_once_and_kept(program: str) -> None:
    voice = Speech(program)
    assert [voice.say("请", Lang.ZH), voice.say("请", Lang.ZH), voice.say("Hello", Lang.EN)] == [
        "请".encode(),
        "请".encode(),
        b"Hello",
    ]
    calls = Path(f"{program}.calls").read_text().splitlines()
    assert [line.split()[1] for line in calls] == ["cmn", "en"]


def test_a_box_without_a_voice_or_with_a_broken_one_is_silent(tmp_path: Path) -> None:
    assert Speech(None).say("请", Lang.ZH) is None
    assert Speech(str(tmp_path / "none")).say("请", Lang.ZH) is None
    assert Speech.found("none").ready is False


def test_steps_and_refusals_have_words_in_both_languages_and_nothing_else_has(desk: Desk) -> None:
    for lang in Lang:
        for name in ("start", "code", "kinds", "help", "called"):
            assert speech.step(desk, name, lang)
        for why in (*Refusal, "no_roster"):
            assert speech.refused(desk, why, lang)
    with pytest.raises(NotThere):
        speech.step(desk, "张三", Lang.ZH)


def test_a_ticket_is_told_with_its_place_and_a_call_with_its_counter(desk: Desk, now: datetime) -> None:
    ticket = tickets.walk_in(desk.box, kind=VisitKind.QUERY, nonce="a", now=now)
    told = speech.ticket(desk, str(ticket.id), Lang.ZH)
    assert spelled(ticket.label) in told
    assert "下一位就是您" in told
    with pytest.raises(NotThere):
        speech.call(desk, str(ticket.id), Lang.ZH)
    tickets.call_next(desk.box, counter=3, now=now)
    assert speech.call(desk, str(ticket.id), Lang.ZH) == "请 C 0 0 1 号，到 3 号窗口"
    with pytest.raises(NotThere):
        speech.call(desk, str(uuid4()), Lang.ZH)


@pytest.mark.skipif(not os.access(shutil.which("espeak-ng") or "", os.X_OK), reason="no espeak-ng here")
def test_the_real_voice_gives_a_sound_for_chinese() -> None:
    sound = Speech.found("espeak").say("请 A 0 1 2 号，到 3 号窗口", Lang.ZH)
    assert sound is not None
    assert (sound[:4], len(sound) > 20_000) == (b"RIFF", True)
