"""The deadline sheet as PDF: set by typst inside the process, searchable and tagged, without a network.

Letters: the system's Noto Serif CJK where it is installed, for rare characters; else the subset that comes with the package.
"""

import json
from importlib import resources

import typst

from central.deadlines.paper import Paper


def sheet_pdf(made: Paper, *, lang: str, number: str = "", foot: str = "") -> bytes:
    """Return the sheet as a PDF of one page; `lang` is the language it is read aloud in ("zh" or "en")."""
    told = {
        "title": made.title,
        "number": number,
        "values": made.values,
        "heads": made.heads,
        "rows": made.rows,
        "result": made.result,
        "remarks": made.remarks,
        "lang": lang,
        "foot": foot,
    }
    inputs = {"sheet": json.dumps(told, ensure_ascii=False)}
    with resources.as_file(resources.files("central.deadlines").joinpath("data")) as data:
        return typst.compile(
            str(data / "sheet.typ"), font_paths=[str(data / "fonts")], sys_inputs=inputs, format="pdf"
        )
