"""Whatever reads petitions for a person starts from what that person may see."""

import ast
from collections.abc import Iterator

from tests.architecture.sources import Modules, functions, house, planted

#: What makes a query one of a person: the condition itself, or the ways of seeing it is made of.
CONDITIONS = {"visible_to", "_sights"}
#: Queries that are made for others, who say what may be seen.
PASSED_ON = {"first_of"}
#: Queries that are nobody's list, each with why.
FOR_NO_PERSON = {
    "central/petitions/queries.py:first_of": "its callers give the conditions, and are held to them here",
    "central/petitions/queries.py:by_number": "the public page, which asks for the code as well",
    "central/petitions/queries.py:breaking": "the nightly check reads all; for a person it takes `visible_to`",
    "central/petitions/third.py:least_busy": "how many wait for whom, when somebody must step aside or decide",
    "central/petitions/queries.py:to_take_in": "the desk of the court above, which knows the number; the barrier is asked",
    "central/intake/bulk.py:digests": "which rows of a ledger are there already",
    "central/intake/doubles.py:days_of_others": "days alone, to know where texts must be compared",
    "central/intake/doubles.py:_here": "the import of a court asks for its own petitions; a person sees them by `queries.likes`",
    "central/intake/doubles.py:_texts": "the import of a court asks for its own petitions; a person sees them by `queries.likes`",
    "central/intake/undoing.py:_voids": "the job takes back what the import brought in",
    "central/doctor/stored.py:_fits": "the id of one key, to see whether the key store is this database's",
    "central/notifications/overdue.py:_found": "the sweep notes the clocks of all courts",
    "central/asks/lateness.py:_asks": "the sweep brings to mind what lies too long in all courts",
    "central/keeping/queries.py:reached": "the job looks at all courts",
    "central/keeping/queries.py:opened_again": "the job looks at all courts",
    "central/supervision/queries.py:astray": "the job looks at all courts",
    "central/supervision/recounting.py:_hold": "the recount locks the petitions of all courts",
    "central/supervision/recounting.py:not_erased": "the recount reaches all courts; the page of what moved asks `queries.seen`",
    "central/petitions/worklists.py:_counted": "the ways that a role grants; what the barrier keeps is counted and taken off",
    "central/doctor/rules.py:rules": "which rule sets petitions began under: the versions alone",
    "central/neglect/queries.py:courses": "the job learns from the work on all; nothing of a petition is shown",
    "central/neglect/queries.py:counted": "how many there are, beside what was learnt",
    "central/hot/queries.py:messages": "the job groups the texts of all; nothing of it is shown",
    "central/matters/queries.py:_petitions": "what may be one matter is found first; `shown` says what of it may be seen",
    "central/matters/service.py:keep": "the reader of the log makes the numbers of all texts",
    "central/sorting/work.py:_decisions": "the job learns from the choices of all courts; nothing of a text is shown or kept",
    "central/sorting/using.py:_issued": "the job counts the answers of all courts; nothing of a text is shown or kept",
    "central/simulation/queries.py:petitions": "how many there are, before anything is made up",
}


def lists(modules: Modules) -> Iterator[str]:
    """Give every function of the centre that selects petitions and takes no account of who asks."""
    for module in modules.values():
        if not module.name.startswith("central.") or ".migrations" in module.name:
            continue
        for name, function in functions(module):
            if _selects(function) and not _names(function) & CONDITIONS:
                yield name


def _selects(function: ast.AST) -> bool:
    return any(
        _called(node) in PASSED_ON
        or (
            _called(node) in {"select", "join", "outerjoin", "select_from"}
            and any("Petition" in _names(argument) for argument in node.args)
        )
        for node in ast.walk(function)
        if isinstance(node, ast.Call)
    )


def _called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def _names(tree: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} | {
        node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)
    }


def test_every_query_of_petitions_starts_from_what_may_be_seen() -> None:
    assert sorted(set(lists(house())) - FOR_NO_PERSON.keys()) == []


def test_the_exceptions_are_still_there() -> None:
    assert (
        sorted(FOR_NO_PERSON.keys() - set(lists(house())) - {"central/petitions/queries.py:breaking"}) == []
    )


def test_a_list_for_everybody_is_caught() -> None:
    open_list = "def all(s):\n    return s.exec(select(Petition).where(Petition.is_open)).all()"
    joined = "def rows(s):\n    return s.exec(select(Note).join(Petition, Note.petition_id == Petition.id))"
    good = "def mine(s, actor):\n    return s.exec(select(Petition).where(visible_to(actor))).all()"
    modules = planted(central__desk__a=open_list, central__desk__b=joined, central__desk__c=good)
    assert list(lists(modules)) == ["central/desk/a.py:all", "central/desk/b.py:rows"]
