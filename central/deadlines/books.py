"""All rule sets an installation knows, joined: base sets one after another, provinces over them, kinds of petition over both.

Pure. What a clock keeps is one name, `BASE[+OVERLAY][/KIND]`, which leads back to exactly these rules: whoever changes a
figure gives the file a new version. Provinces read some figures in their own way, e.g. 7 working days; a kind of petition
may have figures of its own or leave a rule out (Regulation on Petition Work art. 23 para 4).
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field

from central.deadlines.kinds import PetitionKind
from central.deadlines.rules import (
    BadRules,
    Basis,
    Ground,
    Moment,
    Rule,
    RuleSet,
    Unit,
    checked,
    read_toml,
    rule_set,
)
from central.errors import Conflict

#: Neither `+` nor `/`: they join names.
Version = Annotated[str, Field(pattern=r"^[\w.-]+$", max_length=40)]
_KEPT_AS_LAW: Final = frozenset({"unit", "amount"})


class UnknownRules(Conflict):
    """A petition began under rules that this installation no longer has."""


class Change(BaseModel):
    """What a province or kind reads otherwise in one rule. `source` says where that stands."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str = Field(min_length=1)
    source_zh: str = ""
    article: str | None = None
    unit: Unit | None = None
    amount: int | None = None
    roll: bool | None = None
    count_first_day: bool | None = None
    max_extension_days: int | None = None
    paused_by: tuple[Ground, ...] | None = None


