"""Which way imports run: the order written in docs/architecture.md, held against every file."""

import ast
import re
from collections.abc import Iterator
from functools import cache

from tests.architecture.sources import ROOT, Module, Modules, functions, house, imports, planted

#: Inside a domain; every other file may be used by any of these, and reaches none that stands behind its users.
RANKS = ("models", "forms", "queries", "service", "router")
#: What a rule may not touch.
IMPURE = ("sqlmodel", "sqlalchemy", "central.db", "central.context", "datetime.datetime.now")


@cache
def order() -> list[list[str]]:
    """Return the groups inside `central/`, left to right, as the page names them."""
    page = (ROOT / "docs/architecture.md").read_text("utf-8")
    section = page.split("## Import order inside `central/`")[1].split("\n\n(")[0]
    return [group.split() for group in re.findall(r"`([a-z_ ]+)`", section.split("no cycle.")[-1])]


def domain(name: str) -> str:
    """Return `petitions` for `central.petitions.models`."""
    return name.split(".")[1] if "." in name else ""


def may_import(importer: str, imported: str) -> bool:
    """Say whether one part of `central` may import another. The first and the last group are ordered inside as well."""
    places = {name: (at, i) for at, group in enumerate(order()) for i, name in enumerate(group)}
    if importer == imported or not importer or not imported:
        return True
    one, other = places.get(importer), places.get(imported)
    if one is None or other is None:
        return False
    if one[0] == other[0]:
        return one[0] in {0, len(order()) - 1} and other[1] < one[1]
    return other[0] < one[0]


def misplaced(modules: Modules) -> list[str]:
    """Return the imports inside `central/` that run against the order, and those between the packages."""
    found = []
    for module in modules.values():
        for target in imports(module, modules):
            ours, theirs = module.parts[0], target.split(".")[0]
            if theirs not in {ours, "shared"} or (
                ours == theirs == "central" and not may_import(domain(module.name), domain(target))
            ):
                found.append(f"{module.name} imports {target}")
    return sorted(found)


def rank(name: str) -> int | None:
    """Return the place of a file inside its domain; `petition_router` is a router."""
    last = name.rsplit("_", 1)[-1] if name.endswith("router") else name.rsplit(".", 1)[-1]
    return RANKS.index(last.rsplit(".", 1)[-1]) if last.rsplit(".", 1)[-1] in RANKS else None


def out_of_rank(modules: Modules) -> list[str]:
    """Return files that reach, inside their own domain, a file that stands behind them."""
    found = []
    for module in modules.values():
        own = rank(module.name)
        if module.parts[0] != "central" or len(module.parts) < 3 or own is None:
            continue
        for reached in _reached(module, modules):
            other = rank(reached)
            if other is not None and other > own:
                found.append(f"{module.name} reaches {reached}")
    return sorted(found)


def _reached(module: Module, modules: Modules) -> set[str]:
    home, seen, waiting = module.name.rpartition(".")[0] + ".", set[str](), [module.name]
    while waiting:
        for target in imports(modules[waiting.pop()], modules):
            if target.startswith(home) and target not in seen:
                seen.add(target)
                waiting.append(target)
    return seen - {module.name}


def knots(modules: Modules) -> list[str]:
    """Return the cycles, each as the path that closes it."""
    edges = {name: imports(module, modules) for name, module in modules.items()}
    done: set[str] = set()
    found: list[str] = []

    def visit(name: str, path: list[str]) -> None:
        if name in path:
            found.append(" -> ".join([*path[path.index(name) :], name]))
        elif name not in done:
            for target in sorted(edges[name]):
                visit(target, [*path, name])
            done.add(name)

    for name in sorted(edges):
        visit(name, [])
    return found


def deferred(modules: Modules) -> list[str]:
    """Return functions that import."""
    return sorted(
        name
        for module in modules.values()
        for name, function in functions(module)
        if any(isinstance(node, ast.Import | ast.ImportFrom) for node in ast.walk(function))
    )


