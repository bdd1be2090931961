"""Rows of edit tables in words: what a pair, a unit limit, an add-on edit or a fee-schedule row says."""

import re
from collections.abc import Iterable, Mapping

from cptkit.cli.screen import Page
from cptkit.cli.tables import span
from cptkit.edits import AddOnAnswer, Mue, Part, PfsRow, PtpEdit
from cptkit.wording import counted

__all__ = [
    "INDICATORS",
    "NOT_CHECKED",
    "add_addon",
    "add_limit",
    "add_pair",
    "add_part",
    "fee_words",
    "figures",
    "in_short",
    "not_checked",
    "pair_words",
]

NOT_CHECKED = "NOT CHECKED: "
INDICATORS = {
    0: "no modifier parts the pair",
    1: "a modifier parts the pair where two separate services are documented",
    9: "the pair ended on the day it began, and is not edited",
}
"""What the modifier indicator of a pair says."""

_JUDGED = {
    1: "on each line (MAI 1)",
    2: "on a day; policy, which no record overrides (MAI 2)",
    3: "on a day; an appeal with records may help (MAI 3)",
    None: "(the file does not say how units are counted)",
}
_TYPES = {
    1: "type 1: the list of primaries is closed",
    2: "type 2: the contractor decides on the primaries",
    3: "type 3: the contractor may add to the primaries",
}
_PART = re.compile(r"(?<![A-Za-z0-9])f([1-9])(?![A-Za-z0-9])", re.IGNORECASE)
_FIELDS = (
    ("status", "status"),
    ("global", "global_days"),
    ("PC/TC", "pctc"),
    ("multiple", "mult"),
    ("bilateral", "bilat"),
    ("assistant", "asst"),
    ("co-surgeon", "cosurg"),
    ("team", "team"),
)


def not_checked(page: Page, reason: str, indent: int = 2) -> None:
    """Say that nothing was checked, and why."""
    page.entry(reason, indent=indent, label=NOT_CHECKED, label_style="bold magenta")


def pair_words(edit: PtpEdit) -> str:
    """A row of the pair edits on one line.

    >>> from cptkit.edits import Quarter, Setting
    >>> row = PtpEdit("W9901", "W9902", 1, None, None, False, "", Setting.HOSPITAL, Quarter(2024, 3), "f1")
    >>> pair_words(row)
    'W9901/W9902 indicator 1, since before records'
    """
    return f"{edit.column1}/{edit.column2} indicator {edit.indicator}, {span(edit.first_day, edit.last_day)}"


def add_pair(page: Page, edit: PtpEdit) -> None:
    """A pair that is edited on the day asked for."""
    page.entry(
        f"{edit.column1} (column 1) is paid, {edit.column2} (column 2) is denied",
        indent=2,
        style="bold red" if edit.indicator == 0 else "bold yellow",
    )
    since = " (in existence prior to 1996)" if edit.prior_to_1996 else ""
    for label, text in (
        ("indicator: ", f"{edit.indicator}, {INDICATORS[edit.indicator]}"),
        ("in force:  ", span(edit.first_day, edit.last_day) + since),
        ("rationale: ", edit.rationale or "none is published"),
        ("file:      ", edit.file),
    ):
        page.entry(text, indent=2, label=label)


def add_limit(page: Page, mue: Mue) -> None:
    """A unit limit."""
    page.entry(
        f"at most {counted(mue.value, 'unit')} {_JUDGED[mue.mai]}",
        indent=2,
        label=f"{mue.setting}: ",
        label_style="bold",
    )
    page.entry(f"{mue.rationale or 'no rationale is published'}; {mue.file}", indent=4, style="dim")


def add_addon(page: Page, answer: AddOnAnswer) -> None:
    """What a code is an add-on to."""
    for number in answer.edit_types:
        page.entry(_TYPES[number], indent=2)
    if answer.primaries:
        page.entry(", ".join(answer.primaries), indent=2, label="primaries: ")
    for note in dict.fromkeys(row.note for row in answer.rows if row.note):
        page.entry(note, indent=2, label="note: ")
    page.entry(answer.rows[0].file, indent=2, style="dim")


def fee_words(row: PfsRow) -> str:
    """The indicators of a code in a release of the fee schedule."""
    said = [f"{name} {getattr(row, field)}" for name, field in _FIELDS if getattr(row, field)]
    return ", ".join(said)


def add_part(page: Page, part: Part, *, whole: bool) -> None:
    """A part of the tables; ``whole`` with its digest and its files one by one."""
    since = f", from {part.first_day}" if part.first_day else ""
    page.line(f"{part.name}: {counted(part.rows, 'row')}{since}", style="bold")
    if part.counts:
        page.entry(figures(part.counts), indent=2)
    if not whole:
        page.entry(
            in_short([origin.archive or origin.name for origin in part.origins]), indent=2, style="dim"
        )
        return
    page.entry(part.digest, indent=2)
    for origin in part.origins:
        page.line()
        for name in filter(None, (origin.archive, origin.name)):
            page.entry(name, indent=2)
        ends = ""
        if origin.first and origin.last:
            ends = f", {origin.first[:5]}/{origin.first[5:]} to {origin.last[:5]}/{origin.last[5:]}"
        page.entry(f"{counted(origin.rows, 'row')}{ends}", indent=4)
        page.entry(origin.digest, indent=4, style="dim")


def figures(counts: Mapping[str, int]) -> str:
    """Counts by name; those of pair edits in the order in which they are read.

    >>> figures({"indicator 0": 2, "open": 1, "pairs": 3, "repeated": 0})
    'pairs: 3, open: 1, indicator 0: 2'
    """
    first = [name for name in ("pairs", "open") if name in counts]
    names = [*first, *(name for name in counts if name not in first)]
    return ", ".join(f"{name}: {counts[name]:,}" for name in names if counts[name])


def in_short(names: Iterable[str]) -> str:
    """File names; parts that differ in their number alone are one.

    >>> in_short(["ccipra-v322r0-f1.zip", "ccipra-v322r0-f2.zip", "ccipra-v322r0-f3.zip"])
    'ccipra-v322r0-f1.zip to f3'
    >>> in_short(["aoc.txt", "notes.txt"]), in_short([])
    ('aoc.txt, notes.txt', 'from no file')
    """
    found = list(dict.fromkeys(names))
    if len(found) > 1 and len({_PART.sub("f", name) for name in found}) == 1:
        last = _PART.search(found[-1])
        return f"{found[0]} to {last[0] if last else found[-1]}"
    return ", ".join(found) or "from no file"
