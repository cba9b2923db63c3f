"""`minyi neglect`: learn now which deadlines are missed, and say how well that does."""

from central import db
from central.commands.common import Data, Json, complain, open_existing, say, show
from central.neglect import service
from central.web.catalogue import catalogue
from shared.i18n import Lang


def neglect(data: Data = None, *, json: Json = False) -> None:
    """Learn from what is over which deadlines are missed, test it on the last quarters, and keep it."""
    context = open_existing(data)
    lang, now = context.settings.language, context.clock.now()
    with context.read() as s:
        found = service.trained(s, now=now, wanted=context.settings.neglect)
    if found is None:
        complain("neglect.none", lang)
    with db.unit_of_work(context.engine) as s:
        s.add(found)
    splits = found.content["splits"]
    if json:
        parts = ("first", "last", "learnt", "tested", "missed", "model", "base")
        rows = [{part: split[part] for part in parts} for split in splits]
        show({"examples": found.examples, "in_force": found.in_force, "splits": rows}, as_json=True)
        return
    state = catalogue().text(
        "neglect.state_in_force" if found.in_force else "neglect.state_silent", Lang(lang)
    )
    say("neglect.trained", lang, examples=found.examples, splits=len(splits), state=state)
    for split in splits:
        figures = (
            f"AUC {split['model']['auc']:.3f} / {split['base']['auc']:.3f}",
            f"Brier {split['model']['brier']:.4f} / {split['base']['brier']:.4f}",
        )
        say("neglect.split", lang, first=split["first"], last=split["last"], figures="  ".join(figures))
