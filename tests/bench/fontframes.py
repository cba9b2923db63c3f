"""Chinese fonts that this machine has, one face of each file, as fontconfig names them."""

import shutil
import subprocess
from pathlib import Path

#: Of a collection the face of the mainland's forms; faces of one width are the same signs again.
_MAINLAND, _AGAIN = (" SC", " CN"), ("Mono", "Sharp", "MBE")


def installed(words: str) -> list[tuple[Path, int]]:
    """Return the files with faces whose name or file holds one of `words` (parted by commas; `all` for all); raise `LookupError`."""
    listed = subprocess.run(
        [
            shutil.which("fc-list") or "fc-list",
            "--format",
            "%{file}\t%{index}\t%{family}\t%{style}\n",
            ":lang=zh-cn",
        ],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    wanted = [word.strip().casefold() for word in words.split(",") if word.strip()]
    found: dict[str, tuple[bool, int]] = {}
    for line in sorted(listed.splitlines()):
        file, index, family, style = line.split("\t")
        said = f"{file} {family} {style}".casefold()
        if any(sign in family for sign in _AGAIN) or not int(index) < 1 << 16:
            continue
        if wanted == ["all"] or any(word in said for word in wanted):
            order = (not any(sign in family for sign in _MAINLAND), int(index))
            found[file] = min(found.get(file, order), order)
    if not found:
        msg = f"no Chinese font of this machine is called {words}"
        raise LookupError(msg)
    return [(Path(file), index) for file, (_, index) in sorted(found.items())]
