"""What must never be true of a petition, as SQL conditions shared by partial indexes and by the checks that read them.

Each index holds the petitions that break its rule, so it is empty and the count is immediate at any number of petitions.
The conditions avoid booleans: SQLite matches a partial index by the text of its condition.
"""

from typing import NamedTuple

#: 1. An open petition has exactly one owner, one next step and one nearest due date.
OWNERLESS = "closed_at IS NULL AND (next_act IS NULL OR next_role IS NULL OR next_due_on IS NULL)"
#: 2. It closes only with a delivered answer or a coded excuse with logged attempts.
UNANSWERED = "state = 'closed' AND delivered_on IS NULL AND (excuse IS NULL OR attempts = 0)"
#: 4. Every accepted petition has a named responsible leader.
LEADERLESS = "leader_id IS NULL AND state IN ('accepted', 'assigned', 'handling', 'drafted', 'approved')"


class Invariant(NamedTuple):
    """One of the five rules that must read 0: its number in the design, catalogue key, condition if it is about petitions."""

    number: int
    key: str
    condition: str | None


INVARIANTS = (
    Invariant(1, "owner", OWNERLESS),
    Invariant(2, "answer", UNANSWERED),
    Invariant(3, "chain", None),
    Invariant(4, "leader", LEADERLESS),
    Invariant(5, "hall", None),
)
