"""What a petitioner says when called back, and the tries that come before an excuse. Pure."""

from random import Random

from central.followup.rules import TRIES
from central.petitions.excuses import Means, Tried

#: One try after the other; each may be the one that reaches somebody after all.
WRONG = ((Means.PHONE, Tried.WRONG_NUMBER), (Means.POST, Tried.RETURNED))
NOBODY = ((Means.PHONE, Tried.NOBODY_ANSWERED),) * 3


def answer(rng: Random, *, phoned: bool) -> tuple[str, str, int]:
    """Return what is said of the answer, how it was asked, and how many calls reached nobody before it was given up."""
    said = rng.choices(("satisfied", "partly", "unsatisfied", "not_reached"), (58, 20, 13, 9))[0]
    if said != "not_reached":
        return said, "phone" if phoned else "in_person", 0
    return (said, "phone", TRIES) if phoned else ("partly", "in_person", 0)
