"""Hall box and centre as the real commands: a visit, and a kill -9 of each of them in the middle."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import PIL.Image
import PIL.ImageDraw
import PIL.ImageFont
import pypdfium2
import pytest
from sqlmodel import col, select

from central.events import log
from central.halls.models import AssistanceCall, Ticket
from central.halls.taking import label_of
from central.halls.writing import stream_of
from central.scanning import searchable
from central.scanning import service as scans
from central.scanning.models import Scan, Stage
from tests.support.hall_site import Box, HallSite
from tests.support.processes import ROOT, wait_until
from tests.support.staff_page import staff_page

#: Shipped with the product: a subset that has the signs of letters.
FONT = ROOT / "central/deadlines/data/fonts/MinyiSerif-Regular.otf"
pytestmark = pytest.mark.hall


def tickets(site: HallSite) -> dict[str, Ticket]:
    """Return the tickets the centre has, by what the slip shows; fail when two show the same."""
    with site.centre.read() as s:
        rows = s.exec(select(Ticket).order_by(col(Ticket.number))).all()
    found = {label_of(row): row for row in rows}
    assert len(found) == len(rows), "a number was taken twice"
    return found


def places(site: HallSite) -> list[int]:
    """Return the places of the events in the box's journal, in the order in which the centre took them."""
    with site.centre.read() as s:
        events = log.of_stream(s, stream_of(site.court.id))
        facts = [json.loads(event.data)["facts"] for event in events]
    return [each["seq"] for each in facts if "seq" in each]


def test_a_visit_from_the_button_to_the_answer(site: HallSite) -> None:
    number, call = site.box.take_ticket()["number"], site.box.press()
    wait_until(lambda: number in tickets(site), what="the ticket is at the centre")
    staff, token = site.centre.signed_in("hall_staff.ln0102")
    with closing(staff):
        wait_until(lambda: _call(site, call) is not None, what="the call is at the centre")
        answer = staff.post(f"/hall/calls/{call}/acknowledge", data={"csrf": token})
        assert answer.status_code == 303, answer.text
    wait_until(lambda: site.staff in site.box.page(), what="the box shows who comes")
    site.box.sign_in_counter()
    site.box.http.post(f"/counter/1/help/{call}/close", data={"note": "送轮椅"}).raise_for_status()
    wait_until(lambda: _closed_note(site, call) == "送轮椅", what="the centre knows that it is over")
    wait_until(site.quiet, what="the box has its receipts")
    assert site.box.parked == 0


def test_a_press_lights_the_open_staff_page_and_its_end_goes_there_too(site: HallSite) -> None:
    site.box.sign_in_counter()
    with staff_page(site) as page:
        call = site.box.press()
        page.wait_for("hall.assistance_raised")
        site.box.http.post(f"/counter/1/help/{call}/close", data={"note": "-"}).raise_for_status()
        page.wait_for("hall.assistance_closed")


# One pair is enough for what is read; the other is in tests/central/ingest.
@pytest.mark.parametrize("site", ["sqlite-embedded"], indirect=True)
def test_a_letter_under_the_camera_becomes_a_pdf_that_can_be_searched(site: HallSite) -> None:
    site.box.sign_in_counter()
    lay_letter(site.box.folder / "data" / "paper-camera" / "letter.png")
    wait_until(lambda: site.box.http.get("/counter/1/paper/look").json()["good"], what="the page is seen")
    site.centre.kill()  # the hall works on without a line
    for act in ("press", "finish"):
        site.box.http.post(f"/counter/1/paper/{act}").raise_for_status()
    kept = list((site.box.folder / "data" / "pages").iterdir())
    assert len(kept) == 1
    site.box.kill()
    site.box.start()
    site.centre.start()
    wait_until(lambda: scanned(site) is not None, timeout=120, what="the centre has read the letter")
    scan = scanned(site)
    assert scan is not None
    assert (scan.box_id, scan.stage, scan.letters[0]["pages"]) == (site.box.name, Stage.READ, [1])
    with site.centre.read() as s:
        page = scans.with_picture(
            scans.pages_of(scan)[0], scans.picture(s, scan, 1, site.centre.context.settings.data)
        )
    made = pypdfium2.PdfDocument(searchable.pdf([page], title="信", day=datetime.now(UTC).date()))
    assert "要求依法执行" in made[0].get_textpage().get_text_range()
    wait_until(site.quiet, what="the box has its receipts")


