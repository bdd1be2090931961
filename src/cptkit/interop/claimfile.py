r"""A file of claim lines, read: the claims, and every row that could not be read, with its reason.

The file is delimited text with a first line that names the columns (``cptkit.interop.ACCEPTED``).
Commas, semicolons and tabs are told apart by that line. Each line of a claim is named by its line
number in the file, so that a report says ``line 17`` and an editor finds it.

>>> import io
>>> table = io.BytesIO(b"claim,dos,cpt,minutes\nC-1,2026-03-02,90834,47\nC-1,2026-02-30,90785,\n")
>>> file = read_claims(table)
>>> [line.code for line in file.claims[0].lines], file.rows_read, file.rows_checked
(['90834'], 2, 1)
>>> print(file.rejected[0])
line 3: date of service '2026-02-30' is not a day of the calendar
"""

import datetime as dt
import os
from collections.abc import Callable, Mapping, Sequence
from typing import BinaryIO, TypeVar

import attrs

from cptkit.cells import clock, code_and_modifiers, day, money, whole
from cptkit.claims import Claim, Line
from cptkit.errors import UnreadableClaims
from cptkit.interop.columns import Columns, map_columns, recognised
from cptkit.interop.rows import DELIMITERS, decoded, lines_of, split
from cptkit.modifiers import split_modifiers
from cptkit.setting import Setting

__all__ = ["ClaimFile", "RejectedRow", "read_claims"]

T = TypeVar("T")


@attrs.frozen(slots=True)
class RejectedRow:
    """A row that could not be read: its line number, every reason, its text.

    ``claim`` and ``patient``: whom it names, as far as that could be read. A row of a patient and a day, in a
    file without claim ids, names the claim of that day. The other lines of the claim are judged without it;
    ``ClaimFile.incomplete_claims`` says which claims these may be.
    """

    line_number: int
    reason: str
    text: str
    claim: str = ""
    patient: str = ""

    def __str__(self) -> str:
        return f"line {self.line_number}: {self.reason}"


@attrs.frozen(slots=True)
class ClaimFile:
    """What a file of claim lines holds.

    ``rows_read`` is always ``rows_checked`` (the rows that became lines of ``claims``) plus the
    number of ``rejected`` rows; the header and blank lines are no rows. ``columns`` says which
    column of the file was used for what, ``ignored`` which were not used.
    """

    claims: tuple[Claim, ...]
    rows_checked: int
    rejected: tuple[RejectedRow, ...]
    columns: Mapping[str, str]
    ignored: tuple[str, ...]

    @property
    def rows_read(self) -> int:
        """All rows: those that are checked and those that were rejected."""
        return self.rows_checked + len(self.rejected)

    @property
    def incomplete_claims(self) -> frozenset[str]:
        r"""The ids of those ``claims`` that lost a row, or may have: for ``check_claims(..., incomplete=...)``.

        A rejected row that names no claim may be of any claim of its patient, and of any claim that names no
        patient; one that names no patient either may be of any claim of the file.

        >>> import io
        >>> rows = b"patient,dos,cpt\nP-1,2026-03-02,90785\nP-1,2026-03-2x,90834\nP-2,2026-03-02,90834\n"
        >>> file = read_claims(io.BytesIO(rows))
        >>> sorted(file.incomplete_claims)
        ['P-1 2026-03-02']
        """
        named = {row.claim for row in self.rejected if row.claim}
        nameless = {row.patient for row in self.rejected if not row.claim}
        is_anyones = "" in nameless
        return frozenset(
            claim.id
            for claim in self.claims
            if claim.id in named
            or (nameless and (is_anyones or not claim.patient or claim.patient in nameless))
        )


@attrs.frozen(slots=True)
class _Row:
    """A row that could be read, before it is known which lines make a claim."""

    claim: str
    patient: str
    billing_provider: str
    filed: dt.date | None
    line: Line


