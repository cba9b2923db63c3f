"""`minyi suggest`: how well categories are foretold on any labelled spreadsheet, beside a plain linear machine."""

from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import typer

from central.actor import Via, system
from central.commands import common
from central.commands.common import Data, Json, complain, is_terminal, open_existing, refusals, say, show
from central.sorting import work
from central.suggestions import grams, learning, model, sheets

app = typer.Typer(no_args_is_help=True, help="Proposals learned from earlier decisions.")


@app.command("evaluate")
def evaluate(
    file: Annotated[
        Path,
        typer.Argument(
            help="Spreadsheet with texts and their categories: xlsx, xls, ods, csv or JSON lines."
        ),
    ],
    text: Annotated[
        list[str], typer.Option("--text", help="Column of text; give it again for further columns.")
    ],
    label: Annotated[
        str, typer.Option("--label", help="Column of the category; levels may be parted by / or >.")
    ],
    sheet: Annotated[
        str, typer.Option("--sheet", help="Sheet of the workbook; the first that is not empty.")
    ] = "",
    folds: Annotated[
        int, typer.Option("--folds", min=2, max=20, help="Parts that are foretold in turn.")
    ] = 5,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Which rows fall into which part.")] = 1,
    rows: Annotated[
        int, typer.Option("--rows", min=10, help="Measure on at most so many rows, drawn by the seed.")
    ] = 100_000,
    *,
    together: Annotated[
        bool, typer.Option("--duplicates-together", help="Keep rows with one text in one part.")
    ] = False,
    leave_out_rare: Annotated[
        bool, typer.Option("--leave-out-rare", help="Go without categories that have fewer rows than parts.")
    ] = False,
    json: Json = False,
) -> None:
    """Foretell each row from the others, by this program and by a plain linear machine over the same parts."""
    lang = common.settings().language
    with refusals(lang):
        found = sheets.some(sheets.read(file, text=text, label=label, sheet=sheet), rows, seed)
        depths = sorted({1, max((each.count("/") + 1 for each in found.labels), default=1)})
        results = [
            _measured(
                found, depth, label, folds, seed, together=together, leave_out_rare=leave_out_rare, lang=lang
            )
            for depth in depths
        ]
    if json:
        show({**results[0], "levels": results[1:]}, as_json=True)
        return
    for result in results:
        _print(result, lang)


@app.command("retrain")
def retrain(data: Data = None, *, json: Json = False) -> None:
    """Learn now from the categories that were chosen; what was learned takes effect if it does no worse on decisions it did not know."""
    context = open_existing(data)
    lang = context.settings.language
    with refusals(lang):
        done = work.learn(context, by=system(Via.COMMAND))
    if done.version is None:
        complain("sorting.too_few", lang, decisions=done.decisions, least=work.LEAST, new=work.LEAST_NEW)
    if json:
        kept_out = done.kept_out
        figures = {**(done.figures or {}), "kept_out": kept_out}
        show(
            {"version": done.version, "decisions": done.decisions, "in_force": done.in_force, **figures},
            as_json=True,
        )
        return
    found = done.figures or {}
    say(
        "sorting.retrained",
        lang,
        version=done.version,
        decisions=done.decisions,
        f1=found["held_f1"],
        held=found["held"],
    )
    say(f"sorting.state_{done.kept_out or 'in_force'}", lang, before=found["before_f1"])


