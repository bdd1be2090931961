"""Pages about the time rules of an edition: one a family, and an index that leads to them.

Every number on them is what ``timerule`` computes from the edition; none is typed by hand.
"""

from collections.abc import Iterable, Iterator, Sequence

from cptkit.codesets import Codeset
from cptkit.reports.markdown import marked, table
from cptkit.reports.time_index import index_page, source_lines
from cptkit.reports.time_rows import KINDS, SCOPES, Row, codes_of, row_of, rows_of
from cptkit.reports.time_sections import example, pictures, section
from cptkit.sources import Basis
from cptkit.timerule import Kind, TimeRule, families

__all__ = ["time_pages"]


def time_pages(codeset: Codeset) -> dict[str, str]:
    """The pages as Markdown and their pictures as SVG, by the names of their files.

    ``index.md`` leads to a page for each family of time rules. A page has, for each dated row and basis,
    the bands, a picture of them, what goes on top, an example, the sources and what is in doubt. The same
    edition gives the same texts.

    Source: the fact rows of the edition; each page cites its own.

    >>> import cptkit
    >>> from cptkit.reports import time_pages
    >>> pages = time_pages(cptkit.codeset("2026.1"))
    >>> "| 38 to 52 | 90834 |" in pages["psychotherapy.md"]
    True
    >>> time_pages("2026.1")
    Traceback (most recent call last):
    ...
    TypeError: codeset is a cptkit.Codeset, as cptkit.codeset('2026.1') gives one, not '2026.1'
    """
    files: dict[str, str] = {}
    known: dict[str, tuple[Row, ...]] = {}
    for family_id in families(codeset):
        rows = rows_of(family_id, codeset)
        if not rows:
            continue
        known[family_id] = rows
        files[f"{family_id}.md"] = _page(rows, codeset)
        for row in rows:
            files |= pictures(row)
    return dict(sorted({**files, "index.md": index_page(known, codeset)}.items()))


def _page(rows: Sequence[Row], codeset: Codeset) -> str:
    newest = rows[0].rule
    lines = [f"# {marked(newest.title[:1].upper() + newest.title[1:])}", ""]
    told = (
        f"The time rules of the family `{newest.id}`, as edition {codeset.edition} has them. "
        "The [index](index.md) has all families; [How time rules work](../../explanation/time-rules.md) "
        "explains the words."
    )
    lines += [told, ""]
    lines += [f"- **{name}:** {text}" for name, text in (*_told(newest), *_missing(rows, codeset))]
    lines += ["", *_codes(codes_of(rows), newest, codeset)]
    for row in rows:
        lines += section(row, codeset)
    lines += _ask(rows[0], codeset)
    lines += ["## Sources", "", *source_lines((each for row in rows for each in row.citations), codeset)]
    return "\n".join(lines).rstrip() + "\n"


def _told(rule: TimeRule) -> Iterator[tuple[str, str]]:
    """What holds of the family on every day."""
    unit = f" of {rule.unit_minutes} minutes" if rule.kind is Kind.PER_UNIT else ""
    yield "How it counts", KINDS[rule.kind].replace(" of time", unit)
    yield "Summed over", SCOPES[rule.scope]
    yield "Whose time", marked(rule.whose_time)
    if rule.family.performer != "clinician":
        yield "By whom", "the time may be that of somebody other than the clinician who reports it"
    if rule.scope_note:
        yield "To know", marked(rule.scope_note)
    elif rule.optional:
        yield "To know", "by time alone: the level may rest on something other than time"
    if rule.family.pool:
        policies = "[Policies for units](../../explanation/units-policies.md)"
        yield "With others", f"Medicare totals the minutes of all such codes of a day; see {policies}"


def _missing(rows: Sequence[Row], codeset: Codeset) -> Iterator[tuple[str, str]]:
    """Under which basis nothing answers, or no longer."""
    for basis in Basis:
        held = [rule.days for row in rows for asked, rule in row.rules if asked is basis]
        if not held:
            yield f"Under {basis}", "no rule is known"
        elif row_of(rows, basis, codeset.last_day) is None:
            yield f"Under {basis}", f"ended; the last day was {held[0].last}"


def _codes(codes: Iterable[str], rule: TimeRule, codeset: Codeset) -> list[str]:
    cells: list[tuple[str, str]] = []
    for code in codes:
        record = codeset.get(code)
        cells.append((code, marked(record.label) if record is not None and record.label else "-"))
    cells += [(f"{first} to {last}", "every code between") for first, last in rule.family.ranges]
    return table(["code", "in our words"], cells)


def _ask(row: Row, codeset: Codeset) -> list[str]:
    """The commands and the call that give what the page says."""
    found = example(row, codeset)
    asked, amount = row.groups[0].asked, found.minutes if found.days is None else f"--days {found.days}"
    where = f"--on {row.day} --basis {row.basis} --edition {codeset.edition}"
    given = f"minutes={found.minutes}" if found.days is None else f"days={found.days}"
    lines = ["## Ask the same", "", "```sh"]
    lines += [f"cptkit bands {row.rule.id} {where}", f"cptkit time {asked} {amount} {where}", "```", ""]
    lines += [
        "```python",
        "import datetime as dt",
        "",
        "import cptkit",
        "from cptkit import Basis, timerule",
        "",
    ]
    lines += [
        "timerule.select(",
        f'    "{asked}",',
        f"    {given},",
        f"    date_of_service=dt.date({row.day.year}, {row.day.month}, {row.day.day}),",
        f'    codeset=cptkit.codeset("{codeset.edition}"),',
        f"    basis=Basis.{row.basis.name},",
        ")",
    ]
    return [*lines, "```", ""]
