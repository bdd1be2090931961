r"""A download from file to rows: what is in it, what each table is, and its rows with a summary.

>>> import tempfile
>>> from pathlib import Path
>>> with tempfile.TemporaryDirectory() as folder:
...     path = Path(folder, "places.csv")
...     _ = path.write_text("Place of Service Code(s),Place of Service Name\n97,own words\n9X,own words\n")
...     (table,) = survey(path).tables
...     rows, summary = read_all(table)
>>> [row.code for row in rows], summary.rows_read, summary.rows_rejected
(['97'], 2, 1)
"""

from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import attrs

from cptkit.edits.quarter import Quarter
from cptkit.edits.records import Setting
from cptkit.errors import ContradictoryFile, NotInstalled, UnknownLayout, UnreadableFile
from cptkit.importers import ama, aoc, hcpcs, mue, pfs, pos, ptp, ptp_changes, telehealth
from cptkit.importers.layouts import Kind, Recognised
from cptkit.importers.opening import Member, digest_of, members
from cptkit.importers.recognise import recognise
from cptkit.importers.rows import Rejected
from cptkit.importers.summary import Summary, Tally

__all__ = ["Skipped", "Survey", "Table", "read", "read_all", "survey"]

_READERS: dict[Kind, Callable[[Member], Iterator[Any]]] = {
    Kind.PTP: ptp.read,
    Kind.PTP_CHANGES: ptp_changes.read,
    Kind.MUE: mue.read,
    Kind.AOC: aoc.read,
    Kind.PFS: pfs.read,
    Kind.HCPCS: hcpcs.read,
    Kind.TELEHEALTH: telehealth.read,
    Kind.POS: pos.read,
    Kind.CPT_LIST: ama.read,
    Kind.CPT_DESCRIPTIONS: ama.read,
}
_IN_PARTS = {Kind.PTP, Kind.PTP_CHANGES, Kind.CPT_DESCRIPTIONS}
_WORKBOOKS = (".xlsx", ".xlsm")
_MOST_TOLD = 5


@attrs.frozen(slots=True)
class Table:
    """A member and what it is."""

    member: Member
    recognised: Recognised


@attrs.frozen(slots=True)
class Skipped:
    """A member that is not read, and why."""

    member: Member
    reason: str


@attrs.frozen(slots=True)
class Survey:
    """What is in a file: the tables to be read, and the members of the archive that are not read."""

    tables: tuple[Table, ...]
    skipped: tuple[Skipped, ...]


def survey(
    path: Path | str,
    *,
    setting: Setting | str | None = None,
    quarter: Quarter | str | None = None,
    qpp: bool | None = None,
) -> Survey:
    """What is in a file as downloaded. Of a table in two forms, the text form is taken.

    :raises UnknownLayout: when no member is a table that cptkit reads.
    :raises ContradictoryFile: when a table's content, name and what you say disagree.
    :raises UnreadableFile: when the file or a member of it cannot be read.
    :raises NotInstalled: when its tables are workbooks and python-calamine is not there.

    >>> survey("nowhere.zip")
    Traceback (most recent call last):
    ...
    cptkit.errors.UnreadableFile: the file cannot be read: No such file or directory; see nowhere.zip
    """
    found = list(members(path))
    tables: dict[Member, Recognised] = {}
    skipped: dict[Member, str] = {}
    texts: set[str] = set()
    failure: UnknownLayout | NotInstalled | None = None
    for member in sorted(found, key=_is_workbook):
        if _is_workbook(member) and _stem(member) in texts:
            skipped[member] = "the same table stands beside it as text"
            continue
        try:
            recognised = recognise(member, setting=setting, quarter=quarter, qpp=qpp)
        except (UnknownLayout, NotInstalled) as error:
            failure = failure or error
            skipped[member] = error.message
            continue
        except ContradictoryFile:
            raise
        except UnreadableFile as error:
            if not (tables and _is_workbook(member)):
                raise
            skipped[member] = error.message  # a report beside the table; the table itself was found as text
            continue
        if recognised.kind not in _IN_PARTS and recognised in tables.values():
            skipped[member] = "the same table in another form"
            continue
        tables[member] = recognised
        texts.add(_stem(member))
    if not tables and failure is not None:
        if len(found) == 1 or isinstance(failure, NotInstalled):
            raise failure
        told = "; ".join(f"{member.name}: {reason}" for member, reason in list(skipped.items())[:_MOST_TOLD])
        message = f"none of the {len(found)} members is a table that cptkit reads ({told})"
        raise UnknownLayout(message, where=Path(path).name) from failure
    return Survey(
        tuple(Table(member, tables[member]) for member in found if member in tables),
        tuple(Skipped(member, skipped[member]) for member in found if member in skipped),
    )


def read(table: Table, tally: Tally | None = None, *, keep_descriptors: bool = False) -> Iterator[Any]:
    """The rows of a table, and ``Rejected`` for those that cannot be read, counted in ``tally``.

    :param keep_descriptors: also give the licensed texts of the AMA's files.
    :raises UnreadableFile: when it cannot be read to its end.
    """
    kind = table.recognised.kind
    if kind in {Kind.CPT_LIST, Kind.CPT_DESCRIPTIONS}:
        rows: Iterator[Any] = ama.read(table.member, keep_descriptors=keep_descriptors)
    else:
        rows = _READERS[kind](table.member)
    for row in rows:
        if tally is not None:
            tally.take(row)
        yield row


def read_all(table: Table, *, keep_descriptors: bool = False) -> tuple[list[Any], Summary]:
    """All rows that could be read, and the summary. For small tables: pair edits have millions of rows.

    :raises UnknownLayout: when there is no row at all.
    :raises ContradictoryFile: when the rows are of a later quarter than the file is said to be.
    :raises UnreadableFile: when it cannot be read to its end.
    """
    tally = Tally()
    rows = [
        row for row in read(table, tally, keep_descriptors=keep_descriptors) if not isinstance(row, Rejected)
    ]
    return rows, tally.summary(table.member, table.recognised, digest_of(table.member.path))


def _is_workbook(member: Member) -> bool:
    return member.name.lower().endswith(_WORKBOOKS)


def _stem(member: Member) -> str:
    path = PurePosixPath(member.name.lower().replace("\\", "/"))
    return str(path.with_suffix(""))
