"""``cptkit pair``: whether two codes are edited against each other on a day."""

import datetime as dt
import sys
from pathlib import Path
from typing import Any

import attrs
import click

from cptkit.cli.edits_text import add_pair, not_checked, pair_words
from cptkit.cli.options import day_option, format_option
from cptkit.cli.screen import Page, emit, width_of
from cptkit.cli.tables import folder_named, folder_option, json_text, quarter_of, setting_option
from cptkit.codes import format as clean_code
from cptkit.edits import Edits, PtpAnswer, PtpEdit, Quarter, Setting, attach
from cptkit.edits.telling import row_dict

__all__ = ["command"]

_WITH_PAIRS = (Setting.PRACTITIONER, Setting.HOSPITAL)


@attrs.frozen(slots=True)
class _Found:
    """What the table of one setting says.

    ``others`` are the rows that are not in force on the day; ``absent`` the codes of which it has no row.
    """

    answer: PtpAnswer
    others: tuple[PtpEdit, ...] = ()
    absent: tuple[str, ...] = ()


@click.command("pair")
@click.argument("code", metavar="CODE")
@click.argument("other", metavar="OTHER")
@day_option(required=True, what="The date of service, such as 2024-07-15.")
@setting_option(required=False, what="Whose table answers; by default each that is there.")
@click.option(
    "--quarter",
    metavar="QUARTER",
    callback=quarter_of,
    help="Ask the table of this quarter, in place of that of the date of service.",
)
@folder_option
@format_option("text", "json")
def command(
    code: str,
    other: str,
    date: dt.date,
    setting: str | None,
    quarter: Quarter | None,
    tables: Path | None,
    form: str,
) -> int:
    """Say whether two codes are edited against each other.

    The pair edits (PTP) answer, whichever of the codes comes first. An edit, no edit and not checked are answers: the exit status is 0 for each.
    """
    one, two = clean_code(code), clean_code(other)
    if one == two:
        raise click.UsageError("A code is not paired with itself: name two codes.")
    with attach(folder_named(tables)) as edits:
        settings = [Setting(setting)] if setting else [s for s in _WITH_PAIRS if edits.quarters("ptp", s)]
        found = [_found(edits, one, two, date, each, quarter) for each in settings or _WITH_PAIRS]
        digest = edits.digest
    if form == "json":
        asked = {"code": one, "other": two, "date_of_service": date.isoformat()}
        emit(json_text(asked | {"answers": list(map(_as_dict, found)), "tables": digest}), encoding="utf-8")
    else:
        _page(one, two, date, found).show()
    return 0


def _found(
    edits: Edits, one: str, two: str, day: dt.date, setting: Setting, quarter: Quarter | None
) -> _Found:
    answer = edits.ptp(one, two, date_of_service=day, setting=setting, quarter=quarter)
    if not answer.is_checked:
        return _Found(answer)
    rows = {code: tuple(edits.ptp_rows(code, setting=setting, quarter=answer.quarter)) for code in (one, two)}
    pair = (row for row in rows[one] if {row.column1, row.column2} == {one, two})
    return _Found(
        answer,
        tuple(row for row in pair if row != answer.edit),
        tuple(code for code in (one, two) if not rows[code]),
    )


def _page(one: str, two: str, day: dt.date, found: list[_Found]) -> Page:
    page = Page(width_of(sys.stdout))
    page.line(f"{one} and {two} on {day}", style="bold")
    for each in found:
        answer = each.answer
        page.line()
        page.line(f"{answer.setting}, table of {answer.quarter}")
        if not answer.is_checked:
            not_checked(page, answer.not_checked)
        elif answer.edit is None:
            page.entry("no edit between them is in force", indent=2, style="bold green")
            if each.absent:
                names = " and ".join(each.absent)
                page.entry(f"the table has no row at all of {names}: mind a slip", indent=2, style="yellow")
        else:
            add_pair(page, answer.edit)
        for place, row in enumerate(each.others):
            page.entry(pair_words(row), indent=2, label=" " * 11 if place else "other row: ", style="dim")
    return page


def _as_dict(found: _Found) -> dict[str, Any]:
    answer = found.answer
    return {
        "setting": answer.setting.value,
        "quarter": str(answer.quarter),
        "not_checked": answer.not_checked,
        "edit": None if answer.edit is None else row_dict(answer.edit),
        "other_rows": [row_dict(row) for row in found.others],
        "without_rows": list(found.absent),
    }
