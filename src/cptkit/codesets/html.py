"""Small tables for notebooks; every text in them is escaped.

>>> table("<b>", [("a & b", None)])
'<table><caption>&lt;b&gt;</caption><tbody><tr><th>a &amp; b</th><td></td></tr></tbody></table>'
>>> table("t", 3)
Traceback (most recent call last):
...
TypeError: 'int' object is not iterable
"""

import html
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cptkit.codesets.differences import Diff
    from cptkit.codesets.edition import Codeset
    from cptkit.codesets.records import CodeRecord, Status

__all__ = ["code_table", "codeset_table", "diff_table", "status_table", "table"]

_MOST_ROWS = 60  # a notebook shows what fits; the rest is counted


def table(caption: str, rows: Iterable[Sequence[object]], head: Sequence[str] = ()) -> str:
    """A table whose first column names its rows."""
    top = f"<thead><tr>{''.join(f'<th>{_escaped(name)}</th>' for name in head)}</tr></thead>" if head else ""
    body = "".join(
        f"<tr><th>{_escaped(first)}</th>{''.join(f'<td>{_escaped(cell)}</td>' for cell in rest)}</tr>"
        for first, *rest in rows
    )
    return f"<table><caption>{_escaped(caption)}</caption>{top}<tbody>{body}</tbody></table>"


def _escaped(value: object) -> str:
    return "" if value is None else html.escape(str(value))


def code_table(record: "CodeRecord") -> str:
    """A code: what it is and its life."""
    marks = [name for name, is_so in (("add-on", record.is_addon), ("timed", record.timed)) if is_so]
    rows: list[tuple[object, object]] = [
        ("label", record.label),
        ("family", record.family),
        ("section", record.section.value),
        ("first day", record.first_day or "not on record"),
        ("last day", record.last_day or "none on record"),
    ]
    if record.history[-1].successors:
        rows.append(("see", ", ".join(record.history[-1].successors)))
    if marks:
        rows.append(("is", ", ".join(marks)))
    return table(record.code, rows)


def status_table(status: "Status") -> str:
    """The standing of a code on a day."""
    cited = status.citation
    said = f"{cited.confidence}: {', '.join(cited.sources)}, checked {cited.checked}"
    in_force = {True: "yes", False: "no", None: "not known"}[status.in_force]
    rows = [("in force", in_force), ("why", status.reason), ("says", said)]
    return table(f"{status.code} on {status.date_of_service}", rows)


def codeset_table(codeset: "Codeset") -> str:
    """An edition: its days, its digest, and how many codes each section holds."""
    sections = Counter(row["section"] for row in codeset.rows("codes"))
    rows = [("days", f"up to {codeset.last_day}"), ("digest", codeset.digest), ("codes", len(codeset))]
    rows += [(f"\N{EN DASH} {name}", number) for name, number in sorted(sections.items())]
    rows.append(("modifiers", len(codeset.modifiers)))
    return table(f"Codeset {codeset.edition}", rows)


def diff_table(diff: "Diff") -> str:
    """The changes between two editions, as many as fit."""
    rows = [
        (group, change.code, change.label, change.day, change.what, ", ".join(change.successors))
        for group in ("added", "deleted", "revised")
        for change in getattr(diff, group)
    ]
    caption = f"{diff.a} to {diff.b}: {len(rows)} changes"
    if len(rows) > _MOST_ROWS:
        caption += f", the first {_MOST_ROWS}"
    return table(caption, rows[:_MOST_ROWS], ("", "code", "label", "from", "what", "replaced by"))
