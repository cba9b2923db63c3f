"""`minyi letter`: check a letter without a network, print or replace the key of letters."""

import hashlib
from pathlib import Path
from typing import Annotated

import typer

from central.commands.common import CHECK_FAILED, Data, Json, complain, refusals, say, settings, show
from central.letters import checking, enclosing, keyring
from central.letters.checking import Verdict
from central.letters.keyring import Published

app = typer.Typer(help="Letters: check one, print the published keys, take a new key.", no_args_is_help=True)


@app.command("verify")
def verify(
    file: Annotated[Path, typer.Argument(help="The letter, a PDF.")],
    key: Annotated[
        str, typer.Option("--key", help="Published keys: a file (JSON or PEM), or one key in base64.")
    ] = "",
    signature: Annotated[
        Path | None, typer.Option("--signature", help="Detached signature; else FILE.sig where it is.")
    ] = None,
    enclosure: Annotated[
        list[Path] | None,
        typer.Option("--enclosure", help="A file said to be enclosed; may be given several times."),
    ] = None,
    data: Data = None,
    *,
    json: Json = False,
) -> None:
    """Say whether a letter is genuine and unchanged, and given enclosures its own; exit 1 if not. Needs no network and no database."""
    chosen = settings(data)
    lang = chosen.language
    content = _read(file, lang)
    signed = signature or file.with_name(f"{file.name}.sig")
    detached = _read(signed, lang) if signature or signed.is_file() else None
    with refusals(lang):
        keys = _given(key, lang) if key else _own(chosen.data / "keys")
    found = checking.check(content, keys, signature=detached)
    given = {str(each): hashlib.sha256(_read(each, lang)).hexdigest() for each in enclosure or ()}
    named = enclosing.digests(content) if found.verdict is Verdict.GENUINE else []
    beside = enclosing.compared(named, given)
    if json:
        show(
            {
                "verdict": found.verdict.value,
                "letter": found.letter_id.hex if found.letter_id else "",
                "key": found.key_id,
                "sha256": found.sha256,
                "detached": detached is not None,
                "enclosures": named,
                "given": dict(beside.places),
                "missing": list(beside.missing),
            },
            as_json=True,
        )
    else:
        say(f"letters.verify.{found.verdict}", lang, key_id=found.key_id)
        if found.verdict is Verdict.GENUINE:
            _tell(beside, lang)
    if found.verdict is not Verdict.GENUINE or not all(beside.places.values()):
        raise typer.Exit(CHECK_FAILED)


def _tell(found: enclosing.Compared, lang: str) -> None:
    for name, place in found.places.items():
        say(f"letters.verify.enclosure_{'same' if place else 'other'}", lang, path=name, place=place)
    for place in found.missing:
        say("letters.verify.enclosure_missing", lang, place=place)


@app.command("key")
def key_(data: Data = None, *, json: Json = False) -> None:
    """Print the published keys: the one that signs, and those that did before."""
    folder = settings(data).data / "keys"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    found = keyring.published(folder)
    if json:
        typer.echo(keyring.as_text(found))
        return
    for each in found:
        typer.echo(f"{each.text}  {each.id}{'  *' if each.current else ''}")


@app.command("rotate")
def rotate(data: Data = None) -> None:
    """Take a new key for the letters to come; those before stay published."""
    chosen = settings(data)
    folder = chosen.data / "keys"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    made = keyring.rotate(folder)
    say("letters.rotated", chosen.language, key=made.id, public=made.text)


def _own(folder: Path) -> list[Published]:
    """Return this installation's keys; checking makes no new one."""
    return keyring.published(folder) if any(folder.glob("letter-*.key")) else []


def _given(key: str, lang: str) -> list[Published]:
    path = Path(key)
    try:
        there = path.is_file()
    except OSError:
        there = False
    return keyring.read(_read(path, lang).decode("utf-8", "replace") if there else key)


def _read(path: Path, lang: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        complain("letters.verify.no_file", lang, path=path, reason=error.strerror or error)
