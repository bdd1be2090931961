"""Reports out of files, and the schema by which other programs read them."""

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

from cptkit.errors import BrokenReport
from cptkit.rules import Report

__all__ = ["read_report", "report_schema"]

_MOST_BYTES = 256 * 2**20
_JSONL = b'{"type":'


def read_report(path: str | os.PathLike[str]) -> Report:
    """The report in a file that ``cptkit check --format json`` wrote, or ``Report.to_dict`` as JSON.

    :raises BrokenReport: when the file cannot be read, is over 256 MiB, is no JSON, or no report of a
        format that this version knows; the place in it is named.

    >>> read_report("no-such-file.json")
    Traceback (most recent call last):
    ...
    cptkit.errors.BrokenReport: the report cannot be read (No such file or directory): 'no-such-file.json'
    """
    name = os.fspath(path)
    data = _bytes(Path(name), name)
    if data[:64].replace(b" ", b"").startswith(_JSONL):
        message = "the file holds JSON lines, and a report is read from one JSON object"
        raise BrokenReport(message, given=name, expected="what `cptkit check --format json` writes")
    try:
        given = json.loads(data.decode("utf-8-sig"), object_pairs_hook=_once, parse_constant=_refuse)
    except UnicodeDecodeError:
        raise BrokenReport("the file is not UTF-8", given=name) from None
    except RecursionError:
        raise BrokenReport("the file is no report: it is nested too deeply", given=name) from None
    except ValueError as error:
        raise BrokenReport(f"the file is not JSON ({error})", given=name) from None
    try:
        return Report.from_dict(given)
    except BrokenReport as error:
        where = f"{error.where} in {name}" if error.where else name
        raise BrokenReport(error.message, expected=error.expected, where=where) from None


def _bytes(path: Path, name: str) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise BrokenReport(f"the report cannot be read ({why})", given=name) from None
    if len(data) > _MOST_BYTES:
        message = f"the file is too big for a report: over {_MOST_BYTES // 2**20} MiB"
        raise BrokenReport(message, given=name)
    return data


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice, _ = Counter(name for name, _ in pairs).most_common(1)[0]
        raise ValueError(f"the field {twice[:60]!r} stands twice in one object")
    return found


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is no value")


def report_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of what ``Report.to_dict`` and ``cptkit check --format json`` write.

    It knows the fields of this version of cptkit and no others.

    >>> from cptkit.reports import report_schema
    >>> report_schema()["$id"], report_schema()["properties"]["basis"]["enum"]
    ('urn:cptkit:report:1', ['cpt', 'medicare'])
    >>> report_schema()["properties"]["patients"]
    Traceback (most recent call last):
    ...
    KeyError: 'patients'
    """
    from cptkit.rules.written import schema

    return schema()
