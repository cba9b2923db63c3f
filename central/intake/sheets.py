"""Further sheets of one workbook with the same columns: each becomes an import of its own, with its own file, progress, report and undo."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlmodel import Session

from central.actor import Actor
from central.intake import files, heads, service, work
from central.intake.models import LedgerImport
from central.intake.preview import Preview
from central.settings import Settings
from central.vault.rows import vault_of
from shared.ids import new_id


def queue(
    s: Session,
    config: Settings,
    first: LedgerImport,
    chosen: Preview,
    posted: Mapping[str, Any],
    *,
    by: Actor,
    now: datetime,
) -> None:
    """Let the sheets that were ticked (`also-N` with its name) go in as well, by the columns chosen for the first."""
    if chosen.layout is None:
        return
    vault = vault_of(s)
    for place, sheet in enumerate(chosen.looked.alike):
        if posted.get(f"also-{place}") != sheet.name:
            continue
        import_id, key_id = new_id(), vault.new_key()
        path = files.path(config.data, import_id)
        with (
            files.opened(vault, config.data / first.stored_as, first.id) as plain,
            plain.open("rb") as source,
        ):
            files.keep(vault, key_id, source, path, import_id)
        service.create(
            s,
            court_id=first.court_id,
            import_id=import_id,
            key_id=key_id,
            file_name=f"{first.file_name} · {sheet.name}",
            file_digest=first.file_digest,
            stored_as=str(path.relative_to(config.data)),
            by=by,
            now=now,
        )
        layout = replace(chosen.layout, head_row=sheet.head_row, year=sheet.year)
        s.flush()
        channel = heads.channel_told(sheet.name) or chosen.channel
        service.start(s, import_id=import_id, layout=work.stored(layout, sheet.name, channel, chosen.doubles))
