"""Steps of a plan have days that somebody typed: they stay, and are named where a day is a rest day now."""

from uuid import UUID

from sqlmodel import Session, col

from central.packaged.models import CasePackage, PackageStep, StepState
from central.supervision.recounting import Dated, not_erased


def _courts(s: Session, row: PackageStep) -> tuple[UUID, ...]:
    return (s.get_one(CasePackage, row.package_id).court_id,)


STEPS = Dated(
    "package_step",
    PackageStep,
    runs=(col(PackageStep.state) == StepState.OPEN) & not_erased(col(PackageStep.petition_id)),
    courts=_courts,
)
