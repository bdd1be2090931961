"""A report as one page to read, print and hand on: HTML without scripts, with nothing loaded from outside."""

import html
from collections.abc import Iterable, Iterator, Sequence

from cptkit.claims import id_order
from cptkit.errors import InvalidChoice
from cptkit.reports.comparing import Comparison
from cptkit.rules import Finding, Fix, NotChecked, Report
from cptkit.rules.headline import headline
from cptkit.sources import by_standing
from cptkit.wording import counted

__all__ = ["GROUPINGS", "report_html"]

GROUPINGS = ("claim", "rule")

# how columns of these names look: n numbers, s words on one line, r ids that are not taken apart, t long texts
# beside others; c, f, g and l say their names where a narrow screen shows no heads
_MARKS = {
    **dict.fromkeys(("Date of service", "Severity", "Since the baseline"), "s"),
    **dict.fromkeys(("How many", "How often"), "n"),
    "Where": "t",
    "Rule": "r",
    "Rules": "r",
    "Findings": "n f",
    "Claims": "n g",
    "Claim": "c",
    "Lines": "l",
}
_WIDE = 4  # columns of a table whose rows a narrow screen shows as paragraphs
_STYLE = (
    "body{font:11pt/1.4 sans-serif;max-width:75em;margin:2em auto;padding:0 1em;color:#000;background:#fff}"
    "h1{font-size:1.4em}h2{font-size:1.2em;border-bottom:2px solid;margin-top:1.8em}"
    "h3{font-size:1em;margin:1.2em 0 .2em}h1,h3,p,li,code{overflow-wrap:anywhere}"
    "table{border-collapse:collapse;min-width:50%;margin:.4em 0 1.2em}"
    "caption{text-align:left;font-weight:bold}h3+table{width:100%}h3+table caption{font-weight:normal}"
    "h3+table td:last-child{width:60%}"
    "th,td{border:1px solid #666;padding:.25em .5em;text-align:left;vertical-align:top;"
    "overflow-wrap:anywhere}thead th,.r{overflow-wrap:break-word}thead th{border-bottom:3px double}"
    "td p,td ul{margin:0 0 .3em}td ul{padding-left:1.5em}"
    ".error{font-weight:bold;text-transform:uppercase}.warning{font-weight:bold}.review{font-style:italic}"
    ".n{text-align:right}td.s{white-space:nowrap}.t{width:55%}.said{font-size:.85em}"
    "@media screen and (max-width:40em){.w thead{display:none}.w,.w tbody,.w caption,.w tr{display:block}"
    ".w tr{border:1px solid #666;margin-bottom:.5em}.w tr>*{display:inline-block;border:0}"
    ".w td:last-child{display:block;width:auto}.w .c::before{content:'Claim '}.w .l::before{content:'Lines '}"
    ".w .f::before{content:'Findings '}.w .g::before{content:'Claims '}}"
    "@media print{@page{margin:15mm}body{margin:0;max-width:none;font-size:9pt}"
    "thead{display:table-header-group}tr{break-inside:avoid}h2,h2+p,h3,caption,thead{break-after:avoid}}"
)
# Nothing may be loaded or run, whatever text a claim brought in.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def report_html(
    report: Report,
    *,
    title: str = "Claim check",
    by: str = "claim",
    comparison: Comparison | None = None,
    rejected: Iterable[tuple[int, str]] = (),
) -> str:
    """The report as one HTML page, for a browser, a printer or a mail.

    No script, nothing loaded, every text escaped; severities are told in words, so that it reads in
    black and white. The same report gives the same bytes.

    :param by: ``claim`` or ``rule``: how findings are grouped.
    :param comparison: what ``compare`` said of an earlier report; each finding then tells whether it is new.
    :param rejected: line numbers and reasons of rows of a file that could not be read.
    :raises InvalidChoice: when findings are to be grouped by something else.

    >>> import cptkit
    >>> from cptkit.reports import report_html
    >>> report = cptkit.check(cptkit.Claim([]), cptkit.Catalog.from_editions("2026.1"))
    >>> report_html(report, title="May & June").splitlines()[5]
    '<title>May &amp; June</title>'
    >>> report_html(report, by="patient")
    Traceback (most recent call last):
    ...
    cptkit.errors.InvalidChoice: findings are not grouped by this: 'patient'; expected claim or rule
    """
    if by not in GROUPINGS:
        raise InvalidChoice("findings are not grouped by this", given=by, expected=" or ".join(GROUPINGS))
    return "\n".join(_Writer(report, by, comparison).page(title, tuple(rejected))) + "\n"


