"""What can be got out of a damaged file of SQLite beyond what SQLite itself reads: a flipped bit in the log, rows on a broken page.

Formats: sqlite.org/fileformat2.html, sections 1.5 (cells), 2.1 (records) and 4 (write-ahead log). Nothing here is believed by
itself: a log is mended only when its checksums fit again, a row counts only when its seal opens.
"""

import re
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path

_LOG_HEADER, _FRAME_HEADER = 32, 24
_MAGIC_LITTLE, _MAGIC_BIG = 0x377F0682, 0x377F0683
_WORD = 2**32
_LONGEST_HEADER = 64
_BLOB, _TEXT = 12, 13
#: Sizes of the serial types 0 to 9 of a record; 10 and 11 never stand in a file.
_SIZES = (0, 1, 2, 3, 4, 6, 8, 8, 0, 0)

#: An open row of the journal as it lies on a page: id, time, sealed body, state.
_EVENT = re.compile(
    rb"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
    rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{6})?[+-]\d\d:\d\d(.{29,4000}?)(?:waiting|parked)",
    re.DOTALL,
)

Values = tuple[int | bytes | str | None, ...]


def mend_log(path: Path) -> int:
    """Turn flipped bits of a write-ahead log back, one in each frame at most; return how many.

    SQLite ends its reading at the first frame whose checksum does not fit: one bit would silently take back everything
    that was committed after it. What a power cut tore has more than one wrong bit and stays as it is.
    """
    log = bytearray(path.read_bytes()) if path.exists() else bytearray()
    if len(log) < _LOG_HEADER:
        return 0
    mended = _mend_header(log)
    if mended is None:
        return 0
    order = "<" if _magic(log) == _MAGIC_LITTLE else ">"
    (size,) = struct.unpack_from(">I", log, 8)
    frame, salts = _FRAME_HEADER + size, bytes(log[16:24])
    sums = struct.unpack_from(">II", log, 24)
    for start in range(_LOG_HEADER, len(log) - frame + 1, frame):
        covered = bytes(log[start : start + 8]) + bytes(log[start + _FRAME_HEADER : start + frame])
        kept = struct.unpack_from(">II", log, start + 16)
        made = _checksum(covered, order, sums)
        whole_salts = bytes(log[start + 8 : start + 16]) == salts
        if made == kept and whole_salts:
            sums = kept
            continue
        if not _mend_frame(log, start, salts=salts, kept=kept, made=made, covered=covered, order=order):
            break
        mended += 1
        sums = struct.unpack_from(">II", log, start + 16)
    if mended:
        path.write_bytes(log)
    return mended


def _magic(log: bytearray) -> int:
    return int.from_bytes(log[:4], "big")


def _header_fits(log: bytearray) -> bool:
    if _magic(log) not in {_MAGIC_LITTLE, _MAGIC_BIG}:
        return False
    order = "<" if _magic(log) == _MAGIC_LITTLE else ">"
    return _checksum(bytes(log[:24]), order, (0, 0)) == struct.unpack_from(">II", log, 24)


