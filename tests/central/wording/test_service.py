"""Templates and phrases of a court: the nearest wins, what is hidden is not offered, phrases are counted once for each reply."""

from pathlib import Path

import pytest
from sqlmodel import Session

from central.errors import Conflict, Forbidden, Invalid, NotFound
from central.events.verify import verify
from central.petitions.states import Act, State
from central.wording import queries, service
from central.wording.forms import Write
from central.wording.shipped import Text
from tests.factories import petitions
from tests.factories.accounts import House, house
from tests.factories.courts import MORNING


def texts(s: Session, at: House) -> dict[str, Text]:
    return {each.key: each for each in queries.in_force(s, at.court.path)}


def phrase(**more: str) -> Write:
    return Write.model_validate(
        {"sort": "phrase", "title": "收悉", "words": "您的来信已经收悉并登记。", **more}
    )


def test_a_court_above_writes_for_those_below_until_they_write_their_own(s: Session) -> None:
    above, below = house(s, "辽01"), house(s, "辽0102")
    assert texts(s, above)["review"].court_id is None
    service.write(s, form=phrase(key="review", words="向市中级法院请求复查。"), by=above.leader, now=MORNING)
    assert texts(s, below)["review"].words == "向市中级法院请求复查。"
    service.write(
        s, form=phrase(key="review", words="向沈阳市中级法院请求复查。"), by=below.leader, now=MORNING
    )
    assert texts(s, below)["review"].words == "向沈阳市中级法院请求复查。"
    assert texts(s, above)["review"].words == "向市中级法院请求复查。"
    service.take_back(s, key="review", by=below.leader, now=MORNING)
    assert texts(s, below)["review"].words == "向市中级法院请求复查。"


def test_what_a_court_hides_is_gone_below_and_can_come_back(s: Session) -> None:
    above, below = house(s, "辽01"), house(s, "辽0102")
    service.hide(s, key="thanks", by=above.leader, now=MORNING)
    assert "thanks" not in texts(s, below)
    assert "thanks" in {each.key for each in queries.in_force(s, below.court.path, with_hidden=True)}
    service.take_back(s, key="thanks", by=above.leader, now=MORNING)
    assert "thanks" in texts(s, below)


def test_handlers_write_no_templates_and_mistakes_are_said(s: Session) -> None:
    here = house(s)
    with pytest.raises(Forbidden):
        service.write(s, form=phrase(), by=here.handler, now=MORNING)
    with pytest.raises(NotFound):
        service.take_back(s, key="review", by=here.leader, now=MORNING)
    with pytest.raises(Invalid, match="outcome_needed"):
        Write.model_validate({"sort": "item", "title": "无", "words": "无"})
    with pytest.raises(Conflict, match="other_sort"):
        service.write(s, form=phrase(key="support"), by=here.leader, now=MORNING)


def test_a_phrase_is_counted_once_for_each_reply_that_was_submitted(s: Session) -> None:
    here = house(s)
    path, thanks = here.court.path, texts(s, here)["thanks"].words
    petition = petitions.at(s, here, State.HANDLING)
    petitions.do(s, here, petition, Act.SAVE_DRAFT, text=f"来信收悉。{thanks}")
    assert queries.uses(s, path) == {}
    petitions.do(s, here, petition, Act.SUBMIT)
    assert queries.uses(s, path) == {"thanks": 1}
    petitions.do(s, here, petition, Act.SEND_BACK)
    petitions.do(s, here, petition, Act.SUBMIT)
    assert queries.uses(s, path) == {"thanks": 1}
    other = petitions.at(s, here, State.HANDLING)
    petitions.do(s, here, other, Act.SAVE_DRAFT, text=thanks.replace("。", "！"))
    petitions.do(s, here, other, Act.SUBMIT)
    assert queries.uses(s, path) == {"thanks": 2}
    assert queries.uses(s, "/辽/") == {"thanks": 2}


def test_a_reply_with_a_place_left_open_is_not_submitted(s: Session) -> None:
    here = house(s)
    petition = petitions.at(s, here, State.HANDLING)
    petitions.do(s, here, petition, Act.SAVE_DRAFT, text="您于【收到日期】的来信收悉。")
    with pytest.raises(Conflict, match="unfilled_text") as refused:
        petitions.do(s, here, petition, Act.SUBMIT)
    assert refused.value.values == {"left": "【收到日期】"}


def test_what_was_written_can_be_made_again_from_the_log(s: Session, tmp_path: Path) -> None:
    here = house(s)
    service.write(s, form=phrase(), by=here.leader, now=MORNING)
    service.hide(s, key="thanks", by=here.leader, now=MORNING)
    service.take_back(s, key="thanks", by=here.leader, now=MORNING)
    s.flush()
    assert verify(s, public_key=None, anchor_folder=tmp_path).findings == []