def read_claims(
    source: str | os.PathLike[str] | BinaryIO,
    *,
    columns: Mapping[str, str] | None = None,
    setting: Setting = Setting.PRACTITIONER,
) -> ClaimFile:
    """The claims in a delimited file, by path or as an open binary stream.

    Rows with one claim id and one patient are one claim; rows without a claim id are one claim for
    each patient and date of service, named after both. A claim whose rows name several days of filing has
    none. A row that cannot be read is rejected with
    its reasons and costs no other row; a malformed code or impossible units are kept, for the rules
    to report.

    :param columns: field to column name, for a file with names of its own:
        ``{"date_of_service": "Day of visit"}``.
    :param setting: whose claims these are, and so whose edit tables judge them.
    :raises UnreadableClaims: the file is missing, a folder, empty, binary or not UTF-8; a required
        column is missing; two columns hold one thing.

    >>> read_claims("no-such-file.csv")
    Traceback (most recent call last):
    ...
    cptkit.errors.UnreadableClaims: the file cannot be read (No such file or directory): 'no-such-file.csv'
    """
    name, data = _contents(source)
    try:
        lines = lines_of(decoded(data))
        top = next(index for index, line in enumerate(lines) if line.strip())
        delimiter, found = _header(lines[top], columns or {})
    except UnreadableClaims as error:
        if error.given is None:
            error.given = name
        else:
            error.where = name
        raise
    rows: list[_Row] = []
    rejected: list[RejectedRow] = []
    for number, text in enumerate(lines[top + 1 :], start=top + 2):
        if not text.replace(delimiter, "").strip():
            continue  # blank, or the empty rows that a spreadsheet leaves at the end
        read = _row(text, number, delimiter, found)
        if isinstance(read, _Row):
            rows.append(read)
        else:
            rejected.append(read)
    return ClaimFile(_claims(rows, setting), len(rows), tuple(rejected), found.names, found.ignored)


def _contents(source: str | os.PathLike[str] | BinaryIO) -> tuple[str, bytes]:
    if isinstance(source, str | os.PathLike):
        name = os.fspath(source)
        try:
            with open(name, "rb") as file:  # noqa: PTH123 - a path may also come as text
                return name, file.read()
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or error
            raise UnreadableClaims(f"the file cannot be read ({why})", given=name) from error
    name = str(getattr(source, "name", "") or "a stream")
    try:
        data = source.read()
    except (OSError, ValueError) as error:
        raise UnreadableClaims(f"the stream cannot be read ({error})", given=name) from error
    if not isinstance(data, bytes):
        raise UnreadableClaims(
            "the stream gives no bytes", given=name, expected="a stream opened in binary mode"
        )
    return name, data


def _header(line: str, chosen: Mapping[str, str]) -> tuple[str, Columns]:
    """The delimiter that makes the most of the header's names, and its columns."""
    if "\0" in line:
        raise UnreadableClaims("the file is binary, or UTF-16", expected="CSV text in UTF-8")
    best: tuple[int, int, str, list[str]] | None = None
    problem = ""
    for delimiter in DELIMITERS:
        try:
            names = split(line, delimiter)
        except ValueError as error:
            problem = problem or str(error)
            continue
        named = sum(name.strip() in chosen.values() for name in names)
        found = (recognised(names) + named, len(names), delimiter, names)
        if best is None or found[:2] > best[:2]:
            best = found
    if best is None:
        raise UnreadableClaims(f"the line that names the columns has {problem}")
    return best[2], map_columns(best[3], chosen)


def _row(text: str, number: int, delimiter: str, columns: Columns) -> _Row | RejectedRow:
    if "\0" in text:
        return RejectedRow(number, "a NUL byte in the row", text)
    try:
        cells = split(text, delimiter)
    except ValueError as error:
        return RejectedRow(number, str(error), text)
    if len(cells) != columns.width:
        reason = f"{len(cells)} {'field' if len(cells) == 1 else 'fields'}, the header has {columns.width}"
        return RejectedRow(number, reason, text)
    return _Reading(cells, columns).row(number, text)


