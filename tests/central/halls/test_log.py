"""What happens in halls can be checked and rebuilt from the log like everything else."""

from datetime import timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlmodel import Session

from central.events.verify import verify
from central.halls import queries, service
from shared import wire
from shared.ids import new_id
from tests.central.halls.conftest import Hall
from tests.factories import halls
from tests.factories.courts import MORNING
from tests.factories.halls import receive

KEY = Ed25519PrivateKey.generate()


def test_every_row_of_a_hall_is_rebuilt_from_its_events(s: Session, hall: Hall, tmp_path: Path) -> None:
    made = service.make_appointment(
        s,
        court_id=hall.court.id,
        kind=wire.VisitKind.LEADER_RECEPTION,
        slot_start=MORNING,
        slot_end=MORNING + timedelta(minutes=20),
        key=KEY,
        by=hall.staff,
        now=MORNING,
    )
    receive(s, hall.journal.ticket(appointment_id=made.appointment.id))
    call_id = halls.raise_call(s, hall.journal)
    service.close(s, call_id=call_id, note="已帮助", by=hall.staff, now=MORNING)
    receive(s, hall.journal.answered(new_id()))
    service.treat(s, refused_id=queries.tray(s)[0].id, note="已核对", by=hall.staff, now=MORNING)
    service.revoke_box(s, box_id=hall.journal.box, by=hall.staff, now=MORNING)
    report = verify(s, public_key=None, anchor_folder=tmp_path)
    assert [each for each in report.findings if not each.stream.startswith("anchor/")] == []
    assert report.rows > 6


def test_no_event_of_a_hall_shows_a_code_or_what_was_typed(s: Session, hall: Hall) -> None:
    made = service.make_appointment(
        s,
        court_id=hall.court.id,
        kind=wire.VisitKind.APPOINTMENT,
        slot_start=MORNING,
        slot_end=MORNING + timedelta(minutes=20),
        key=KEY,
        by=hall.staff,
        now=MORNING,
    )
    call_id = halls.raise_call(s, hall.journal)
    service.close(s, call_id=call_id, note="陪同王小明就医", by=hall.staff, now=MORNING)
    text = "".join(each.data for each in queries.events_after(s, hall.court.id, 0))
    for secret in (made.short_code, made.appointment.code_hash, hall.journal.secret, "王小明"):
        assert secret not in text
