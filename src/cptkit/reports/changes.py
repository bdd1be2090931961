"""The sheet of what changed between two editions, as a practice hands it out each January."""

import datetime as dt
import html
from collections.abc import Iterator
from typing import Any

import attrs

from cptkit.codesets import CodeChange, Codeset, Diff, diff
from cptkit.codesets.search import codes_of_family
from cptkit.sources import Basis, Source
from cptkit.timerule import timed_family

__all__ = ["Sheet", "SheetEntry", "change_sheet"]

_SUBJECTS = {
    "modifier": "modifier ",
    "denial": "denial ",
    "unit-policy": "unit policy ",
    "principle": "general rule ",
}
_STYLE = (
    "body{font:11pt/1.4 sans-serif;max-width:60em;margin:2em auto;padding:0 1em}"
    "h1{font-size:1.4em}h2{font-size:1.1em;border-bottom:1px solid;margin-top:1.5em}"
    "article{break-inside:avoid;margin:.6em 0}p{margin:.1em 0}.said{font-size:.8em;color:#444}"
    "footer{font-size:.8em;overflow-wrap:anywhere}@media print{body{margin:0;max-width:none}}"
)


@attrs.frozen(slots=True)
class SheetEntry:
    """One change on a sheet: its subject, own label, sentences, and who says so."""

    subject: str
    label: str
    lines: tuple[str, ...]
    evidence: str
    change: CodeChange

    @property
    def title(self) -> str:
        """Subject and label in one line."""
        return f"{self.subject}  {self.label}".rstrip()


@attrs.frozen(slots=True)
class Sheet:
    """What changed, in groups, with the sources it cites. Made by ``change_sheet``.

    >>> import cptkit
    >>> from cptkit.reports import change_sheet
    >>> sheet = change_sheet(cptkit.codeset("2022.1"), cptkit.codeset("2023.1"), family="psychotherapy")
    >>> print(sheet.to_markdown().splitlines()[0])
    # What changed from 2022.1 to 2023.1: psychotherapy
    >>> sheet.groups["added"]
    Traceback (most recent call last):
    ...
    TypeError: tuple indices must be integers or slices, not str
    """

    title: str
    remark: str
    groups: tuple[tuple[str, tuple[SheetEntry, ...]], ...]
    sources: tuple[Source, ...]
    footer: tuple[str, ...]
    diff: Diff
    family: str | None

    def to_markdown(self) -> str:
        """The sheet as Markdown."""
        lines = [f"# {_marked(self.title)}", "", _marked(self.remark), ""]
        for heading, entries in self.groups:
            lines += [f"## {heading}", ""]
            for entry in entries:
                lines.append(f"- **{_marked(entry.subject)}** {_marked(entry.label)}".rstrip())
                lines += [f"  - {_marked(line)}" for line in entry.lines]
                lines.append(f"  - *{_marked(entry.evidence)}*")
            lines.append("")
        if self.sources:
            lines += ["## Sources", ""]
            lines += [f"- {_marked(str(source))}" for source in self.sources] + [""]
        return "\n".join([*lines, *(f"{_marked(line)}  " for line in self.footer)]).rstrip() + "\n"

    def to_html(self) -> str:
        """The sheet as one printable page: no script, nothing loaded, every text escaped."""
        title = html.escape(self.title)
        parts = [
            '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width">',
            f"<title>{title}</title>\n<style>{_STYLE}</style>\n<h1>{title}</h1>",
            f"<p>{html.escape(self.remark)}</p>",
        ]
        for heading, entries in self.groups:
            parts.append(f"<h2>{html.escape(heading)}</h2>")
            for entry in entries:
                parts.append(
                    f"<article><p><strong>{html.escape(entry.subject)}</strong> {html.escape(entry.label)}</p>"
                )
                parts += [f"<p>{html.escape(line)}</p>" for line in entry.lines]
                parts.append(f'<p class="said">{html.escape(entry.evidence)}</p></article>')
        parts.append("<footer>")
        if self.sources:
            parts.append("<h2>Sources</h2>")
            parts += [f"<p>{html.escape(str(source))}</p>" for source in self.sources]
        parts += [f"<p>{html.escape(line)}</p>" for line in self.footer]
        return "\n".join([*parts, "</footer>", "</html>"]) + "\n"

    def to_dict(self) -> dict[str, Any]:
        """The diff, the family asked for and the sources, as plain JSON values."""
        lines = {id(entry.change): list(entry.lines) for _, entries in self.groups for entry in entries}
        groups = {
            name: [change.to_dict() | {"lines": lines[id(change)]} for change in getattr(self.diff, name)]
            for name in ("added", "deleted", "revised")
        }
        sources = {source.key: {"grade": source.grade, "where": source.where} for source in self.sources}
        said = self.diff.to_dict()
        return {"a": said["a"], "b": said["b"], "family": self.family, **groups, "sources": sources}


