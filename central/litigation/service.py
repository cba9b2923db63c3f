"""Direct a petition to litigation with a letter that names court, form and the time that is left."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from central.actor import Actor
from central.casework import acts
from central.errors import Invalid
from central.letters import composing
from central.letters import queries as letter_queries
from central.letters import service as letters
from central.letters.kinds import LetterKind
from central.litigation import forms
from central.litigation.models import LitigationRoute
from central.litigation.rules import Procedure, Route, table
from central.petitions import queries as petitions
from central.petitions.states import Act
from shared.clock import court_day


def procedure_of(form: forms.Ask) -> Procedure:
    """Return the procedure that was chosen; raise `Invalid`."""
    found = table().get(form.procedure)
    if found is None:
        raise Invalid("litigation.no_such_procedure", field="procedure")
    return found


def send(
    s: Session,
    *,
    petition_id: UUID,
    form: forms.Send,
    route: Route,
    court: str,
    by: Actor,
    now: datetime,
    version: int | None = None,
) -> LitigationRoute:
    """Leave the petition track with the letter; its words are the notice that the petitioner reads."""
    row = LitigationRoute(
        petition_id=petition_id,
        procedure=route.procedure.key,
        table_version=table().version,
        started_on=route.started_on,
        due_on=route.due_on,
        level=route.level,
        court=court,
        words=form.remark,
        at=now,
        by_id=by.staff_id,
    )
    s.add(row)
    acts.perform(
        s,
        petition_id=petition_id,
        act=Act.TO_LITIGATION,
        values={"remark": form.remark},
        by=by,
        now=now,
        version=version,
    )
    petition = petitions.found(s, petition_id)
    about = letter_queries.about(s, petition)
    content = composing.paper(LetterKind.TO_LITIGATION, about, court_day(now), [("par", form.remark)])
    letters.write(s, petition=petition, kind=LetterKind.TO_LITIGATION, content=content, by=by, now=now)
    return row