@app.command("try")
def try_one(
    file: Annotated[Path, typer.Argument(help="Spreadsheet with texts and their categories, to learn from.")],
    words: Annotated[str, typer.Argument(help="The text whose category is asked for.")],
    text: Annotated[
        list[str], typer.Option("--text", help="Column of text; give it again for further columns.")
    ],
    label: Annotated[str, typer.Option("--label", help="Column of the category.")],
    sheet: Annotated[
        str, typer.Option("--sheet", help="Sheet of the workbook; the first that is not empty.")
    ] = "",
    least: Annotated[
        float, typer.Option("--least", min=0, max=1, help="Chance below which nothing is proposed.")
    ] = 0.5,
    *,
    json: Json = False,
) -> None:
    """Learn from a spreadsheet and say the category of one text, how sure that is, and which words speak for it."""
    lang = common.settings().language
    with refusals(lang):
        found = sheets.read(file, text=text, label=label, sheet=sheet)
        if len(set(found.labels)) < 2:
            names = "、".join(set(found.labels)) or "-"
            complain("suggestions.file.one_label", lang, column=label, labels=names)
        fitted = model.unpacked(learning.fit(found.texts, found.labels, seed=1, fewest=2))
    chances, plain = learning.chances(fitted, words), grams.clean(words)
    best = int(chances.argmax())
    marks = model.stretches(model.evidence(fitted, plain, [best]), plain)
    said = [plain[first:behind] for first, behind, _ in marks]
    sure = round(float(chances[best]), 3)
    proposed = sure >= least
    if json:
        show(
            {"proposed": proposed, "category": fitted.labels[best], "chance": sure, "words": said},
            as_json=True,
        )
    elif proposed:
        say(
            "suggestions.try.proposed",
            lang,
            category=fitted.labels[best],
            chance=f"{sure:.0%}",
            words="、".join(said),
        )
    else:
        say("suggestions.try.silent", lang, least=f"{least:.0%}")


def _measured(
    found: sheets.Labelled,
    depth: int,
    column: str,
    folds: int,
    seed: int,
    *,
    together: bool,
    leave_out_rare: bool,
    lang: str,
) -> dict[str, Any]:
    labels = sheets.level(found.labels, depth)
    rare = sheets.rare(labels, folds)
    if rare and not leave_out_rare and depth == 1:
        few = "、".join(f"{name[:20]} ({many})" for name, many in list(rare.items())[:10])
        few += f" … ({len(rare)})" if len(rare) > 10 else ""
        complain("suggestions.file.too_few", lang, folds=folds, labels=few)
    kept = [row for row, name in enumerate(labels) if name not in rare]
    names = {labels[row] for row in kept}
    if len(names) < 2:
        complain(
            "suggestions.file.one_label", lang, column=column, labels="、".join(sorted(set(labels))) or "-"
        )
    texts = [found.texts[row] for row in kept]

    def progress(done: int, of: int) -> None:
        if is_terminal():
            step = "progress" if of == folds else "reading"
            say_error(f"suggestions.evaluate.{step}", lang, done=done, of=of)

    result = learning.evaluate(
        texts, [labels[row] for row in kept], folds=folds, seed=seed, together=together, progress=progress
    )
    ours, plain = result.pop("ours"), result.pop("plain")
    return {
        "level": depth,
        "rows": len(kept),
        "classes": len(names),
        "folds": folds,
        "seed": seed,
        "skipped": found.skipped,
        "left_out": rare,
        "repeated": sum(many - 1 for many in Counter(texts).values()),
        "macro_f1": ours["macro_f1"],
        "baseline_macro_f1": plain["macro_f1"],
        **result,
        "ours": ours,
        "baseline": plain,
    }


def say_error(key: str, lang: str, /, **values: object) -> None:
    """Print a sentence to standard error, where progress goes."""
    typer.echo(common.sentence(key, lang, **values), err=True)


def _print(result: dict[str, Any], lang: str) -> None:
    say(
        "suggestions.evaluate.head",
        lang,
        **{name: result[name] for name in ("rows", "classes", "folds", "seed", "skipped", "repeated")},
    )
    if result["level"] > 1:
        say("suggestions.evaluate.level", lang, depth=result["level"])
    for name, part in (("ours", result["ours"]), ("plain", result["baseline"])):
        say(
            "suggestions.evaluate.result",
            lang,
            name=common.sentence(f"suggestions.evaluate.{name}", lang),
            macro=f"{part['macro_f1']:.4f}",
            accuracy=f"{part['accuracy']:.4f}",
            seconds=part["seconds"],
        )
    say("suggestions.evaluate.table", lang)
    for name, line in result["ours"]["per_class"].items():
        other = result["baseline"]["per_class"][name]["f1"]
        cells = (
            name,
            line["rows"],
            *(f"{line[part]:.4f}" for part in ("precision", "recall", "f1")),
            f"{other:.4f}",
        )
        typer.echo("\t".join(map(str, cells)))
    say("suggestions.evaluate.confusion", lang)
    for name, line in zip(result["labels"], result["ours"]["confusion"], strict=True):
        typer.echo("\t".join(map(str, (name, *line))))