class Own(BaseModel):
    """The part of a set that is about one kind of petition: rules that are off, rules that read otherwise."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    off: tuple[str, ...] = ()
    change: Mapping[str, Change] = Field(default_factory=dict)


Kinds = Mapping[PetitionKind, Own]


class Overlay(Own):
    """What a province changes in a base set, from `effective_from` to `effective_to` (both included; None: until replaced)."""

    version: Version
    extends: str
    province: str = Field(min_length=1, max_length=1, description="first character of its courts' codes")
    name: str = Field(min_length=1)
    name_en: str = Field(min_length=1)
    effective_from: date
    effective_to: date | None = None
    kinds: Kinds = Field(default_factory=dict)

    def in_force(self, day: date) -> bool:
        """Say whether petitions received on `day` begin under it."""
        return self.effective_from <= day and (self.effective_to is None or day <= self.effective_to)


class Base(BaseModel):
    """A base set with what it says of kinds of petition."""

    model_config = ConfigDict(frozen=True)

    rules: RuleSet
    kinds: Kinds


def read_file(text: str) -> Base | Overlay:
    """Return the base set or, with `extends`, the overlay that a rule file holds; raise `BadRules`."""
    table = read_toml(text)
    if "extends" in table:
        return checked(Overlay, table)
    kinds = checked(_OnlyKinds, {"kinds": table.pop("kinds", {})}).kinds
    found = rule_set(table)
    checked(_OnlyVersion, {"version": found.version})
    return Base(rules=found, kinds=kinds)


class _OnlyKinds(BaseModel):
    kinds: Kinds


class _OnlyVersion(BaseModel):
    version: Version


class Book:
    """The rule sets by version. Raise `BadRules`, with the file's name in front, for what does not fit together."""

    def __init__(self, files: Mapping[str, Base | Overlay], *, known: Iterable[str] = ()) -> None:
        bases = {name: each for name, each in files.items() if isinstance(each, Base)}
        overlays = {name: each for name, each in files.items() if isinstance(each, Overlay)}
        self._bases = {each.rules.version: each for each in bases.values()}
        self._overlays = {each.version: each for each in overlays.values()}
        self._sets: dict[str, RuleSet] = {}
        #: What was looked up before: the sets do not change.
        self._rules: dict[tuple[str, str], Rule] = {}
        self._started: dict[tuple[str, Moment], tuple[Rule, ...]] = {}
        _one_name_each(files)
        _without_gaps(bases)
        _known_rules(bases, frozenset(known))
        for name, overlay in overlays.items():
            self._fits(name, overlay)
        for name, each in sorted(files.items(), key=_bases_by_age_first):
            self._build(name, each)

    def begin(self, day: date, province: str = "") -> str:
        """Return the version under which a petition received on `day` in `province` begins.

        What came in before the first set begins under the first: there is nothing older to go by.
        """
        bases = sorted((each.rules for each in self._bases.values()), key=lambda each: each.effective_from)
        base = next((each for each in reversed(bases) if each.in_force(day)), bases[0])
        over = [
            each
            for each in self._overlays.values()
            if each.extends == base.version and each.province == province and each.in_force(day)
        ]
        if not over:
            return base.version
        return f"{base.version}+{max(over, key=lambda each: each.effective_from).version}"

    def version(self, began: str, kind: str) -> str:
        """Return the version for the clocks of a petition of `kind` that began under `began`."""
        named = f"{began}/{kind}"
        return named if named in self._sets else began

    def get(self, version: str) -> RuleSet:
        """Return the rules of a version; raise `UnknownRules`."""
        found = self._sets.get(version)
        if found is None:
            raise UnknownRules("deadlines.unknown_rules", version=version, known=", ".join(self.versions()))
        return found

    def rule(self, version: str, key: str) -> Rule:
        """Return one rule of a version; raise `UnknownRules`."""
        found = self._rules.get((version, key))
        if found is not None:
            return found
        try:
            found = self._rules[version, key] = self.get(version).get(key)
        except KeyError:
            raise UnknownRules("deadlines.unknown_rule", rule=key, version=version) from None
        return found

    def started_by(self, version: str, moment: Moment) -> tuple[Rule, ...]:
        """Return the rules of a version whose clocks `moment` starts, in file order; raise `UnknownRules`."""
        found = self._started.get((version, moment))
        if found is None:
            found = self._started[version, moment] = self.get(version).started_by(moment)
        return found

    def versions(self) -> list[str]:
        """Return the names of all sets: base sets by age, each followed by its provinces and kinds."""
        return list(self._sets)

    def __contains__(self, version: object) -> bool:
        return version in self._sets

    def province_of(self, version: str) -> str:
        """Return the province whose reading a version holds, "" for a base set."""
        over = version.partition("/")[0].partition("+")[2]
        return self._overlays[over].province if over else ""

    def _fits(self, name: str, overlay: Overlay) -> None:
        if overlay.extends not in self._bases:
            known = ", ".join(self._bases)
            raise BadRules(
                f"{name}: extends: there is no base set {overlay.extends!r}; the base sets are {known}"
            )
        rivals = [
            each.version
            for each in self._overlays.values()
            if each.version != overlay.version
            and (each.extends, each.province, each.effective_from)
            == (overlay.extends, overlay.province, overlay.effective_from)
        ]
        if rivals:
            raise BadRules(
                f"{name}: {overlay.province} has another set from {overlay.effective_from} ({rivals[0]}); "
                "give one of them another effective_from"
            )

    def _build(self, name: str, each: Base | Overlay) -> None:
        if isinstance(each, Base):
            plain, kinds = each.rules, [each.kinds]
        else:
            base = self._bases[each.extends]
            _no_law_off(name, base.rules, each.off)
            plain = _over(name, base.rules, each, f"{each.extends}+{each.version}")
            plain = plain.model_copy(
                update={
                    "name": each.name,
                    "name_en": each.name_en,
                    "effective_from": each.effective_from,
                    "effective_to": each.effective_to,
                }
            )
            kinds = [base.kinds, each.kinds]
        self._sets[plain.version] = plain
        for kind in PetitionKind:
            own = [given[kind] for given in kinds if kind in given]
            if own:
                made = plain
                for part in own:
                    made = _over(f"{name}: kinds.{kind}", made, part, f"{plain.version}/{kind}")
                self._sets[made.version] = made


def _bases_by_age_first(file: tuple[str, Base | Overlay]) -> tuple[bool, date]:
    each = file[1]
    return (False, each.rules.effective_from) if isinstance(each, Base) else (True, each.effective_from)