def lay_letter(path: Path) -> None:
    """Lay a letter on a dark desk under the box's document camera."""
    letter = PIL.Image.new("RGB", (1240, 1754), (250, 249, 244))
    pen = PIL.ImageDraw.Draw(letter)
    font = PIL.ImageFont.truetype(FONT, 44)
    for at, line in enumerate(
        (
            "信访人：张建国",
            "联系电话：13812345678",
            "请求事项：",
            "一、要求依法执行判决；",
            "二、书面答复办理情况。",
        )
    ):
        pen.text((140, 180 + at * 110), line, (20, 20, 20), font)
    desk = PIL.Image.new("RGB", (1800, 2200), (62, 70, 78))
    desk.paste(letter.rotate(2, expand=True, fillcolor=(62, 70, 78)), (250, 180))
    path.parent.mkdir(parents=True, exist_ok=True)
    desk.save(path.with_suffix(".part"), "PNG")
    path.with_suffix(".part").rename(path)


def scanned(site: HallSite) -> Scan | None:
    """Return the scan of the box's pages once it is read."""
    with site.centre.read() as s:
        return s.exec(select(Scan).where(col(Scan.stage).in_([Stage.READ, Stage.FAILED]))).first()


def _call(site: HallSite, call: str) -> AssistanceCall | None:
    with site.centre.read() as s:
        rows = s.exec(select(AssistanceCall)).all()
    return next((row for row in rows if str(row.id) == call), None)


def _closed_note(site: HallSite, call: str) -> str:
    row = _call(site, call)
    return row.note if row is not None and row.closed_at is not None else ""


@dataclass
class Visitors:
    """People who take one number after the other; `shown` has what each was shown, and when."""

    box: Box
    shown: dict[str, datetime] = field(default_factory=dict)
    gone: threading.Event = field(default_factory=threading.Event)

    def come(self) -> None:
        while not self.gone.is_set():
            try:
                number = self.box.take_ticket()["number"]
            except httpx2.TransportError:
                continue  # the box is down: this visitor was shown nothing
            self.shown[number] = datetime.now(UTC)

    def more(self, n: int) -> None:
        """Wait until `n` more people have their number."""
        so_far = len(self.shown)
        wait_until(lambda: len(self.shown) >= so_far + n, timeout=60, what=f"{n} more visitors")


@contextmanager
def visitors(box: Box) -> Iterator[Visitors]:
    """Let people come, one after the other, as long as the block lasts."""
    people = Visitors(box)
    thread = threading.Thread(target=people.come)
    thread.start()
    try:
        yield people
    finally:
        people.gone.set()
        thread.join(30)


def nothing_lost_nothing_twice(site: HallSite, people: Visitors) -> None:
    wait_until(site.quiet, timeout=90, what="the centre has everything")
    known = tickets(site)
    assert set(people.shown) <= set(known)
    order = places(site)
    assert order == list(range(1, len(order) + 1))
    assert site.box.parked == 0


def test_killing_the_centre_loses_nothing_and_doubles_nothing(site: HallSite) -> None:
    with visitors(site.box) as people:
        for _ in range(2):
            people.more(15)
            site.centre.kill()
            went, before = datetime.now(UTC), set(people.shown)
            people.more(15)
            cut_off = set(people.shown) - before
            came_back = datetime.now(UTC)
            site.centre.start()
        people.more(5)
    nothing_lost_nothing_twice(site, people)
    known = tickets(site)
    # One visitor may have been at the touch page at the moment of the kill.
    own_times = sorted(known[number].taken_at for number in cut_off)[1:]
    assert [at for at in own_times if not went <= at <= came_back] == []


def test_killing_the_box_loses_nothing_that_a_visitor_was_shown(site: HallSite) -> None:
    with visitors(site.box) as people:
        for _ in range(2):
            people.more(15)
            site.box.kill()
            site.box.start()
        people.more(15)
    nothing_lost_nothing_twice(site, people)


# The embedded broker goes down with the centre, above.
@pytest.mark.parametrize("site", ["postgres-mosquitto"], indirect=True)
def test_the_hall_goes_on_while_the_broker_is_away(site: HallSite) -> None:
    assert site.mosquitto is not None
    with visitors(site.box) as people:
        people.more(10)
        site.mosquitto.kill()
        people.more(20)
        site.mosquitto.start()
        people.more(5)
    nothing_lost_nothing_twice(site, people)


def test_a_revoked_box_is_off_the_line_within_seconds_and_the_hall_works_on(site: HallSite) -> None:
    first = site.box.take_ticket()["number"]
    wait_until(lambda: first in tickets(site), what="the ticket is at the centre")
    site.centre.revoke(site.box.name)
    began = time.monotonic()
    wait_until(lambda: not site.box.linked, timeout=60, what="the box is cut off")
    seconds = time.monotonic() - began
    if site.mosquitto is not None:
        site.mosquitto.reload()  # what minyi-broker.path does in production
    later = site.box.take_ticket()["number"]
    wait_until(lambda: not site.box.linked, what="it stays off the line")
    assert later not in tickets(site)
    assert site.box.waiting >= 1
    assert seconds < 60
