"""As much of DER (X.690) as putting one attribute into a signature takes. Strict: a length has one form. Pure."""

from collections.abc import Sequence

#: From a container of a signature to its one signer: which child to enter at each level (-1: the last).
SIGNER_INFO = (1, 0, -1, -1)
_LONG, _LONGEST = 0x80, 4


def end_of(data: bytes, at: int) -> int:
    """Return where the value that begins at `at` ends; raise `ValueError`."""
    begin, length = _head(data, at)
    if begin + length > len(data):
        raise ValueError(at)
    return begin + length


def wrapped(tag: int, content: bytes) -> bytes:
    """Return a value of tag, length and content."""
    length = len(content)
    if length < _LONG:
        return bytes([tag, length]) + content
    size = (length.bit_length() + 7) // 8
    return bytes([tag, _LONG | size]) + length.to_bytes(size, "big") + content


def last_of(data: bytes, path: Sequence[int]) -> bytes:
    """Return the last child of the value to which the path leads; raise `ValueError`."""
    for step in path:
        data = _child(data, step)
    return _child(data, -1)


def appended(data: bytes, path: Sequence[int], value: bytes) -> bytes:
    """Return `data` with one more child at the end of the value to which the path leads."""
    return _changed(data, path, value, without_last=False)


def replaced(data: bytes, path: Sequence[int], value: bytes) -> bytes:
    """Return `data` with the last child of that value replaced, by nothing if `value` is empty."""
    return _changed(data, path, value, without_last=True)


def _changed(data: bytes, path: Sequence[int], value: bytes, *, without_last: bool) -> bytes:
    children = _children(data)
    if path:
        at = range(len(children))[path[0]] if path[0] < len(children) else _none()
        children[at] = _changed(children[at], path[1:], value, without_last=without_last)
    else:
        children = [*(children[:-1] if without_last else children), value]
    return wrapped(data[0], b"".join(children))


def _child(data: bytes, at: int) -> bytes:
    children = _children(data)
    if not children or at >= len(children):
        raise ValueError(at)
    return children[at]


def _none() -> int:
    raise ValueError


def _children(data: bytes) -> list[bytes]:
    at, length = _head(data, 0)
    if at + length != len(data):
        raise ValueError(length)
    found = []
    while at < len(data):
        end = end_of(data, at)
        found.append(data[at:end])
        at = end
    return found


def _head(data: bytes, at: int) -> tuple[int, int]:
    """Return where the content begins and how long it is."""
    if at + 2 > len(data):
        raise ValueError(at)
    first = data[at + 1]
    if first < _LONG:
        return at + 2, first
    size = first & ~_LONG
    length = int.from_bytes(data[at + 2 : at + 2 + size], "big")
    if not 0 < size <= _LONGEST or at + 2 + size > len(data) or length < max(_LONG, 1 << 8 * (size - 1)):
        raise ValueError(at)
    return at + 2 + size, length
