"""What a file is: its layout is told by content, its quarter and setting by content and name.

A name gives a quarter and a setting and nothing else. Where the content says them too (a header, a
title), both must agree; what the caller says must agree with both. A file whose quarter or setting
is said nowhere is refused until the caller says it.
"""

import re
from collections.abc import Callable, Sequence
from typing import TypeVar

from cptkit.edits.quarter import Quarter
from cptkit.edits.records import Setting
from cptkit.errors import ContradictoryFile, UnknownLayout, UnreadableFile
from cptkit.importers import ama, aoc, hcpcs, mue, pfs, pos, ptp, ptp_changes, telehealth
from cptkit.importers.grids import heads, is_workbook
from cptkit.importers.layouts import Kind, Recognised
from cptkit.importers.names import NameClaims, Programme, claims_of
from cptkit.importers.opening import Member
from cptkit.importers.signatures import looks_like

__all__ = ["recognise"]

T = TypeVar("T")

_HEADERS: tuple[tuple[Kind, Callable[[Sequence[str]], bool]], ...] = (
    (Kind.PTP_CHANGES, ptp_changes.is_header),
    (Kind.PTP, ptp.is_header),
    (Kind.MUE, mue.is_header),
    (Kind.AOC, aoc.is_header),
    (Kind.PFS, pfs.is_header),
    (Kind.HCPCS, hcpcs.is_header),
    (Kind.CPT_LIST, ama.is_header),
    (Kind.TELEHEALTH, telehealth.is_header),
    (Kind.POS, pos.is_header),
)
_FORMS: tuple[tuple[Kind, Callable[[Member], bool]], ...] = (
    (Kind.HCPCS, hcpcs.is_fixed),
    (Kind.AOC, aoc.is_fixed),
    (Kind.CPT_DESCRIPTIONS, ama.is_descriptions),
)
_WITH_SETTING = {Kind.PTP, Kind.MUE}
_WITH_QUARTER = {Kind.PTP, Kind.MUE, Kind.AOC, Kind.PFS, Kind.HCPCS}
_FIRST_YEAR_OF_TWO_TABLES = 2026
_COPYRIGHT = re.compile(r"copyright\s+(?:\(c\)\s*)?(20[0-9]{2})", re.IGNORECASE)
_CODE_AND_TEXT = re.compile(r"[0-9A-Z]{5}")  # what follows may be licensed text, and is not shown
_SHOWN = 40


def recognise(
    member: Member,
    *,
    setting: Setting | str | None = None,
    quarter: Quarter | str | None = None,
    qpp: bool | None = None,
) -> Recognised:
    r"""What a member is; only its beginning is read (all of a workbook).

    :param setting: whose table it is, where neither content nor name says it.
    :param quarter: which quarter it is of, where neither says it.
    :param qpp: whether a table of relative values is the one for qualifying participants.
    :raises UnknownLayout: when the content is none of the layouts; it says what it looks like.
    :raises ContradictoryFile: when content, name and caller disagree.
    :raises UnreadableFile: when it cannot be read, or its quarter or setting is said nowhere.
    :raises NotInstalled: for a workbook, when python-calamine is not there.

    >>> import tempfile
    >>> from pathlib import Path
    >>> from cptkit.importers.opening import members
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "list.csv")
    ...     _ = path.write_text("Place of Service Code(s),Place of Service Name\n97,own words\n")
    ...     recognise(next(members(path))).kind
    ...     _ = path.write_text("W9901 own words\n")
    ...     recognise(next(members(path)))
    Traceback (most recent call last):
    ...
    cptkit.errors.UnknownLayout: this is none of the tables that cptkit reads: 'W9901'; expected ...; see list.csv
    """
    head = member.head()
    seen = looks_like(head)
    if seen is not None and not is_workbook(head):
        raise UnknownLayout(f"this is not a table: it looks like {seen}", where=member.shown)
    kind, header, above = _kind(member, head)
    claims = claims_of(*([member.archive] if member.archive else []), member.name)
    said = _Said(member, claims)
    notes: list[str] = []
    if kind is Kind.PFS:
        return _fees(said, above, quarter, qpp)
    by_header = mue.setting_of(header) if kind is Kind.MUE else None
    found_setting = found_quarter = None
    if kind in _WITH_SETTING:
        given = None if setting is None else Setting(setting)
        found_setting = said.one(
            "setting", by_header, claims.setting, given, "practitioner, hospital or dme (--setting)"
        )
        if kind is Kind.PTP and found_setting is Setting.DME:
            raise ContradictoryFile(
                "there are no pair edits of this setting", given=str(found_setting), where=member.shown
            )
    if kind in _WITH_QUARTER:
        by_year = Quarter(claims.year, 1) if kind is Kind.HCPCS and claims.year else None
        given_quarter = None if quarter is None else Quarter.parse(quarter)
        found_quarter = said.one(
            "quarter", None, claims.quarter or by_year, given_quarter, "a quarter such as 2026q3 (--quarter)"
        )
        notes += _old_notice(above, found_quarter)
    year = None
    if kind is Kind.TELEHEALTH:
        by_name = claims.year or (claims.quarter.year if claims.quarter else None)
        by_caller = None if quarter is None else Quarter.parse(quarter).year
        expected = "a quarter of it such as 2026q1 (--quarter)"
        year = said.one("year", telehealth.year_of(above), by_name, by_caller, expected)
    return Recognised(
        kind,
        _programme(said, kind, header),
        found_setting,
        found_quarter,
        year,
        notes=tuple(notes),
    )


