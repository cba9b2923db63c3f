"""The file of a ledger goes after its time; what it brought in stays."""

from datetime import timedelta

import pytest
from sqlmodel import func, select

from central import db
from central.context import Context
from central.intake import forgetting, queries, work
from central.intake.models import LedgerImport, Stage
from central.petitions.models import Petition
from central.vault.errors import KeyGone
from shared.clock import FixedClock
from tests.central.intake.test_work import answered, import_, uploaded
from tests.factories.accounts import House


def test_file_key_and_remarks_go_and_the_petitions_stay(
    context: Context, house: House, clock: FixedClock
) -> None:
    import_id = uploaded(context, house, answered(2), (3, *answered(3)[1:3], "not a day", *answered(3)[4:]))
    work.resume(context)
    before = import_(context, import_id)
    path = context.settings.data / before.stored_as
    assert (before.stage, path.exists()) == (Stage.DONE, True)
    clock.at += timedelta(days=364)
    assert forgetting.run(context) == 0
    clock.at += timedelta(days=3)
    assert forgetting.run(context) == 1
    assert forgetting.run(context) == 0
    after = import_(context, import_id)
    assert not path.exists()
    assert (after.stored_as, after.taken, after.refused) == ("", before.taken, before.refused)
    with pytest.raises(KeyGone):
        context.vault.key(before.key_id)
    with context.read() as s:
        assert list(queries.refusals(s, import_id)) == []
        assert s.exec(select(func.count()).select_from(Petition)).one() == before.taken > 0


def test_one_that_was_never_started_says_so(context: Context, house: House, clock: FixedClock) -> None:
    import_id = uploaded(context, house, answered(2))
    with db.unit_of_work(context.engine) as s:
        s.get_one(LedgerImport, import_id).stage = Stage.UPLOADED
    clock.at += timedelta(days=400)
    assert forgetting.run(context) == 1
    found = import_(context, import_id)
    assert found.stage == Stage.FAILED
    assert found.problem == {"key": "intake.forgotten", "values": {}}
