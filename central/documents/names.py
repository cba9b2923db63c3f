"""Names of files: any script stays as it is; what moves, hides or breaks a line goes. Pure."""

import re
import unicodedata

from central.documents.kinds import SUFFIXES, Kind

#: Most characters and bytes of a shown name; file systems end at 255 bytes.
MOST_CHARACTERS = 120
MOST_BYTES = 200
#: Joiners that some scripts need inside words (Persian, Hindi); all other format characters turn, hide or reorder text.
_JOINERS = frozenset("\u200c\u200d")
_LOST = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_FORBIDDEN = re.compile(r'[<>:"|?*]')
_DEVICES = re.compile(r"(?i)^(con|prn|aux|nul|clock\$|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)")
_SUFFIX = re.compile(r"\.([A-Za-z0-9]{1,5})$")
#: Suffixes that name a kind of file, ours or another: only these are exchanged, so that "第3.2" keeps its number.
_KNOWN = frozenset({
    "pdf", "jpg", "jpeg", "jpe", "jfif", "png", "tif", "tiff", "gif", "bmp", "webp", "heic", "svg", "exe", "com",
    "bat", "cmd", "js", "vbs", "scr", "lnk", "msi", "dll", "hta", "ps1", "sh", "php", "asp", "aspx", "jsp", "html",
    "htm", "xml", "zip", "rar", "7z", "gz", "tar", "doc", "docx", "docm", "xls", "xlsx", "xlsm", "ppt", "pptx", "rtf",
    "txt", "csv", "jar", "apk", "dmg", "iso",
})  # fmt: skip
NAMELESS = "_"


def shown(given: str, kind: Kind) -> str:
    """Return the name as staff see it: NFC, one line, no folder, no device, the suffix of what the file is."""
    stem, suffix = _parted(_clean(given))
    wanted = suffix if suffix.lower() in SUFFIXES[kind] else SUFFIXES[kind][0]
    return f"{_shortened(stem, len(wanted) + 1)}.{wanted}"


def has_wrong_suffix(given: str, kind: Kind) -> bool:
    """Say whether the name claims to be another kind of file, or none."""
    return _parted(_clean(given))[1].lower() not in SUFFIXES[kind]


def plain(given: str) -> str:
    """Return the name of a file that was not taken, as a page may show it: its suffix stays as it was sent."""
    return _clean(given)[:MOST_CHARACTERS] or NAMELESS


def _clean(given: str) -> str:
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", given.replace("\ufffd", "")))[-1]
    kept = "".join(c for c in last if c in _JOINERS or unicodedata.category(c) not in _LOST)
    return " ".join(_FORBIDDEN.sub("_", kept).split()).rstrip(". ")


def _parted(name: str) -> tuple[str, str]:
    found = _SUFFIX.search(name)
    if found is None or found[1].lower() not in _KNOWN:
        return _named(name.lstrip(". ")), ""
    return _named(name[: found.start()].strip(". ")), found[1]


def _named(stem: str) -> str:
    bare = stem.strip("".join(_JOINERS) + ". ")
    if not bare:
        return NAMELESS
    return f"_{stem}" if _DEVICES.match(stem) else stem


def _shortened(stem: str, suffix: int) -> str:
    """Cut between characters, never inside one with its marks."""
    cut = stem[: MOST_CHARACTERS - suffix]
    while len(cut.encode()) > MOST_BYTES - suffix or (
        len(cut) < len(stem) and unicodedata.combining(stem[len(cut)])
    ):
        cut = cut[:-1]
    return cut.rstrip(". ")
