"""The rule set that comes with the package, read once."""

from functools import cache
from importlib import resources

from central.deadlines.rules import RuleSet, load_rules


@cache
def shipped_rules() -> RuleSet:
    """Return the rules of `data/rules.toml`."""
    return load_rules(resources.files("central.deadlines").joinpath("data/rules.toml").read_text("utf-8"))
