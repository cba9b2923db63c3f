"""The rule set that comes with the package, read once."""

from functools import cache
from importlib import resources

from central.deadlines.rules import RuleSet, load_rules


@cache
def shipped_rules() -> RuleSet:
    """Return the rules of `data/rules.toml`."""
    return load_rules(resources.files("central.deadlines").joinpath("data/rules.toml").read_text("utf-8"))


def rights() -> frozenset[str]:
    """Return the rules that give the petitioner time to do something: nobody is late when they run out."""
    return frozenset(rule.key for rule in shipped_rules().rules if not rule.owed_by_court)
