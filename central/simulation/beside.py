"""What happens beside the work on a made-up petition: a receipt code is given again, an extension asked for and decided. Pure."""

from collections.abc import Iterator
from random import Random
from typing import NamedTuple

from central.actor import Role
from central.petitions.states import Act
from central.simulation.deeds import Values
from central.simulation.grammar import Grammar
from central.simulation.stages import ASKED_BEFORE, DAYS_ASKED, EXTENDED, REFUSED, REISSUED


class Beside(NamedTuple):
    """One act at a working time, by somebody in a role."""

    at: float
    act: Act
    role: Role
    values: Values


def happenings(
    rng: Random, grammar: Grammar, start: float, end: float, class6_ends: float
) -> Iterator[Beside]:
    """Yield in order what happens while a matter is handled from `start` to `end`; sixty days are over at `class6_ends` (0: none run)."""
    asked = class6_ends - rng.uniform(*ASKED_BEFORE) if class6_ends else 0.0
    decided = asked + rng.uniform(0.3, 1.8)
    extends = rng.random() < EXTENDED and start + 0.5 < asked and decided + 0.5 < end
    if rng.random() < REISSUED:
        until = asked if extends else end
        checked = rng.choice(("id_document", "call_back", "known_in_person"))
        yield Beside(
            start + 0.8 * (until - start) * rng.random(),
            Act.REISSUE_CODE,
            Role.REGISTRAR,
            {"checked": checked},
        )
    if extends:
        words = grammar.say(rng, "extension")
        days = rng.choice(DAYS_ASKED)
        yield Beside(asked, Act.ASK_EXTENSION, Role.HANDLER, {"days": days, "remark": words})
        decision = "refuse" if rng.random() < REFUSED else "grant"
        values = {"decision": decision, "days": None, "remark": words}
        yield Beside(decided, Act.DECIDE_EXTENSION, Role.LEADER, values)