def _mend_header(log: bytearray) -> int | None:
    if _header_fits(log):
        return 0
    for bit in range(_LOG_HEADER * 8):
        log[bit // 8] ^= 1 << bit % 8
        if _header_fits(log):
            return 1
        log[bit // 8] ^= 1 << bit % 8
    return None


def _mend_frame(
    log: bytearray,
    start: int,
    *,
    salts: bytes,
    kept: tuple[int, int],
    made: tuple[int, int],
    covered: bytes,
    order: str,
) -> bool:
    near = _bits_between(bytes(log[start + 8 : start + 16]), salts)
    if made == kept and near == 1:
        log[start + 8 : start + 16] = salts
        return True
    if near != 0:
        return False  # of an earlier round of the log: its end
    if _bits_between(struct.pack(">II", *made), struct.pack(">II", *kept)) == 1:
        struct.pack_into(">II", log, start + 16, *made)
        return True
    flipped = _flipped_bit(covered, order, made=made, kept=kept)
    if flipped is None:
        return False
    byte, mask = flipped
    log[start + byte + (0 if byte < 8 else _FRAME_HEADER - 8)] ^= mask
    return True


def _checksum(data: bytes, order: str, sums: tuple[int, int]) -> tuple[int, int]:
    one, two = sums
    words = struct.unpack(f"{order}{len(data) // 4}I", data)
    for at in range(0, len(words), 2):
        one = (one + words[at] + two) % _WORD
        two = (two + words[at + 1] + one) % _WORD
    return one, two


def _flipped_bit(
    data: bytes, order: str, *, made: tuple[int, int], kept: tuple[int, int]
) -> tuple[int, int] | None:
    """Return byte and mask of the one bit whose turning makes the checksum `kept`. The sums are linear in each word."""
    off = (kept[0] - made[0]) % _WORD, (kept[1] - made[1]) % _WORD
    words = struct.unpack(f"{order}{len(data) // 4}I", data)
    even, odd = (1, 1), (0, 1)  # what a difference of 1 in a word of the last pair does to both sums
    for at in range(len(words) - 2, -1, -2):
        for place, (one, two) in ((at, even), (at + 1, odd)):
            for bit in range(32):
                by = -(1 << bit) if words[place] >> bit & 1 else 1 << bit
                if by * one % _WORD == off[0] and by * two % _WORD == off[1]:
                    byte = bit // 8 if order == "<" else 3 - bit // 8
                    return place * 4 + byte, 1 << bit % 8
        even, odd = _one_pair_on(even), _one_pair_on(odd)
    return None


def _one_pair_on(by: tuple[int, int]) -> tuple[int, int]:
    one = (by[0] + by[1]) % _WORD
    return one, (by[1] + one) % _WORD


def _bits_between(one: bytes, other: bytes) -> int:
    return sum((a ^ b).bit_count() for a, b in zip(one, other, strict=True))


def pages(path: Path) -> Iterator[bytes]:
    """Yield the pages of a file and of its write-ahead log, whatever their state."""
    file = path.read_bytes()
    size = int.from_bytes(file[16:18], "big") if len(file) >= 18 else 0
    if size < 512 or size & (size - 1):
        size = 4096
    yield from (file[at : at + size] for at in range(0, len(file), size))
    beside = path.with_name(f"{path.name}-wal")
    log = beside.read_bytes() if beside.exists() else b""
    step = size + _FRAME_HEADER
    yield from (log[at + _FRAME_HEADER : at + step] for at in range(_LOG_HEADER, len(log), step))


def records(page: bytes, columns: int) -> Iterator[tuple[Sequence[int], Values]]:
    """Yield everything on a page that looks like a record of so many columns, each with the row numbers it may have."""
    for start in range(1, len(page) - columns):
        if columns < page[start] <= _LONGEST_HEADER:
            found = _record(page, start, columns)
            if found is not None:
                yield _row_numbers(page, start), found


def loose_events(page: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield id and sealed body of everything on a page that has the shape of an open event, whatever stands before it."""
    for found in _EVENT.finditer(page):
        yield found[1].decode(), found[2]


def _record(page: bytes, start: int, columns: int) -> Values | None:
    end, at = start + page[start], start + 1
    types: list[int] = []
    while at < end and len(types) <= columns:
        kind, at = _varint(page, at)
        types.append(kind)
    if at != end or len(types) != columns or any(kind in {10, 11} for kind in types):
        return None
    values: list[int | bytes | str | None] = []
    for kind in types:
        length = _SIZES[kind] if kind < _BLOB else (kind - _BLOB) // 2
        part = page[at : at + length]
        if len(part) < length:
            return None
        values.append(_value(kind, part))
        at += length
    return tuple(values)


def _value(kind: int, part: bytes) -> int | bytes | str | None:
    if kind == 0:
        return None
    if kind < _BLOB:
        return int.from_bytes(part, "big", signed=True) if part else kind - 8
    return text_of(part) if kind % 2 else part


def text_of(part: bytes) -> str:
    """Return a text as it lies in a file; bytes that are none stay in it as half signs, so that a flipped bit can be turned back."""
    return part.decode(errors="surrogateescape")


def is_text(value: str) -> bool:
    """Say whether a text has no half signs."""
    return not any("\ud800" <= sign <= "\udfff" for sign in value)


def _varint(page: bytes, at: int) -> tuple[int, int]:
    value = 0
    for length in range(1, 9):
        if at >= len(page):
            break
        value = value << 7 | page[at] & 0x7F
        at += 1
        if page[at - 1] < 0x80 or length == 8:
            break
    return value, at


def _row_numbers(page: bytes, end: int) -> list[int]:
    """Return the numbers that the bytes before a record may spell: where a number begins cannot be told backwards."""
    found = []
    for length in range(1, min(5, end) + 1):
        value, stop = _varint(page, end - length)
        if stop == end:
            found.append(value)
    return found
