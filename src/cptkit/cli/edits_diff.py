"""What a quarter changed, as rows for programs and as lists for people."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import attrs

from cptkit.cli.screen import Page
from cptkit.edits import MueChange, MueDiff, PtpChange, PtpDiff, PtpEdit, Quarter, Setting

__all__ = ["Compared", "of_limits", "of_pairs", "page"]

_MOST = 20  # changes of a kind that are listed for people unless all are asked for


@attrs.frozen(slots=True)
class Compared:
    """Two quarters of a table compared.

    ``rows``: the changes. ``groups``: by kind and by what they have in common, each change in a word or two.
    """

    what: str
    setting: Setting
    older: Quarter
    newer: Quarter
    columns: tuple[str, ...]
    rows: tuple[Mapping[str, Any], ...]
    groups: Mapping[str, Mapping[str, Sequence[str]]]

    @property
    def counts(self) -> dict[str, int]:
        """How many changes there are of each kind."""
        return {name: sum(map(len, parts.values())) for name, parts in self.groups.items()}

    def to_dict(self) -> dict[str, Any]:
        """As plain values for JSON."""
        return {
            "table": self.what,
            "setting": self.setting.value,
            "older": str(self.older),
            "newer": str(self.newer),
            "counts": self.counts,
            "changes": list(self.rows),
        }


# ---- pair edits --------------------------------------------------------------------------------

_PAIR_COLUMNS = (
    "change",
    "column1",
    "column2",
    "indicator",
    "indicator_before",
    "first_day",
    "last_day",
    "rationale",
    "file",
)


def of_pairs(diff: PtpDiff) -> Compared:
    """The changes of pair edits. A pair whose indicator changed stands among those alone."""
    changed = diff.indicator_changes
    replaced = [change for change in diff.replaced if not change.is_of_indicator]
    rows = [
        *(_pair_row("added", edit) for edit in diff.added),
        *(_pair_row("reopened", edit) for edit in diff.reopened),
        *(_pair_row("ended", edit) for edit in diff.ended),
        *(_pair_row("replaced", change.after, change) for change in replaced),
        *(_pair_row("indicator", change.after, change) for change in changed),
    ]
    groups = {
        "added": _together((_began(edit), _pair(edit)) for edit in diff.added),
        "reopened": _together((_began(edit), _pair(edit)) for edit in diff.reopened),
        "ended": _together((_ended(edit), _pair(edit)) for edit in diff.ended),
        "replaced": _together((_began(change.after), _pair(change.after)) for change in replaced),
        "indicator changed": _together((_began(change.after), _changed(change)) for change in changed),
    }
    return Compared("ptp", diff.setting, diff.older, diff.newer, _PAIR_COLUMNS, tuple(rows), groups)


def _pair_row(change: str, edit: PtpEdit, both: PtpChange | None = None) -> dict[str, Any]:
    return {
        "change": change,
        "column1": edit.column1,
        "column2": edit.column2,
        "indicator": edit.indicator,
        "indicator_before": None if both is None else both.before.indicator,
        "first_day": edit.first_day.isoformat() if edit.first_day else None,
        "last_day": edit.last_day.isoformat() if edit.last_day else None,
        "rationale": edit.rationale,
        "file": edit.file,
    }


def _together(changes: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Changes by what they have in common, the most frequent first."""
    found: dict[str, list[str]] = {}
    for said, change in changes:
        found.setdefault(said, []).append(change)
    return dict(sorted(found.items(), key=lambda part: -len(part[1])))


def _began(edit: PtpEdit) -> str:
    return f"{f'from {edit.first_day}, ' if edit.first_day else ''}{edit.rationale or 'no rationale'}"


def _ended(edit: PtpEdit) -> str:
    return f"{f'up to {edit.last_day}, ' if edit.last_day else ''}{edit.rationale or 'no rationale'}"


def _pair(edit: PtpEdit) -> str:
    return f"{edit.column1}/{edit.column2} ({edit.indicator})"


def _changed(change: PtpChange) -> str:
    before, after = change.before, change.after
    return f"{after.column1}/{after.column2} ({before.indicator} to {after.indicator})"


# ---- unit limits -------------------------------------------------------------------------------

_LIMIT_COLUMNS = ("change", "code", "value", "value_before", "mai", "mai_before", "rationale")


def of_limits(diff: MueDiff) -> Compared:
    """The changes of unit limits. One that rose or fell and is judged otherwise stands in both lists."""
    kinds = {
        "up": diff.up,
        "down": diff.down,
        "new": diff.new,
        "gone": diff.gone,
        "judged otherwise": diff.judged,
    }
    rows = [_limit_row(kind, change) for kind, changes in kinds.items() for change in changes]
    groups = {
        kind: _together(("", _limit(kind, change)) for change in changes) for kind, changes in kinds.items()
    }
    return Compared("mue", diff.setting, diff.older, diff.newer, _LIMIT_COLUMNS, tuple(rows), groups)


def _limit_row(kind: str, change: MueChange) -> dict[str, Any]:
    before, after = change.before, change.after
    one = after or before
    return {
        "change": kind,
        "code": one.code if one else None,
        "value": after.value if after else None,
        "value_before": before.value if before else None,
        "mai": after.mai if after else None,
        "mai_before": before.mai if before else None,
        "rationale": one.rationale if one else None,
    }


def _limit(kind: str, change: MueChange) -> str:
    row = _limit_row(kind, change)
    if kind == "judged otherwise":
        return f"{row['code']} MAI {row['mai_before']} to {row['mai']}"
    if kind in {"new", "gone"}:
        return f"{row['code']} {row['value'] if kind == 'new' else row['value_before']:,}"
    return f"{row['code']} {row['value_before']:,} to {row['value']:,}"


# ---- for people --------------------------------------------------------------------------------

_WORDS = {"ptp": "Pair edits", "mue": "Unit limits"}
_REMARKS = {
    "reopened": "pairs of which the older table had ended rows only",
    "replaced": "pairs that ended and begin anew, with the same indicator",
    "gone": "no longer published, which is not the same as no limit",
}


def page(found: Compared, width: int, *, everything: bool) -> Page:
    """The changes of each kind, the first of them or all."""
    page = Page(width)
    title = f"{_WORDS[found.what]} of {found.setting}, {found.older} to {found.newer}"
    page.line(title, style="bold")
    page.entry(", ".join(f"{name} {count:,}" for name, count in found.counts.items()))
    if found.what == "ptp" and found.rows:
        page.entry("column 1/column 2 (modifier indicator)", style="dim")
    for name, parts in found.groups.items():
        if not parts:
            continue
        page.line()
        remark = f" ({_REMARKS[name]})" if name in _REMARKS else ""
        page.entry(f"{found.counts[name]:,}{remark}", label=f"{name.upper()}: ", label_style="bold")
        for said, changes in parts.items():
            if said:
                page.entry(said, indent=2, label=f"{len(changes):,} " if len(parts) > 1 else "")
            _list(page, changes, everything=everything)
    return page


def _list(page: Page, changes: Sequence[str], *, everything: bool) -> None:
    """The changes side by side."""
    shown = changes if everything or len(changes) <= _MOST + 4 else changes[:_MOST]
    wide = max(map(len, shown)) + 3
    across = max(1, (page.width - 4 + 3) // wide)
    for place in range(0, len(shown), across):
        page.line("    " + "".join(change.ljust(wide) for change in shown[place : place + across]).rstrip())
    if len(shown) < len(changes):
        page.line(f"    and {len(changes) - len(shown):,} more: --all, or --format csv", style="dim")
