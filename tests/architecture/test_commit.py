"""The edge commits once: `commit(` stands where the unit of work is, and nowhere else."""

import ast

from tests.architecture.sources import Modules, functions, house, planted

#: The unit of work of every edge; the migrations' own runner.
EDGES = {"central/db.py:unit_of_work", "central/migrations/env.py:<module>"}


def commits(modules: Modules) -> list[str]:
    """Return the functions that call something's `commit`."""
    found = []
    for module in modules.values():
        inside = {id(node): name for name, function in functions(module) for node in ast.walk(function)}
        found += [
            inside.get(id(node), f"{module.name.replace('.', '/')}.py:<module>")
            for node in ast.walk(module.tree)
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "commit"
        ]
    return sorted(found)


def test_only_the_edges_commit() -> None:
    assert set(commits(house())) - EDGES == set()


def test_the_edges_named_here_do_commit() -> None:
    assert set(commits(house())) >= EDGES


def test_a_service_that_commits_is_caught() -> None:
    text = "def take(s):\n    s.commit()\n"
    assert commits(planted(central__halls__service=text)) == ["central/halls/service.py:take"]
