"""Every table of the centre, imported in one place so that migrations and `verify` see all of them."""

from central.access import models as access
from central.accounts import models as accounts
from central.approvals import models as approvals
from central.asks import models as asks
from central.barrier import models as barrier
from central.batches import models as batches
from central.cases import models as cases
from central.courts import models as courts
from central.custody import models as custody
from central.deadlines import models as deadlines
from central.delivery import models as delivery
from central.documents import models as documents
from central.drafting import models as drafting
from central.events import models as events
from central.exports import models as exports
from central.fleet import models as fleet
from central.followup import models as followup
from central.halls import drill_models, push_models
from central.halls import models as halls
from central.hot import models as hot
from central.instructions import models as instructions
from central.intake import models as intake
from central.keeping import models as keeping
from central.letters import models as letters
from central.litigation import models as litigation
from central.mailmerge import models as mailmerge
from central.matters import models as matters
from central.messages import models as messages
from central.neglect import models as neglect
from central.notifications import models as notifications
from central.packaged import models as packaged
from central.petitions import models as petitions
from central.petitions import tallies
from central.reception import models as reception
from central.replies import models as replies
from central.reviews import models as reviews
from central.scanning import models as scanning
from central.simulation import models as simulation
from central.sorting import models as sorting
from central.submitting import models as submitting
from central.supervision import models as supervision
from central.wording import models as wording
from central.workdays import models as workdays

ALL = (
    events,
    courts,
    accounts,
    access,
    barrier,
    deadlines,
    cases,
    petitions,
    tallies,
    documents,
    replies,
    litigation,
    letters,
    followup,
    reviews,
    drill_models,
    push_models,
    halls,
    fleet,
    intake,
    exports,
    keeping,
    mailmerge,
    matters,
    hot,
    messages,
    neglect,
    notifications,
    simulation,
    sorting,
    supervision,
    workdays,
    reception,
    packaged,
    instructions,
    batches,
    asks,
    wording,
    approvals,
    drafting,
    delivery,
    custody,
    submitting,
    scanning,
)