class _Reading:
    """One row being read: what is wrong is gathered, so that a row says all of it at once."""

    def __init__(self, cells: Sequence[str], columns: Columns) -> None:
        self._cells = cells
        self._columns = columns
        self._problems: list[str] = []

    def _text(self, field: str) -> str:
        place = self._columns.places.get(field)
        return "" if place is None else self._cells[place]

    def _value(self, parse: Callable[[str], T], text: str) -> T | None:
        try:
            return parse(text)
        except ValueError as error:
            self._problems.append(str(error))
            return None

    def row(self, number: int, text: str) -> _Row | RejectedRow:
        claim, patient = self._text("claim_id"), self._text("patient_id")
        if not claim and not patient:
            self._problems.append("neither a claim nor a patient")
        service = self._value(code_and_modifiers, self._text("code"))
        date_of_service = self._value(day, self._text("date_of_service"))
        units = self._number("units")
        minutes = self._number("minutes")
        start, stop = self._times()
        charge = self._text("charge")
        amount = self._value(money, charge) if charge else None
        filing = self._text("filed")
        filed = self._value(lambda given: day(given, "day of filing"), filing) if filing else None
        if service is None or date_of_service is None or self._problems:
            # the name that such a claim gets, so that a report can say which claim lost a row
            name = claim or (f"{patient} {date_of_service}" if patient and date_of_service else "")
            return RejectedRow(number, "; ".join(self._problems), text, name, patient)
        code, own = service
        line = Line(
            code,
            date_of_service=date_of_service,
            modifiers=(*own, *split_modifiers(self._cells[place] for place in self._columns.modifiers)),
            units=1 if units is None else units,
            minutes=minutes,
            start=start,
            stop=stop,
            place_of_service=self._text("place_of_service") or None,
            rendering_provider=self._text("rendering_provider") or None,
            charge=amount,
            id=str(number),
        )
        return _Row(claim, patient, self._text("billing_provider"), filed, line)

    def _number(self, field: str) -> int | None:
        text = self._text(field)
        return self._value(lambda given: whole(given, field), text) if text else None

    def _times(self) -> tuple[dt.time | None, dt.time | None]:
        texts = {field: self._text(field) for field in ("start", "stop")}
        if not any(texts.values()):
            return None, None
        if not all(texts.values()):
            there, lacking = ("start", "stop") if texts["start"] else ("stop", "start")
            self._problems.append(f"a {there} without a {lacking}")
            return None, None
        start = self._value(lambda given: clock(given, "start"), texts["start"])
        stop = self._value(lambda given: clock(given, "stop"), texts["stop"])
        if start is not None and start == stop:
            # read as past midnight this would be a session of a whole day
            self._problems.append(f"start and stop are both {texts['start']}")
        return start, stop


def _claims(rows: Sequence[_Row], setting: Setting) -> tuple[Claim, ...]:
    """The rows as claims, in the order in which each claim first appears."""
    patients: dict[str, set[str]] = {}
    for row in rows:
        if row.patient:
            patients.setdefault(row.claim, set()).add(row.patient)
    groups: dict[tuple[str, str, dt.date | None], list[_Row]] = {}
    for row in rows:
        known = patients.get(row.claim, set())
        # a row without patient belongs to its claim's patient, where the claim has only one
        patient = row.patient or (next(iter(known)) if len(known) == 1 else "")
        groups.setdefault((row.claim, patient, None if row.claim else row.line.date_of_service), []).append(
            row
        )
    return tuple(
        Claim(
            tuple(row.line for row in group),
            id=claim or f"{patient} {date_of_service}",
            patient=patient,
            billing_provider=next((row.billing_provider for row in group if row.billing_provider), ""),
            setting=setting,
            filed=_one_day({row.filed for row in group if row.filed is not None}),
        )
        for (claim, patient, date_of_service), group in groups.items()
    )


def _one_day(days: set[dt.date]) -> dt.date | None:
    """The day that all rows name that name one; None where they differ, as either could be the right one."""
    return days.pop() if len(days) == 1 else None