def change_sheet(a: Codeset, b: Codeset, *, family: str | None = None) -> Sheet:
    """The sheet of what changed from one edition to another, of one family or of all that they cover.

    :raises UnknownFamily: when neither edition has a family of codes or time rules of that name.

    >>> import cptkit
    >>> a, b = cptkit.codeset("2025.1"), cptkit.codeset("2026.1")
    >>> [heading for heading, _ in change_sheet(a, b, family="remote therapeutic").groups]
    ['Added', 'Revised']
    >>> change_sheet(a, b, family="psychoterapy")
    Traceback (most recent call last):
    ...
    cptkit.errors.UnknownFamily: no family of that name: 'psychoterapy'; did you mean psychotherapy...
    """
    changes = diff(a, b)
    covered = {*a, *b}
    if family is not None:
        named = codes_of_family(family, a, b)
        covered &= named
        changes = changes.concerning(named)
    entries = [
        (_heading(name, change), _entry(change, a, b))
        for name in ("added", "deleted", "revised")
        for change in getattr(changes, name)
    ]
    groups = tuple(
        (heading, found)
        for heading in ("Added", "Deleted", "Revised", "On record now, perhaps older", "Corrected")
        if (found := tuple(entry for name, entry in entries if name == heading))
    )
    keys = sorted({key for change in changes if change.citation for key in change.citation.sources})
    resolved = (b.source(key) or a.source(key) for key in keys)
    counts = f"{len(changes.added)} added, {len(changes.deleted)} deleted, {len(changes.revised)} revised."
    remark = f"{counts if len(changes) else 'Nothing changed.'} Compared: the {len(covered)} codes that these editions cover"
    remark += f" in this family ({family})." if family is not None else "."
    return Sheet(
        title=f"What changed from {a.edition} to {b.edition}" + (f": {family}" if family else ""),
        remark=f"{remark} A code that they do not cover is not checked. Labels are cptkit's own.",
        groups=groups,
        sources=tuple(source for source in resolved if source is not None),
        footer=tuple(f"edition {side.edition}, {side.digest}" for side in (a, b)),
        diff=changes,
        family=family,
    )


def _heading(group: str, change: CodeChange) -> str:
    if change.corrected:
        return "Corrected"
    return "On record now, perhaps older" if change.earlier else group.capitalize()


def _entry(change: CodeChange, a: Codeset, b: Codeset) -> SheetEntry:
    what = change.what
    if change.day is not None and str(change.day) not in what and not what.startswith("last day"):
        what = f"from {change.day}: {what}"
    lines = [what]
    if change.successors:
        lines.append(f"replaced by {', '.join(change.successors)}")
    if change.kind == "time":
        lines += _bands(change, a, b)
    if change.kind != "add-on" and (change.before or change.after):
        prefix = f"{' and '.join(change.basis)}: " if change.basis else ""
        lines.append(f"{prefix}{change.before or 'nothing'} -> {change.after or 'nothing'}")
    cited = change.citation
    evidence = "no source"
    if cited is not None:
        evidence = f"{cited.confidence}: {', '.join(cited.sources)}, checked {cited.checked}"
        evidence += f". {cited.note}" if cited.note else ""
    return SheetEntry(
        _SUBJECTS.get(change.kind, "") + change.code, change.label, tuple(lines), evidence, change
    )


def _bands(change: CodeChange, a: Codeset, b: Codeset) -> Iterator[str]:
    """The minutes of each code before and after a change of a time rule, where they differ."""
    if change.day is None:
        return
    before, after = change.day - dt.timedelta(days=1), change.day
    sides = ((b, before), (b, after)) if b.last_day >= a.last_day else ((a, after), (a, before))
    if change.corrected:
        sides = ((a, change.day), (b, change.day))
    for basis in map(Basis, change.basis):
        for code in change.codes:
            was, now = (_band(code, codeset, day, basis) for codeset, day in sides)
            if was != now:
                yield f"{basis}: {code} {was}, now {now}"


def _band(code: str, codeset: Codeset, day: dt.date, basis: Basis) -> str:
    rule = timed_family(code, day, codeset, basis) if day <= codeset.last_day else None
    if rule is None:
        return "without a time rule"
    band = rule.band(code)
    if band is None:
        return "without minutes"
    first, last = band
    return f"from {first} {rule.counts}" if last is None else f"{first} to {last} {rule.counts}"


def _marked(text: str) -> str:
    """A text with the signs that Markdown would read as its own escaped."""
    return "".join(f"\\{sign}" if sign in "\\`*_[]<>|~#" else sign for sign in text)
