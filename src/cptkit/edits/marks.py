"""Marks of a quarter's rows: for each column 1 code, a digest of its rows as they stood in the file.

They are there for speed alone: a later quarter whose rows of a code have the same mark is not read
again. Without them every row is read, and the tables come out the same.
"""

from collections.abc import Mapping

from cptkit.errors import BrokenEdits

__all__ = ["marks_bytes", "read_marks"]

_HEAD = b"\x89PTM\r\n\x1a\n\x01"  # the last byte numbers the way in which rows are read
_CODE, _MARK = 5, 16


def marks_bytes(marks: Mapping[str, bytes]) -> bytes:
    """The file of these marks."""
    return _HEAD + b"".join(code.encode("ascii") + marks[code] for code in sorted(marks))


def read_marks(data: bytes, where: str) -> dict[str, bytes]:
    """The marks in a file; none where they were left by another way of reading.

    :raises BrokenEdits: when it is no such file.
    """
    body = data[len(_HEAD) :]
    if len(data) < len(_HEAD) or not data.startswith(_HEAD[:-1]) or len(body) % (_CODE + _MARK):
        raise BrokenEdits("these are no marks of a quarter's rows", where=where)
    if data[len(_HEAD) - 1] != _HEAD[-1]:
        return {}
    step = _CODE + _MARK
    return {
        body[place : place + _CODE].decode("latin-1"): body[place + _CODE : place + step]
        for place in range(0, len(body), step)
    }
