"""How ``cptkit check`` writes its report: in which format, grouped by what, beside which baseline."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from cptkit.cli import check_formats
from cptkit.cli.check_text import report_page
from cptkit.cli.screen import emit, visible, width_of
from cptkit.interop import ClaimFile
from cptkit.rules import Report

if TYPE_CHECKING:
    from cptkit.reports import Comparison

__all__ = ["beside_baseline", "check_grouping", "read_baseline", "report_options", "write_report"]

Command = TypeVar("Command", bound=Callable[..., Any])


def report_options(command: Command) -> Command:
    """``--by claim|rule`` and ``--baseline FILE``."""
    grouping = click.option(
        "--by",
        type=click.Choice(["claim", "rule"]),
        help="Group the findings of a table or of html; by default by claim.",
    )
    baseline = click.option(
        "--baseline",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="An earlier report (--format json): say what is new, and fail for that alone.",
    )
    return grouping(baseline(command))


def check_grouping(by: str | None, form: str) -> None:
    """Refuse a grouping that the format cannot have."""
    if by is not None and form not in {"table", "html"}:
        raise click.UsageError(f"--by groups a table or an html page, and --format is {form}.")


def read_baseline(path: Path | None) -> Report | None:
    """The earlier report, read before there is anything to compare."""
    if path is None:
        return None
    from cptkit.reports import read_report

    return read_report(path)


def beside_baseline(old: Report | None, new: Report, claims: ClaimFile) -> "Comparison | None":
    """The findings beside those of the baseline, where one is given."""
    if old is None:
        return None
    from cptkit.reports import compare

    # what a rejected row held was not judged
    judged = {claim.id for claim in claims.claims} - claims.incomplete_claims
    return compare(old, new, claims=judged)


def write_report(
    report: Report,
    claims: ClaimFile,
    comparison: "Comparison | None",
    *,
    form: str,
    by: str | None,
    title: str,
    output: Path | None,
) -> None:
    """Print the report or put it into a file."""
    by = by or "claim"
    if form == "table":
        width = width_of(None if output else sys.stdout)
        page = report_page(report, claims, width, by=by, comparison=comparison)
        if output is None:
            page.show()
        else:
            emit(page.text(), output)
    elif form == "html":
        from cptkit.reports import report_html

        rejected = [(row.line_number, row.reason) for row in claims.rejected]
        page_title = f"Claim check: {visible(title)}"
        text = report_html(report, title=page_title, by=by, comparison=comparison, rejected=rejected)
        emit(text, output, encoding="utf-8")
    else:
        emit(check_formats.FORMATS[form](report, claims, comparison), output, encoding="utf-8")
