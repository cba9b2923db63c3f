"""Import of a made-up ledger: rows a second beside reading the file alone, memory of both processes; undone, stopped, gone on with."""

import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]
import xlsxwriter
from sqlalchemy import create_engine, text

from central.intake import reading
from central.settings import Imports
from tests.bench.bench_engine import database
from tests.bench.rows import Options, Row

HEADS = ("留言编号", "留言用户", "留言主题", "留言时间", "留言详情", "答复意见", "答复时间")
COURT = "辽0102"
_BEGIN = datetime(2019, 1, 1)  # noqa: DTZ001 ledgers write the courts' local time


def ledger(path: Path, count: int) -> None:
    """Write a ledger of `count` answered petitions with about 170 characters of text and 90 of answer each."""
    chance = random.Random(1)
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, HEADS)
    for number in range(1, count + 1):
        received = _BEGIN + timedelta(minutes=chance.randrange(5 * 365 * 1440))
        replied = received + timedelta(days=chance.randrange(1, 80))
        text = f"\t\t本人第{number}次来信，反映物业服务合同纠纷一案执行进展缓慢，请求督促。" * 4
        answer = "您好，您反映的问题已收悉，案件正在办理，结果将在三十日内书面告知。" * 3
        row = (number, "王某", f"物业纠纷执行{number}", f"{received:%Y/%m/%d %H:%M:%S}", text)
        sheet.write_row(number, 0, (*row, answer, f"{replied:%Y/%m/%d %H:%M:%S}"))
    book.close()


def read_alone(path: Path) -> float:
    """Return the seconds that reading every row takes, in the child and over the pipe as the import does."""
    began = time.perf_counter()
    with reading.opened(path, Imports()) as sheet:
        for _ in sheet.rows:
            pass
    return time.perf_counter() - began


@contextmanager
def watched(process: psutil.Process) -> Iterator[dict[str, float]]:
    """Note the largest resident memory, in MiB, of a process and of its reading child."""
    most = {"parent": 0.0, "child": 0.0}
    over = threading.Event()

    def look() -> None:
        while not over.wait(0.05):
            for name, group in (("parent", [process]), ("child", _children(process))):
                most[name] = max([most[name], *(_resident(each) for each in group)])

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield most
    finally:
        over.set()
        thread.join()


def _children(process: psutil.Process) -> list[psutil.Process]:
    try:
        return list(process.children())
    except psutil.Error:
        return []


def _resident(process: psutil.Process) -> float:
    try:
        return float(process.memory_info().rss) / 2**20
    except psutil.Error:
        return 0.0