def _over(name: str, rules: RuleSet, own: Own, version: str) -> RuleSet:
    known = {rule.key for rule in rules.rules}
    for key in (*own.off, *own.change):
        if key not in known:
            raise BadRules(
                f"{name}: there is no rule {key!r} to change; the rules are {', '.join(sorted(known))}"
            )
    made = tuple(
        _changed(name, rule, own.change[rule.key]) if rule.key in own.change else rule
        for rule in rules.rules
        if rule.key not in own.off
    )
    if not made:
        raise BadRules(f"{name}: off leaves no rule at all")
    return rules.model_copy(update={"version": version, "rules": made})


def _changed(name: str, rule: Rule, change: Change) -> Rule:
    given = change.model_dump(exclude_none=True)
    if rule.basis is Basis.LAW and given.keys() & _KEPT_AS_LAW:
        raise BadRules(
            f"{name}: change.{rule.key}: length and unit stand in {rule.article} and cannot be changed by a province or "
            "kind; a new law is a new base set with an effective_from"
        )
    if rule.basis is Basis.LAW and given.get("max_extension_days", 0) > rule.max_extension_days:
        raise BadRules(
            f"{name}: change.{rule.key}: {rule.article} allows an extension of at most {rule.max_extension_days} days"
        )
    return checked(Rule, rule.model_dump() | given, where=f"{name}: change.{rule.key}")


def _no_law_off(name: str, rules: RuleSet, off: Iterable[str]) -> None:
    for rule in rules.rules:
        if rule.key in off and rule.basis is Basis.LAW:
            raise BadRules(
                f"{name}: off: {rule.key} stands in {rule.article} and cannot be left out for a whole province"
            )


def _one_name_each(files: Mapping[str, Base | Overlay]) -> None:
    names = {
        name: each.rules.version if isinstance(each, Base) else each.version for name, each in files.items()
    }
    for version, count in Counter(names.values()).items():
        if count > 1:
            first, second = [name for name, each in names.items() if each == version][:2]
            raise BadRules(
                f"{second}: version: {version!r} stands in {first} already; give the changed set a new version"
            )


def _without_gaps(bases: Mapping[str, Base]) -> None:
    """Raise unless every day from the first set on has one."""
    ordered = sorted(bases.items(), key=lambda each: each[1].rules.effective_from)
    if not ordered:
        raise BadRules("there is no base set: one file must have [rules.<key>] tables and no extends")
    for (name, base), (other, following) in pairwise(ordered):
        end, start = base.rules.effective_to, following.rules.effective_from
        if start == base.rules.effective_from:
            raise BadRules(
                f"{other}: effective_from: {name} begins on {start} as well; give one of them another day"
            )
        if end is not None and end + timedelta(days=1) < start:
            raise BadRules(
                f"{name}: effective_to: no set governs {end + timedelta(days=1)} to {start - timedelta(days=1)}"
            )
    name, last = ordered[-1]
    if last.rules.effective_to is not None:
        raise BadRules(
            f"{name}: effective_to: nothing follows this set; leave effective_to out or add the next set"
        )


def _known_rules(bases: Mapping[str, Base], known: frozenset[str]) -> None:
    """Raise for a period that pages have no words for, or one that they count on and that is missing."""
    for name, base in bases.items() if known else ():
        here = {rule.key for rule in base.rules.rules}
        if strange := sorted(here - known):
            raise BadRules(
                f"{name}: rules.{strange[0]}: no page has words for this rule; the known ones are {', '.join(sorted(known))}"
            )
        if missing := sorted(known - here):
            raise BadRules(
                f"{name}: rules.{missing[0]} is missing; a base set holds every rule: {', '.join(sorted(known))}"
            )


def read_files(texts: Mapping[str, str]) -> dict[str, Base | Overlay]:
    """Return the sets in files by the files' names; raise `BadRules` with the file's name before each line."""
    found: dict[str, Base | Overlay] = {}
    for name, text in texts.items():
        try:
            found[name] = read_file(text)
        except BadRules as error:
            raise BadRules("\n".join(f"{name}: {line}" for line in str(error).splitlines())) from error
    return found


def by_kind(book: Book, version: str) -> Sequence[tuple[PetitionKind, RuleSet]]:
    """Return the sets of those kinds that have rules of their own under `version`."""
    made: list[tuple[PetitionKind, Any]] = [(kind, book.version(version, kind)) for kind in PetitionKind]
    return [(kind, book.get(name)) for kind, name in made if name != version]
