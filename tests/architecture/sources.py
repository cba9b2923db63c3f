"""The modules of the house as the tests of this folder see them: parsed once, never imported."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("shared", "central", "edge_agent")


@dataclass(frozen=True)
class Module:
    """One file: its dotted name (a package's `__init__` bears the package's name) and its parsed text."""

    name: str
    text: str
    package: bool = False

    @property
    def tree(self) -> ast.Module:
        return _parsed(self.text)

    @property
    def parts(self) -> list[str]:
        return self.name.split(".")


Modules = Mapping[str, Module]


@cache
def _parsed(text: str) -> ast.Module:
    return ast.parse(text)


def planted(**texts: str) -> Modules:
    """Return modules written in a test: `planted(central__halls__queue="import os")`."""
    found = {name.replace("__", "."): text for name, text in texts.items()}
    packages = {name.rpartition(".")[0] for name in found}
    return {name: Module(name, text, package=name in packages) for name, text in found.items()}


@cache
def house() -> Modules:
    """Return every module of the three packages."""
    found = [_module(path) for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
    return {module.name: module for module in found}


def _module(path: Path) -> Module:
    parts = path.relative_to(ROOT).with_suffix("").parts
    package = parts[-1] == "__init__"
    return Module(".".join(parts[:-1] if package else parts), path.read_text("utf-8"), package=package)


def imports(module: Module, known: Modules) -> set[str]:
    """Return the modules of `known` that `module` imports, at its top or anywhere in it."""
    return {target for target in _targets(module) for target in [_inside(target, known)] if target} - {
        module.name
    }


def _targets(module: Module) -> Iterator[str]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = module.parts if module.package else module.parts[:-1]
                kept = parents[: len(parents) - node.level + 1]
                base = ".".join([*kept, *([node.module] if node.module else [])])
            yield from (f"{base}.{alias.name}" for alias in node.names)


def _inside(target: str, known: Modules) -> str:
    """Return the module that a dotted target lies in: itself, or the one that holds the name."""
    while target and target not in known:
        target = target.rpartition(".")[0]
    return target


def functions(module: Module) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Yield every function with a name for people, `central/db.py:unit_of_work`."""
    path = module.name.replace(".", "/")
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{path}.py:{node.name}", node
