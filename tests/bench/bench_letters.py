"""Letters on one core: set and signed, beside the bare typesetter on the same text, and what the signatures cost."""

import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import typst

from central.letters import keyring, sealing, signer
from central.letters.setting import set_pdf
from tests.bench.rows import Options, Row, percentile
from tests.central.letters.paper import ID, MARKS, MORNING, answered

ROUNDS = 60
BARE = b"""#set document(title: "x")
#set text(font: ("Noto Serif CJK SC", "Minyi Serif"), size: 16pt, lang: "zh", region: "cn")
#for part in json(bytes(sys.inputs.parts)) { par(part) }
"""


def _seconds(act: Callable[[int], object]) -> float:
    taken = []
    for at in range(ROUNDS):
        begin = time.perf_counter()
        act(at)
        taken.append(time.perf_counter() - begin)
    return percentile(taken, 0.5)


def run(options: Options) -> list[Row]:
    """Return letters per second, each of other words, as a ratio to bare typst with the same standards."""
    del options
    contents = [
        answered(f"经查，第{at}号案件已于2025年立案执行，存款已经扣划到账。" * 6) for at in range(ROUNDS)
    ]
    fonts = typst.Fonts(include_system_fonts=True, include_embedded_fonts=False)
    compiler = typst.Compiler(font_paths=fonts)

    def bare(at: int) -> object:
        text = json.dumps([each.text for each in contents[at].parts], ensure_ascii=False)
        return compiler.compile(
            BARE, format="pdf", pdf_standards=["a-2a", "ua-1"], sys_inputs={"parts": text}
        )

    with tempfile.TemporaryDirectory() as folder:
        keys = Path(folder)
        key, own = keyring.current(keys), signer.open_signer(keys, now=MORNING)

        def sign(pdf: bytes) -> object:
            return sealing.sign(pdf, letter_id=ID, key=key, signer=own, name="法院", now=MORNING)

        pdf = set_pdf(contents[0], MARKS)
        sign(pdf)
        bare(0)
        floor = _seconds(bare)
        whole = _seconds(lambda at: sign(set_pdf(contents[at], MARKS)))
        signing = _seconds(lambda _: sign(pdf))
    return [
        Row("letter", "set and signed", 1 / whole, "per second", ratio=whole / floor, base="bare typst"),
        Row("letter", "signing alone", signing * 1000, "ms", ratio=signing / floor, base="bare typst"),
        Row("bare typst", "same text", 1 / floor, "per second"),
    ]
