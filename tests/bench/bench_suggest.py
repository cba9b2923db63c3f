"""Categories of made-up messages by cross-validation, beside a character n-gram linear machine in the same folds; time to learn and to say.

Seconds are of processor time on one core, since a machine that runs tests is never idle. Real labelled messages are measured by
`minyi suggest evaluate`: none comes with the program.
"""

import time

from central.suggestions import fitting, grams, learning, meaning, model
from tests.bench.made_messages import made
from tests.bench.rows import Options, Row

BASE = "TfidfVectorizer(char, 1-3) + LinearSVC"
FOLDS = 3


def run(options: Options) -> list[Row]:
    """Measure quality on at most 2,000 messages, and time on `--rows`."""
    rows = []
    for many in (300, 2_000):
        # Their words are made up: they mean nothing.
        found = learning.evaluate(*made(many, seed=many), folds=FOLDS, seed=1, meanings=False)
        ours, plain = found["ours"]["macro_f1"], found["plain"]["macro_f1"]
        rows.append(Row(f"{many} messages", "macro-F1", ours, "", ratio=ours / max(plain, 1e-9), base=BASE))
    texts, labels = made(options.rows, seed=7, length=150)
    cleaned = [grams.clean(text) for text in texts]
    started = time.process_time()
    fitted = fitting.fit(cleaned, labels, seed=1)
    rows.append(Row("learning", "processor time", time.process_time() - started, "s"))
    started = time.process_time()
    for text in texts[:200]:
        model.chances(fitted, text)
    rows.append(Row("one proposal", "processor time", (time.process_time() - started) * 5, "ms"))
    spent = meaning.of_texts([(text * 3)[:200] for text in texts[:40]], 200)[1]
    rows.append(Row("meaning of 200 signs", "processor time", spent / 40 * 1000, "ms"))
    rows.append(Row("model", "size", len(model.packed(fitted)) / 1e6, "MB"))
    return rows
