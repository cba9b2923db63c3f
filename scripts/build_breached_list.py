"""Build `central/accounts/data/breached.bin` from lists of passwords that leaked: one password a line, or a JSON list.

    .venv/bin/python scripts/build_breached_list.py LIST...

Kept are passwords as long as the policy asks for: shorter ones are refused anyhow. Each becomes five bytes of BLAKE2b over its
folded form, sorted: the file answers "is it there" by bisection, holds no password, and takes one in 20 million others for one of its own.
docs/sign-in.md says which lists the shipped file was built from.
"""

import json
import sys
from pathlib import Path

from central.accounts.policy import LIST, LONGEST, SHORTEST, entry_of, folded


def passwords(path: Path) -> list[str]:
    text = path.read_text("utf-8", errors="ignore")
    return json.loads(text) if path.suffix == ".json" else text.splitlines()


def main(paths: list[str]) -> None:
    known = {folded(each) for path in paths for each in passwords(Path(path))}
    kept = {entry_of(each) for each in known if SHORTEST <= len(each) <= LONGEST}
    LIST.parent.mkdir(exist_ok=True)
    LIST.write_bytes(b"".join(sorted(kept)))
    print(f"{len(known)} passwords read, {len(kept)} kept, {LIST.stat().st_size} bytes")


if __name__ == "__main__":
    main(sys.argv[1:])
