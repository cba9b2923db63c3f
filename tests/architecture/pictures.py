"""Which modules hold pictures, and what they may not do with them: a frame is read and dropped, never written, encoded or sent."""

import ast
from collections.abc import Iterator
from typing import NamedTuple

from tests.architecture.sources import Module, Modules

#: Libraries that hold pictures.
PICTURE_LIBRARIES = {"cv2", "PIL", "numpy", "zxingcpp"}
#: Modules that may load them. Another one is either a mistake or the document camera, whose pages belong to a petition.
READERS = (
    "edge_agent.reading.",
    "edge_agent.drivers.camera",
    "edge_agent.drivers.camera_folder",
    "edge_agent.drivers.paper_folder",
    "edge_agent.ports",
    "edge_agent.paper.camera",
    "edge_agent.paper.pressing",
    "shared.pages.",
)
#: Modules that may keep pages of documents (never frames of a person or a hall): attachments of petitions, made anew.
PAGES: tuple[str, ...] = (
    "central.documents.child_pages",
    "central.documents.child_picture",
    "central.documents.flattening",
    "central.letters.pages",
    "central.scanning.child",
    "central.scanning.reader",
    "edge_agent.paper.jpeg",
)
#: Modules that load numpy for numbers alone and never see a picture.
NUMBERS: tuple[str, ...] = (
    "central.neglect.fitting",
    "central.scanning.script",
    "central.search.postings",
    "central.search.queries",
    "central.search.shelf",
    "central.search.store",
    "central.suggestions.evaluating",
    "central.suggestions.fitting",
    "central.suggestions.grams",
    "central.suggestions.learning",
    "central.suggestions.meaning",
    "central.suggestions.meaning_child",
    "central.suggestions.model",
)
#: Modules that draw pictures of their own (a slip of text and code) and are never given a frame.
DRAWERS: tuple[str, ...] = ("edge_agent.drivers.slip_picture",)

#: Calls by which a picture would come to a disk, a line, or into a text.
WRITERS = {
    "imwrite", "imwritemulti", "imwriteanimation", "VideoWriter", "imencode", "imencodemulti", "FileStorage",
    "save", "savez", "savez_compressed", "savetxt", "tofile", "memmap", "dump", "tobytes", "tostring",
    "write_bytes", "write_text", "write", "writelines", "send", "sendall", "publish", "mkstemp", "NamedTemporaryFile",
    "b64encode", "imshow",
}  # fmt: skip
#: Libraries by which it would leave.
LINES = {"socket", "http", "urllib", "requests", "httpx2", "paho", "ssl", "ftplib", "smtplib", "pickle", "shelve", "base64", "tempfile",
         "sqlite3", "shutil", "multiprocessing"}  # fmt: skip


class Breach(NamedTuple):
    """A module that does with pictures what it may not."""

    module: str
    line: int
    what: str


def roots(module: Module) -> Iterator[tuple[int, str]]:
    """Yield line and first part of the name of each library imported."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name.partition(".")[0]) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.lineno, (node.module or "").partition(".")[0]


def holders(modules: Modules) -> dict[str, Module]:
    """Return the modules that load a library of pictures."""
    return {
        name: one
        for name, one in modules.items()
        if name not in NUMBERS and any(root in PICTURE_LIBRARIES for _, root in roots(one))
    }


def breaches(modules: Modules) -> list[Breach]:
    """Return every way by which a picture could leave a module that holds one."""
    found: list[Breach] = []
    for name, module in holders(modules).items():
        if name in PAGES:
            continue
        if not name.startswith((*READERS, *DRAWERS)):
            found.append(Breach(name, 1, "holds pictures"))
        found += [Breach(name, line, f"imports {root}") for line, root in roots(module) if root in LINES]
        found += [Breach(name, node.lineno, what) for node, what in _writing(module)]
    return found


def _writing(module: Module) -> Iterator[tuple[ast.Call, str]]:
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.Call):
            continue
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if called in WRITERS:
            yield node, called
        elif called == "open" and not _only_reads(node):
            yield node, "open"


def _only_reads(call: ast.Call) -> bool:
    """`Image.open(path, formats=...)` and `path.open()` read; any mode given must be a plain one."""
    modes = [key.value for key in call.keywords if key.arg == "mode"]
    modes += call.args[1:2] if isinstance(call.func, ast.Name) else []
    return all(isinstance(mode, ast.Constant) and mode.value in {"r", "rb"} for mode in modes)