def _shown(text: object) -> str:
    """A text as HTML: no sign of it is markup, and what does not print is spelled out."""
    given = str(text)
    if not given.isprintable():
        given = "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in given)
    return html.escape(given)


def _table(caption: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table whose cells are HTML; the first of a row heads it."""
    marks = [f' class="{_MARKS[name]}"' if name in _MARKS else "" for name in head]
    body = "\n".join(f"<tr>{_cells(marks, row)}</tr>" for row in rows)
    heads = "".join(
        f'<th scope="col"{mark}>{_shown(name)}</th>' for mark, name in zip(marks, head, strict=True)
    )
    wide = ' class="w"' if len(head) >= _WIDE else ""
    return (
        f"<table{wide}>\n<caption>{_shown(caption)}</caption>\n<thead><tr>{heads}</tr></thead>\n"
        f"<tbody>\n{body}\n</tbody>\n</table>"
    )


def _cells(marks: Sequence[str], row: Sequence[str]) -> str:
    (first, *others), (mark, *rest) = row, marks
    cells = "".join(f"<td{mark}>{cell}</td>" for mark, cell in zip(rest, others, strict=True))
    return f'<th scope="row"{mark}>{first}</th>{cells}'


class _Writer:
    """One report being written, and the notes on sources that its findings refer to."""

    def __init__(self, report: Report, by: str, comparison: Comparison | None) -> None:
        self._report = report
        self._by = by
        self._comparison = comparison
        # what the baseline says of each finding; nothing without one
        self._states = comparison.states(report.findings) if comparison else ("",) * len(report.findings)
        self._notes: dict[str, int] = {}

    def page(self, title: str, rejected: tuple[tuple[int, str], ...]) -> Iterator[str]:
        yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
        yield f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        yield f'<title>{_shown(title)}</title>\n<meta name="viewport" content="width=device-width">'
        yield f"<style>{_STYLE}</style>\n</head>\n<body>\n<header>\n<h1>{_shown(title)}</h1>"
        yield f"<p>{_shown(self._said(rejected))}</p>\n</header>\n<main>"
        yield from self._summary(rejected)
        yield from self._compared()
        yield "<h2>Findings</h2>"
        if not self._report.findings:
            yield f"<p>{headline(self._report, lost=bool(rejected))}.</p>"
        yield from self._groups("Findings", zip(self._report.findings, self._states, strict=True))
        if self._report.bypassed:
            yield "<h2>Bypassed</h2>\n<p>These would have failed, but for what is named.</p>"
            yield from self._groups("Bypassed", ((each, "") for each in self._report.bypassed))
        yield from self._waived()
        yield from self._not_checked()
        if self._report.left_out:
            yield "<h2>Not run</h2>"
            yield f"<p>What these rules need was not given: {_shown(', '.join(self._report.left_out))}.</p>"
        if rejected:
            yield "<h2>Rejected</h2>"
            rows = [(_shown(line), _shown(reason)) for line, reason in rejected]
            yield _table("Rows that could not be read, and were not checked", ("Line", "Why"), rows)
        yield from self._closing()
        yield "</main>\n</body>\n</html>"

    def _said(self, rejected: tuple[tuple[int, str], ...]) -> str:
        report = self._report
        if report.findings:
            text = f"{counted(len(report.findings), 'finding')}; {counted(report.lines, 'line')} checked."
        else:
            text = f"{headline(report, lost=bool(rejected))}."
        settings = f", setting {', '.join(report.settings)}" if report.settings else ""
        profile = f", profile {report.profile.name}" if report.profile else ""
        return (
            f"{text} Judged by the basis {report.basis}{profile}{settings}. What was not checked is no pass."
        )

    # ---- counts ------------------------------------------------------------------------

    def _summary(self, rejected: tuple[tuple[int, str], ...]) -> Iterator[str]:
        summary = self._report.summary()
        unchecked = {(entry.claim, line) for entry in self._report.not_checked for line in entry.lines}
        rows = [
            ("Lines checked", summary["lines"]),
            ("Lines that passed everything", summary["passed"]),
            ("Findings", summary["findings"]),
            *((f"Findings: {name}", number) for name, number in summary["by_severity"].items()),
            ("Bypassed", summary["bypassed"]),
            *([("Waived", summary["waived"])] if summary["waived"] else []),
            ("Lines left partly unchecked", len(unchecked)),
            ("Rows rejected", len(rejected)),
        ]
        yield "<h2>Summary</h2>"
        told = [(_shown(name), _shown(number)) for name, number in rows]
        yield _table("Counts", ("What", "How many"), told)
        if summary["causes"]:
            causes = [
                (
                    f"{_shown(cause['rule'])} {_shown(cause['name'])}",
                    _shown(cause["findings"]),
                    _shown(cause["claims"]),
                    _shown(cause["example"]),
                )
                for cause in summary["causes"]
            ]
            yield _table("The commonest causes", ("Rule", "Findings", "Claims", "Such as"), causes)
        if summary["reasons"]:
            reasons = [
                (_shown(each["reason"]), _shown(", ".join(each["rules"])), _shown(each["entries"]))
                for each in summary["reasons"]
            ]
            caption = "The commonest reasons for which something was not checked"
            yield _table(caption, ("Why not checked", "Rules", "How often"), reasons)

    def _compared(self) -> Iterator[str]:
        found = self._comparison
        if found is None:
            return
        yield "<h2>Beside the baseline</h2>"
        rows = [
            ("New", _shown(len(found.new))),
            ("Unchanged", _shown(len(found.unchanged))),
            ("Fixed", _shown(len(found.fixed))),
            ("Not judged again", _shown(len(found.not_judged))),
            *([("Waived since", _shown(len(found.waived)))] if found.waived else []),
        ]
        yield _table("Findings", ("Since the baseline", "How many"), rows)
        if found.differences:
            yield "<p>The two checks differ in more than their claims:</p>"
            yield f"<ul>{''.join(f'<li>{_shown(each)}</li>' for each in found.differences)}</ul>"
        for heading, gone in (
            ("Fixed", found.fixed),
            ("Not judged again", found.not_judged),
            ("Waived since", found.waived),
        ):
            if gone:
                yield _table(
                    heading,
                    ("Claim", "Lines", "Codes", "Date of service", "Rule", "It said"),
                    map(_gone, gone),
                )

    # ---- findings ----------------------------------------------------------------------

    def _groups(self, heading: str, entries: Iterable[tuple[Finding, str]]) -> Iterator[str]:
        of = _claim_of if self._by == "claim" else _rule_of
        groups: dict[str, list[tuple[Finding, str]]] = {}
        for finding, state in sorted(entries, key=lambda entry: id_order(entry[0].claim)):
            groups.setdefault(of(finding), []).append((finding, state))
        has_states = self._comparison is not None and heading == "Findings"
        head = (
            *(("Lines",) if self._by == "claim" else ("Claim", "Lines")),
            *("Codes", "Date of service", "Severity"),
            *(("Since the baseline",) if has_states else ()),
            "What is wrong, what cures it, why",
        )
        for name, found in sorted(groups.items(), key=lambda group: id_order(group[0])):
            yield f"<h3>{_shown(name)}</h3>"
            yield _table(f"{heading}: {len(found)}", head, (self._row(*each) for each in found))

    def _row(self, finding: Finding, state: str) -> tuple[str, ...]:
        lines = _shown(", ".join(finding.lines))
        first = (lines,) if self._by == "claim" else (_shown(finding.claim), lines)
        since = (f"<strong>{state}</strong>" if state == "new" else state,) if state else ()
        return (
            *first,
            _shown(" + ".join(finding.codes)),
            _shown(finding.date_of_service),
            f'<span class="{finding.severity.value}">{_shown(finding.severity)}</span>',
            *since,
            self._told(finding),
        )

    def _told(self, finding: Finding) -> str:
        parts = [f"<p>{_shown(finding.message)}</p>"]
        if finding.fixes:
            parts.append(f"<ul>{''.join(f'<li>{_shown(_cure(fix))}</li>' for fix in finding.fixes)}</ul>")
        why = f"{_shown(_rule_of(finding))}, edition {_shown(finding.edition)}"
        for standing, cited in by_standing(finding.evidence):
            keys = dict.fromkeys(key for citation in cited for key in citation.sources)
            marks = dict.fromkeys(self._mark(citation.note) for citation in cited if citation.note)
            why += f"; {_shown(standing)}: {_shown(', '.join(keys))}{''.join(marks)}"
        for row in finding.edits:
            why += f"; {_shown(row)}, {_shown(row.file)}"
        if finding.denial is not None:
            remarks = f" / {', '.join(finding.denial.rarc)}" if finding.denial.rarc else ""
            likely = "likely " if finding.denial.likely else ""
            why += f"; denial: {likely}{_shown(finding.denial.group)}-{_shown(finding.denial.carc + remarks)}"
            profile = finding.denial.citation.profile
            why += f" by profile {_shown(profile)}" if profile else ""
        return f'{"".join(parts)}<p class="said">{why}</p>'

    def _mark(self, note: str) -> str:
        number = self._notes.setdefault(note, len(self._notes) + 1)
        return f' <a href="#note-{number}">[{number}]</a>'

    # ---- the rest ----------------------------------------------------------------------

    def _waived(self) -> Iterator[str]:
        report = self._report
        if report.waived:
            yield "<h2>Waived</h2>\n<p>These failed, and someone answers for them.</p>"
            head = ("Claim", "Lines", "Codes", "Date of service", "Rule", "It said", "Waiver")
            rows = ((*_gone(each.finding), _shown(each.waiver)) for each in report.waived)
            yield _table("Waived findings", head, rows)
        if report.idle_waivers:
            yield f"<h2>Waivers that did nothing</h2>\n<p>As of {_shown(report.waivers_as_of)}.</p>"
            idle = ((_shown(each.waiver), _shown(each.why)) for each in report.idle_waivers)
            yield _table("Waivers", ("Waiver", "Why"), idle)

    def _not_checked(self) -> Iterator[str]:
        entries = self._report.not_checked
        if not entries:
            return
        yield "<h2>Not checked</h2>\n<p>The rules named could not judge these lines. That is no pass.</p>"
        groups: dict[str, list[NotChecked]] = {}
        for entry in sorted(entries, key=lambda entry: id_order(entry.claim)):
            groups.setdefault(entry.reason, []).append(entry)
        rows = [
            (
                _shown(reason),
                _shown(", ".join(sorted({entry.rule for entry in found}))),
                _shown("; ".join(dict.fromkeys(_where(entry) for entry in found))),
            )
            for reason, found in sorted(groups.items())
        ]
        yield _table("Not checked, by reason", ("Why not checked", "Rules", "Where"), rows)

    def _closing(self) -> Iterator[str]:
        if self._notes:
            yield "<h2>Notes on the sources</h2>\n<ol>"
            yield from (f'<li id="note-{number}">{_shown(note)}</li>' for note, number in self._notes.items())
            yield "</ol>"
        yield "<h2>Answered from</h2>"
        pins = [*self._report.pins, *([self._report.profile] if self._report.profile else [])]
        rows = [(_shown(pin.name), f"<code>{_shown(pin.digest)}</code>") for pin in pins]
        yield _table("Editions, tables and profile", ("Name", "Digest"), rows)


def _claim_of(finding: Finding) -> str:
    return f"Claim {finding.claim or 'without id'}"


def _rule_of(finding: Finding) -> str:
    return f"{finding.rule} {finding.name}"


def _cure(fix: Fix) -> str:
    text = fix.text if f"line {fix.line}" in fix.text else f"line {fix.line}: {fix.text}"
    return f"{text}, provided that {fix.provided}" if fix.provided else text


def _where(entry: NotChecked) -> str:
    return f"{entry.claim or 'claim without id'} line {', '.join(entry.lines)}"


def _gone(finding: Finding) -> tuple[str, ...]:
    cells = (
        finding.claim,
        ", ".join(finding.lines),
        " + ".join(finding.codes),
        finding.date_of_service,
        _rule_of(finding),
        finding.message,
    )
    return tuple(map(_shown, cells))