def pages_outside_routers(modules: Modules) -> list[str]:
    """Return files that import `central.web` and are neither a router nor composition."""
    allowed = {"web", *order()[-1]}
    return sorted(
        module.name
        for module in modules.values()
        if module.parts[0] == "central"
        and domain(module.name) not in allowed
        and not module.name.endswith("router")
        and any(domain(target) == "web" for target in imports(module, modules))
    )


def impure(modules: Modules) -> list[str]:
    """Return files that say of themselves that they are pure and are not."""
    return sorted(f"{module.name} uses {name}" for module in modules.values() for name in _impurities(module))


def _impurities(module: Module) -> Iterator[str]:
    said = ast.get_docstring(module.tree) or ""
    if not re.search(r"\b[Pp]ure\.?(\s|$|:)|: pure\b", said.split("Everything here is pure except")[0]):
        return
    for node in ast.walk(module.tree):
        names = (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
        yield from (name for name in names if name.startswith(IMPURE))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            # A field `now` that was passed in is no clock.
            yield from (f".{name}" for name in ("now", "today", "utcnow") if node.func.attr == name)


def test_the_page_names_every_part_of_the_centre() -> None:
    parts = {domain(name) for name in house() if name.startswith("central.")}
    named = {name for group in order() for name in group}
    assert parts - named == set()


def test_imports_run_in_the_order_of_the_page() -> None:
    assert misplaced(house()) == []


def test_inside_a_domain_nothing_reaches_what_stands_behind_it() -> None:
    assert out_of_rank(house()) == []


def test_there_is_no_cycle() -> None:
    assert knots(house()) == []


def test_no_function_imports() -> None:
    assert deferred(house()) == []


def test_only_routers_and_composition_make_pages() -> None:
    assert pages_outside_routers(house()) == []


def test_what_calls_itself_pure_is_pure() -> None:
    assert impure(house()) == []


def test_an_import_to_the_right_is_caught() -> None:
    modules = planted(
        central__petitions__queries="from central.replies import models", central__replies__models=""
    )
    assert misplaced(modules) == ["central.petitions.queries imports central.replies.models"]


def test_an_import_of_a_neighbour_is_caught() -> None:
    modules = planted(central__halls__queries="import central.replies.models", central__replies__models="")
    assert misplaced(modules) == ["central.halls.queries imports central.replies.models"]


def test_a_box_that_imports_the_centre_is_caught() -> None:
    modules = planted(edge_agent__store="from central import db", central__db="")
    assert misplaced(modules) == ["edge_agent.store imports central.db"]


def test_a_shared_file_that_imports_the_box_is_caught() -> None:
    modules = planted(shared__wire="from edge_agent import box", edge_agent__box="")
    assert misplaced(modules) == ["shared.wire imports edge_agent.box"]


def test_a_part_that_the_page_does_not_name_is_caught() -> None:
    modules = planted(central__novelty__models="from central import db", central__db="")
    assert misplaced(modules) == ["central.novelty.models imports central.db"]


def test_models_that_reach_the_service_through_another_file_are_caught() -> None:
    modules = planted(
        central__halls__models="from central.halls import helping",
        central__halls__helping="from .service import take",
        central__halls__service="",
    )
    assert out_of_rank(modules) == ["central.halls.models reaches central.halls.service"]


def test_a_cycle_is_caught() -> None:
    modules = planted(
        shared__a="from shared import b", shared__b="from shared import c", shared__c="import shared.a"
    )
    assert knots(modules) == ["shared.a -> shared.b -> shared.c -> shared.a"]


def test_an_import_in_a_function_is_caught() -> None:
    assert deferred(planted(shared__a="def f():\n    import os\n")) == ["shared/a.py:f"]


def test_a_service_that_renders_is_caught() -> None:
    modules = planted(central__halls__service="from central.web import render", central__web__render="")
    assert pages_outside_routers(modules) == ["central.halls.service"]


def test_a_pure_file_that_asks_the_time_or_the_database_is_caught() -> None:
    text = '"""Queue order. Pure."""\nfrom sqlmodel import Session\nx = datetime.now()\n'
    assert impure(planted(central__halls__queue=text)) == [
        "central.halls.queue uses .now",
        "central.halls.queue uses sqlmodel",
    ]
