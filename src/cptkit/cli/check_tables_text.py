"""What ``cptkit check`` tells of tables: rows in and out, counts by rule, what was not checked, files."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import attrs

from cptkit.cli.check_tally import Tally
from cptkit.cli.screen import Page
from cptkit.codesets import Pin
from cptkit.codesets.catalog import TABLES
from cptkit.rules import RuleRow
from cptkit.rules.headline import is_unjudged
from cptkit.rules.registry import listed
from cptkit.sources import Basis
from cptkit.wording import counted

__all__ = ["Told", "summary_dict", "summary_page"]

_FORMAT = 1
_BASES = {Basis.CPT: "the code set's own rules (cpt)", Basis.MEDICARE: "Medicare's rules (medicare)"}
_DIGEST_SHOWN = len("sha256:") + 12
_REASONS_SHOWN = 20


@attrs.frozen(slots=True)
class Told:
    """What a run was asked, beside what it counted. ``out``: where the findings are, if they were written.

    ``stray``: files of findings in ``out`` whose input is not there. ``rejects``: where the rejected rows are, if they
    were written. ``is_by_file``: lines of a patient that stand in several files were not judged together.
    ``kept``: whether what rules said was kept for the next run, in words; empty where nobody asked.
    """

    tally: Tally
    rules: Sequence[str]
    left_out: Sequence[str]
    pins: Sequence[Pin]
    basis: Basis
    profile: Pin | None
    setting: str
    out: Path | None
    files: int = 0
    stray: Sequence[str] = ()
    rejects: Path | None = None
    is_by_file: bool = False
    kept: str = ""

    @property
    def is_folder(self) -> bool:
        """Whether the input is a folder of files."""
        return self.files > 0


def summary_dict(told: Told) -> dict[str, Any]:
    """The summary for programs."""
    tally = told.tally
    return {
        "format": _FORMAT,
        "rows": tally.rows,
        "cells": tally.cells,
        "lines": tally.lines,
        "rejected": tally.rejected,
        "findings": [
            {"rule": rule, "outcome": outcome, "findings": count}
            for (rule, outcome), count in _ordered(tally.findings)
        ],
        "not_checked": [
            {"rule": rule, "reason": reason, "lines": count}
            for (rule, reason), count in _ordered(tally.not_checked)
        ],
        "rejects": [
            {"reason": reason, "cells": each.count, "row": each.row}
            | ({"file": each.file} if each.file else {})
            for reason, each in tally.rejects.items()
        ],
        "columns": list(tally.columns),
        "judged": "file by file" if told.is_by_file else "as one table",
        "files": {
            "read": told.files or 1,
            "done": tally.done,
            "skipped": tally.skipped,
            "broken": [attrs.asdict(each) for each in tally.broken],
            "stray": list(told.stray),
        },
        "rules": list(told.rules),
        "left_out": list(told.left_out),
        "basis": told.basis.value,
        "profile": None if told.profile is None else attrs.asdict(told.profile),
        "setting": told.setting,
        "pins": [attrs.asdict(pin) for pin in told.pins],
        "out": None if told.out is None else str(told.out),
        "rejects_out": None if told.rejects is None else str(told.rejects),
        "kept": told.kept or None,
    }


def _ordered(counts: Any) -> list[tuple[tuple[str, str], int]]:
    return sorted(counts.items(), key=lambda each: (-each[1], each[0]))


def summary_page(told: Told, width: int) -> Page:
    """The summary for people."""
    page, tally = Page(width), told.tally
    files = f" of {counted(told.files, 'file')}" if told.is_folder else ""
    profile = f", profile {told.profile.name}" if told.profile else ""
    tables = f" and the {told.setting} tables" if any(pin.name == TABLES for pin in told.pins) else ""
    page.entry(f"{counted(tally.lines, 'claim line')}{files}, by {_BASES[told.basis]}{profile}{tables}")
    for text, times in tally.columns.items():
        page.line()
        head, *rest = text.splitlines()
        page.entry(f"{head} ({counted(times, 'file')})" if len(tally.columns) > 1 else head)
        for line in rest:
            page.entry(line.strip(), indent=len(line) - len(line.lstrip()), hang=4)
    _broken(page, told)
    _findings(page, tally)
    _not_checked(page, tally)
    _left_out(page, told)
    _rejected(page, tally)
    page.line()
    _closing(page, told)
    return page


def _title(page: Page, text: str, style: str, remark: str = "") -> None:
    page.line()
    page.entry(remark, label=text + (": " if remark else ""), label_style=style)


def _broken(page: Page, told: Told) -> None:
    if told.tally.broken:
        _title(page, "BROKEN FILES", "bold red", "what follows the rows named was not checked")
    for each in told.tally.broken:
        text = f"{each.reason}; {counted(each.rows_read, 'row')} of it checked"
        page.entry(text, indent=2, label=f"{each.path}: ", label_style="bold", hang=4)


def _findings(page: Page, tally: Tally) -> None:
    if not tally.lines:
        _title(page, "NO LINE WAS CHECKED", "bold yellow")
        return
    if is_unjudged(tally.lines, ((rule, count) for (rule, _), count in tally.not_checked.items())):
        _title(page, "NO LINE COULD BE JUDGED", "bold yellow")
        return
    if not tally.findings:
        lost = tally.rejected or tally.broken or tally.not_checked
        text = "NOTHING WRONG WAS FOUND" + (" IN WHAT WAS CHECKED" if lost else "")
        _title(page, text, "bold yellow" if lost else "bold green")
        return
    _title(page, "FINDINGS", "bold red" if tally.failed else "bold cyan", "by rule and outcome")
    names = {row.id: row.name for row in listed()[0]}
    wide = max(len(names.get(rule, "")) for rule, _ in tally.findings)
    most = max(len(f"{count:,}") for count in tally.findings.values())
    for (rule, outcome), count in _ordered(tally.findings):
        style = "red" if outcome == "fail" else "cyan"
        page.line(f"  {count:>{most},}  {outcome:<8}  {rule}  {names.get(rule, ''):<{wide}}", style=style)


def _not_checked(page: Page, tally: Tally) -> None:
    if not tally.not_checked:
        return
    _title(
        page, "NOT CHECKED", "bold magenta", "the rules named could not judge so many lines; that is no pass"
    )
    by_rule: dict[str, list[tuple[str, int]]] = {}
    for (rule, reason), count in _ordered(tally.not_checked):
        by_rule.setdefault(rule, []).append((reason, count))
    for rule, found in sorted(by_rule.items(), key=lambda each: (-sum(n for _, n in each[1]), each[0])):
        reason, count = found[0]
        more = f" ({counted(count, 'line')}; {len(found):,} reasons in all)" if len(found) > 1 else ""
        page.entry(
            f"{reason}{more}",
            indent=2,
            label=f"{rule}  {counted(sum(number for _, number in found), 'line')}: ",
            label_style="bold",
            hang=4,
        )


def _left_out(page: Page, told: Told) -> None:
    left_out = set(told.left_out)
    if not left_out:
        return
    _title(page, "NOT RUN", "bold magenta", "these answer from what was not given, or not all of it")
    groups: dict[str, list[str]] = {}
    for row in listed()[0]:
        if row.id in left_out:
            groups.setdefault(_needs(row), []).append(row.id)
    for needs, ids in groups.items():
        page.entry(", ".join(ids), indent=2, label=f"{needs}: ", label_style="bold")


def _needs(row: RuleRow) -> str:
    needs = {
        "edit tables (`cptkit import`, --tables)": row.needs_edits,
        "other claims (a history; not for tables)": row.needs_history,
        "a payer's limits (--profile)": bool(row.payer_facts),
    }
    return " and ".join(text for text, is_needed in needs.items() if is_needed) or "other things"


def _rejected(page: Page, tally: Tally) -> None:
    if not tally.rejects:
        return
    _title(
        page, "REJECTED", "bold red", "these rows could not be read and were not checked; row 0 is the first"
    )
    most = sorted(tally.rejects.items(), key=lambda each: (-each[1].count, each[0]))
    for reason, each in most[:_REASONS_SHOWN]:
        where = f"{each.file}, row {each.row}" if each.file else f"row {each.row}"
        text = f"{reason}; {'the first is ' if each.count > 1 else ''}{where}"
        page.entry(text, indent=2, label=f"{counted(each.count, 'time')}  ", label_style="bold", hang=4)
    if len(most) > _REASONS_SHOWN:
        page.entry(f"and {counted(len(most) - _REASONS_SHOWN, 'more reason')}", indent=2)


def _closing(page: Page, told: Told) -> None:
    tally = told.tally
    if told.is_folder:
        text = f"{counted(told.files, 'file')} = {tally.done} done + {tally.skipped} done before + {len(tally.broken)} broken"
        page.line(text, style="bold")
    if told.is_by_file:
        page.entry(
            "Judged file by file: where the lines of a patient and day are split over files, findings may be wrong or missing"
        )
    elif tally.broken:
        from cptkit.frames.in_short import UNREAD

        page.entry(f"{UNREAD[0].upper()}{UNREAD[1:]}")
    rows = counted(tally.rows, "row")
    holds = "holds" if tally.rows == 1 else "hold"
    held = (
        f"{rows} in = "
        if tally.cells == tally.rows
        else f"{rows} in {holds} {counted(tally.cells, 'code')} = "
    )
    page.line(f"{held}{tally.lines:,} checked + {tally.rejected:,} rejected", style="bold")
    for place, pin in enumerate(told.pins):
        label = " " * len("Editions: ") if place else "Editions: "
        page.line(f"{label}{pin.name}  {pin.digest[:_DIGEST_SHOWN]}")
    for name in told.stray:
        page.entry(f"{name} is of a file that is not there", label="Findings: ")
    if told.out is not None:
        page.entry(str(told.out), label="Findings: ")
    if told.rejects is not None:
        page.entry(str(told.rejects), label="Rejected rows: ")
    if told.kept:
        page.entry(told.kept, label="Kept: ")
