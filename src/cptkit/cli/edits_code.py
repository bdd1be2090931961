"""All that edit tables say of one code on a date of service."""

import datetime as dt
from collections import Counter
from typing import Any

import attrs

from cptkit.cli.edits_text import add_addon, add_limit, fee_words, not_checked, pair_words
from cptkit.cli.screen import Page
from cptkit.codes import format as clean_code
from cptkit.edits import (
    AddOnAnswer,
    Edits,
    MueAnswer,
    PfsAnswer,
    PfsRow,
    PtpEdit,
    Quarter,
    Setting,
    TelehealthAnswer,
)
from cptkit.edits.telling import row_dict
from cptkit.errors import UnknownTable
from cptkit.wording import counted

__all__ = ["Told", "code_dict", "code_page", "told_of"]


@attrs.frozen(slots=True)
class Pairs:
    """The pairs of a code in one setting that are in force on the day, or why they were not checked."""

    setting: Setting
    edits: tuple[PtpEdit, ...]
    not_checked: str = ""


@attrs.frozen(slots=True)
class Told:
    """What the tables say of a code."""

    code: str
    date_of_service: dt.date
    quarter: Quarter
    limits: tuple[MueAnswer, ...]
    addon: AddOnAnswer
    fees: tuple[PfsAnswer, ...]
    fee_rows: tuple[PfsRow, ...]
    pairs: tuple[Pairs, ...]
    telehealth: TelehealthAnswer
    digest: str


def told_of(edits: Edits, code: str, day: dt.date, setting: Setting | None) -> Told:
    """Ask every table; of the settings all that are there, or the one that is asked for."""
    name, quarter = clean_code(code), Quarter.of(day)
    limits = [edits.mue(name, date_of_service=day, setting=each) for each in _settings(edits, "mue", setting)]
    tables = {part.qpp for part in edits.parts if part.table == "pfs"} or {False}
    fees = [edits.pfs(name, date_of_service=day, qpp=qpp) for qpp in sorted(tables)]
    rows = [
        row
        for qpp, answer in zip(sorted(tables), fees, strict=True)
        if answer.is_checked
        for row in edits.pfs_rows(name, release=answer.release, qpp=qpp)
    ]
    return Told(
        name,
        day,
        quarter,
        tuple(limits),
        edits.addon(name, date_of_service=day),
        tuple(fees),
        tuple(rows),
        tuple(_pairs(edits, name, day, quarter, each) for each in _settings(edits, "ptp", setting)),
        edits.telehealth(name, date_of_service=day),
        edits.digest,
    )


def _settings(edits: Edits, table: str, setting: Setting | None) -> list[Setting]:
    if setting is not None:
        return [setting]
    every = [each for each in Setting if each is not Setting.DME or table == "mue"]
    return [each for each in every if edits.quarters(table, each)] or every


def _pairs(edits: Edits, code: str, day: dt.date, quarter: Quarter, setting: Setting) -> Pairs:
    try:
        rows = list(edits.ptp_rows(code, setting=setting, quarter=quarter))
    except UnknownTable as error:
        return Pairs(setting, (), error.message)
    others = dict.fromkeys(row.column2 if row.column1 == code else row.column1 for row in rows)
    found = (edits.ptp(code, other, date_of_service=day, setting=setting).edit for other in others)
    return Pairs(setting, tuple(edit for edit in found if edit is not None))


def code_dict(told: Told) -> dict[str, Any]:
    """As plain values for JSON."""
    return {
        "code": told.code,
        "date_of_service": told.date_of_service.isoformat(),
        "quarter": str(told.quarter),
        "mue": [
            {
                "setting": answer.setting.value,
                "not_checked": answer.not_checked,
                "mue": row_dict(answer.mue) if answer.mue else None,
            }
            for answer in told.limits
        ],
        "addon": {
            "not_checked": told.addon.not_checked,
            "rows": [row_dict(row) for row in told.addon.rows],
        },
        "pfs": {
            "not_checked": "; ".join(answer.not_checked for answer in told.fees if answer.not_checked),
            "rows": [row_dict(row) for row in told.fee_rows],
        },
        "ptp": [
            {
                "setting": each.setting.value,
                "not_checked": each.not_checked,
                "edits": [row_dict(edit) for edit in each.edits],
            }
            for each in told.pairs
        ],
        "telehealth": {
            "year": told.telehealth.year,
            "not_checked": told.telehealth.not_checked,
            "row": row_dict(told.telehealth.row) if told.telehealth.row else None,
        },
        "tables": told.digest,
    }


def code_page(told: Told, width: int, *, pairs: bool) -> Page:
    """For people; pairs are counted, or listed."""
    page = Page(width)
    page.line(f"{told.code} on {told.date_of_service}, tables of {told.quarter}", style="bold")
    page.line()
    page.line("unit limits (MUE)", style="bold")
    for answer in told.limits:
        if answer.mue is not None:
            add_limit(page, answer.mue)
        elif answer.is_checked:
            page.entry(
                "none is published, which is not the same as no limit", indent=2, label=f"{answer.setting}: "
            )
        else:
            not_checked(page, answer.not_checked)
    page.line()
    page.line("add-on edits (AOC)", style="bold")
    if not told.addon.is_checked:
        not_checked(page, told.addon.not_checked)
    elif told.addon.is_addon:
        add_addon(page, told.addon)
    else:
        page.line("  it has none as an add-on")
    page.line()
    page.line("fee schedule", style="bold")
    _fees(page, told)
    page.line()
    page.line("pair edits (PTP)", style="bold")
    for each in told.pairs:
        if each.not_checked:
            not_checked(page, each.not_checked)
        else:
            _count_pairs(page, told.code, each, listed=pairs)
    page.line()
    page.line("telehealth list", style="bold")
    _telehealth(page, told.telehealth)
    return page


def _fees(page: Page, told: Told) -> None:
    for answer in told.fees:
        if not answer.is_checked:
            not_checked(page, answer.not_checked)
        elif answer.row is None and not told.fee_rows:
            page.line(f"  release {answer.release} does not list it")
    for row in told.fee_rows:
        name = f"{row.code}-{row.modifier}" if row.modifier else row.code
        page.entry(
            fee_words(row), indent=2, label=f"{name}{' (qpp)' if row.qpp else ''}: ", label_style="bold"
        )
    for file in dict.fromkeys(
        f"release {row.release} from {row.first_day}; {row.file}" for row in told.fee_rows
    ):
        page.entry(file, indent=2, style="dim")


def _telehealth(page: Page, answer: TelehealthAnswer) -> None:
    if not answer.is_checked:
        not_checked(page, answer.not_checked)
        return
    said = "is not on it" if answer.row is None else answer.row.remark or "is on it"
    page.entry(said, indent=2, label=f"{answer.year}: ", label_style="bold")
    page.entry(answer.file, indent=2, style="dim")


def _count_pairs(page: Page, code: str, found: Pairs, *, listed: bool) -> None:
    for column, fate in ((1, "paid in column 1 of"), (2, "denied in column 2 of")):
        mine = [edit for edit in found.edits if (edit.column1 if column == 1 else edit.column2) == code]
        by = Counter(edit.indicator for edit in mine)
        told = ", ".join(f"{indicator}: {count:,}" for indicator, count in sorted(by.items()))
        page.entry(
            f"{fate} {counted(len(mine), 'pair')}{f' (indicator {told})' if told else ''}",
            indent=2,
            label=f"{found.setting}: ",
            label_style="bold",
        )
        for edit in mine if listed else ():
            page.entry(f"{pair_words(edit)}; {edit.rationale}", indent=4)