def _kind(member: Member, head: bytes) -> tuple[Kind, Sequence[str], str]:
    """The kind by content, the header, and the text above it."""
    first = ""
    for _, _, records in heads(member):
        for place, cells in enumerate(records):
            for kind, is_header in _HEADERS:
                if is_header(cells):
                    above = " ".join(cell for above in records[:place] for cell in above if cell)
                    return kind, cells, above
        first = first or next((cell for cells in records for cell in cells if cell), "")
    if not is_workbook(head):
        for kind, is_form in _FORMS:
            if is_form(member):
                return kind, (), ""
    raise UnknownLayout(
        "this is none of the tables that cptkit reads",
        given=first[: 5 if _CODE_AND_TEXT.match(first) else _SHOWN] or None,
        expected="a table of CMS or the AMA as published",
        where=member.shown,
    )


class _Said:
    """What was said of a file by its content, its name and the caller."""

    def __init__(self, member: Member, claims: NameClaims) -> None:
        self.member = member
        self.claims = claims

    def either(self, what: str, content: T | None, name: T | None, given: T | None = None) -> T | None:
        """The one thing said, or None.

        :raises ContradictoryFile: when two of them differ.
        """
        said = {"its content says": content, "its name says": name, "you say": given}
        known = [(who, value) for who, value in said.items() if value is not None]
        if len({value for _, value in known}) > 1:
            told = ", ".join(f"{who} {value}" for who, value in known)
            raise ContradictoryFile(f"whose {what} is this? {told}", where=self.member.shown)
        return known[0][1] if known else None

    def one(self, what: str, content: T | None, name: T | None, given: T | None, expected: str) -> T:
        """The one thing said.

        :raises UnreadableFile: when nobody says it.
        """
        found = self.either(what, content, name, given)
        if found is None:
            raise UnreadableFile(
                f"the {what} stands neither in the file nor in its name: say it",
                expected=expected,
                where=self.member.shown,
            )
        return found


def _programme(said: _Said, kind: Kind, header: Sequence[str]) -> Programme:
    named = said.claims.programme
    if kind is Kind.MUE and not mue.has_indicator(header):
        if named is Programme.MEDICARE:
            message = "Medicare's unit limits have an adjudication indicator, and this table has none"
            raise ContradictoryFile(message, where=said.member.shown)
        return Programme.MEDICAID
    return named or Programme.MEDICARE


def _fees(said: _Said, above: str, quarter: Quarter | str | None, qpp: bool | None) -> Recognised:
    title = pfs.title_of(above)
    claims = said.claims
    given = None if quarter is None else Quarter.parse(quarter)
    found = said.one("quarter", title.quarter, claims.quarter, given, "a quarter such as 2026q3 (--quarter)")
    said.either("year", title.year, found.year)
    is_qpp: bool | None = False
    if found.year >= _FIRST_YEAR_OF_TWO_TABLES:
        is_qpp = said.one(
            "table (for qualifying participants, or not)",
            None,
            claims.qpp,
            qpp,
            "qpp=True or qpp=False (--qpp, --no-qpp)",
        )
    release = claims.release or f"{found.year % 100:02}{'ABCD'[found.number - 1]}"
    return Recognised(
        Kind.PFS,
        quarter=found,
        release=release,
        released=title.released,
        qpp=is_qpp,
        notes=tuple(_old_notice(above, found)),
    )


def _old_notice(above: str, quarter: Quarter) -> list[str]:
    """A doubt about the quarter: the notice above the table is of quite another year."""
    years = {int(year) for year in _COPYRIGHT.findall(above)}
    if years and not years & {quarter.year - 1, quarter.year, quarter.year + 1}:
        told = ", ".join(map(str, sorted(years)))
        return [f"the notice above the table is of {told}: is it really {quarter}?"]
    return []