def bare(url: str, count: int) -> float:
    """Return rows a second that the engine takes of texts as long as a petition's, in one table, without rules, seal or log."""
    engine = create_engine(url)
    rows = [(number, "本人来信反映物业服务合同纠纷一案执行进展缓慢。" * 12) for number in range(count)]
    began = time.perf_counter()
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE bare_rows (id INTEGER PRIMARY KEY, words TEXT)")
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("INSERT INTO bare_rows VALUES (?, ?)", rows)
        else:
            raw: Any = connection.connection.dbapi_connection
            with raw.cursor() as cursor, cursor.copy("COPY bare_rows FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
    taken = time.perf_counter() - began
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE bare_rows")
    engine.dispose()
    return count / taken


def run(options: Options) -> list[Row]:
    """Return rows a second of the command beside reading alone and beside bare rows, of processor time too, a second run, undo, stop, peak memory."""
    with database(options.engine) as url, tempfile.TemporaryDirectory(prefix="minyi-bench-") as name:
        folder = Path(name)
        path = folder / "ledger.xlsx"
        ledger(path, options.rows)
        _minyi(folder, url, "seed")
        alone = options.rows / read_alone(path)
        plain = bare(url, options.rows)
        used = _processor()
        start = _start(folder, url)
        first, memory, made = _imported(folder, url, path)
        used = _processor() - used
        again, _, _ = _imported(folder, url, path)
        undone = _undone(folder, url, made["import"])
        stopped, rest, left = _stopped(folder, url, path, options.rows)
    if undone["undone"] != options.rows or rest["taken"] + left != options.rows:
        raise RuntimeError(f"undone {undone['undone']}, gone on {rest['taken']} of {options.rows}")
    return [
        Row("reading alone", "rate", alone, "rows/s"),
        Row("bare rows (INSERT or COPY)", "rate", plain, "rows/s"),
        Row("import", "rate", rate := options.rows / (first - start), "rows/s", rate / plain, "bare rows"),
        Row("import, of processor time (both processes, start too)", "rate", options.rows / used, "rows/s"),
        Row(
            "second run, nothing new",
            "rate",
            rate := options.rows / (again - start),
            "rows/s",
            rate / alone,
            "reading alone",
        ),
        Row("undo of all", "rate", options.rows / (undone["seconds"] - start), "rows/s"),
        Row("stop in the middle", "from the command to the end", stopped, "s"),
        Row("gone on after the stop", "rate", rest["taken"] / (rest["seconds"] - start), "rows/s"),
        *(Row(f"import, {who}", "peak memory", value, "MiB") for who, value in memory.items()),
    ]


def _start(folder: Path, url: str) -> float:
    """Return the seconds that a command takes before it does anything."""
    began = time.perf_counter()
    _minyi(folder, url, "settings")
    return time.perf_counter() - began


def _imported(folder: Path, url: str, path: Path) -> tuple[float, dict[str, float], dict[str, Any]]:
    """Return the seconds of the whole command, memory, and what it says."""
    began = time.perf_counter()
    with (
        _importing(folder, url, path) as process,
        watched(psutil.Process(process.pid)) as memory,
    ):
        said, _ = process.communicate()
        if process.returncode:
            raise RuntimeError("the import failed")
    return time.perf_counter() - began, memory, json.loads(said)


def _importing(folder: Path, url: str, path: Path) -> subprocess.Popen[bytes]:
    command = [_program(), "import-ledger", str(path), "--court", COURT, "--json"]
    return subprocess.Popen(command, env=_env(folder, url), stdout=subprocess.PIPE)


def _undone(folder: Path, url: str, made: str) -> dict[str, Any]:
    """Take an import back; return what the command says, with its seconds."""
    began = time.perf_counter()
    said: dict[str, Any] = json.loads(_minyi(folder, url, "ledger", "undo", made, "--json"))
    return said | {"seconds": time.perf_counter() - began}


def _stopped(folder: Path, url: str, path: Path, count: int) -> tuple[float, dict[str, Any], int]:
    """Stop an import behind a fifth of its rows, then go on; return seconds to the stop, what going on says, rows before."""
    engine = create_engine(url)
    running = text("SELECT id, taken FROM ledger_import WHERE stage = 'running' AND taken > :least")
    with _importing(folder, url, path) as process:
        found = None
        while found is None and process.poll() is None:
            time.sleep(0.2)
            with engine.connect() as connection:
                found = connection.execute(running, {"least": count // 5}).first()
        if found is None:
            raise RuntimeError("the import ended before it was stopped")
        began = time.perf_counter()
        _minyi(folder, url, "ledger", "cancel", str(found.id))
        said, _ = process.communicate()
        stopped = time.perf_counter() - began
    engine.dispose()
    taken, _, rest = _imported(folder, url, path)
    return stopped, rest | {"seconds": taken}, json.loads(said)["taken"]


def _processor() -> float:
    """Return the processor seconds that the children of this process took so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _minyi(folder: Path, url: str, *arguments: str) -> bytes:
    done = subprocess.run([_program(), *arguments], env=_env(folder, url), check=True, stdout=subprocess.PIPE)
    return done.stdout


def _program() -> str:
    return str(Path(sys.executable).parent / "minyi")


def _env(folder: Path, url: str) -> dict[str, str]:
    return {**os.environ, "MINYI_DATA": str(folder), "MINYI_DB__URL": url, "MINYI_ENVIRONMENT": "development"}
