"""``cptkit rules``: which rules there are."""

import csv
import io
import json
import sys

import click

from cptkit.cli.options import format_option, selectors_of
from cptkit.cli.screen import Page, emit, visible, width_of
from cptkit.cli.told import in_options
from cptkit.errors import BrokenRules
from cptkit.rules import RuleRow, RuleStatus, rule
from cptkit.rules.explaining import row_dict
from cptkit.rules.registry import listed

__all__ = ["command"]


@click.command("rules")
@click.argument("selectors", metavar="[RULES]...", nargs=-1, callback=selectors_of)
@format_option("table", "json", "csv")
def command(selectors: tuple[str, ...], form: str) -> int:
    """List the rules: id, name and what each finds.

    RULES are prefixes, ids, names or namespaces, several with commas or blanks between; without them all
    rules are listed, also those of installed packages.

    Exit status: 1 when rules of an installed package cannot be read.
    """
    rows, broken = listed(selectors)
    wrong = [str(offer) for offer in broken]
    found: list[tuple[RuleRow, str]] = []
    for row in rows:
        try:
            found.append((row, rule(row.id).doc.strip().partition("\n")[0]))
        except BrokenRules as error:
            wrong.append(in_options(error, of_check=False))
            found.append((row, "cannot be loaded"))
    if form == "json":
        told = [{**row_dict(row), "what": what} for row, what in found]
        emit(json.dumps(told, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    elif form == "csv":
        emit(_as_csv(found), encoding="utf-8")
    else:
        _show(found)
    for text in wrong:
        print(visible(text), file=sys.stderr)
    return 1 if wrong else 0


def _as_csv(found: list[tuple[RuleRow, str]]) -> str:
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(("id", "name", "status", "since", "needs", "package", "what"))
    for row, what in found:
        told = row_dict(row)
        needs = " ".join(row.needs)
        writer.writerow((row.id, told["name"], row.status, row.since, needs, told["package"], what))
    return file.getvalue()


def _show(found: list[tuple[RuleRow, str]]) -> None:
    page = Page(width_of(sys.stdout))
    for row, what in found:
        page.entry(f"{row.full_name}. {what.replace('``', '')}", label=f"{row.id}  ", label_style="bold")
        status = "" if row.status is RuleStatus.STABLE else f"{row.status}; "
        needs = f"answers from: {', '.join(row.needs)}" if row.needs else "needs no table"
        origin = f"; from {row.package}" if row.package else ""
        page.entry(f"{status}since {row.since}; {needs}{origin}", indent=len(row.id) + 2, style="dim")
    page.show()
