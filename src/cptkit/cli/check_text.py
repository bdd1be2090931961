"""The report of a check for people: what is wrong, what cures it, what was not looked at."""

from collections.abc import Iterable

from cptkit.claims import Claim, Line
from cptkit.cli.screen import Page
from cptkit.codesets.catalog import TABLES
from cptkit.interop import ClaimFile
from cptkit.rules import Finding, Fix, FixKind, Report, Severity
from cptkit.sources import Basis, Citation, Confidence

__all__ = ["report_page"]

_STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.REVIEW: "cyan"}
_BASES = {Basis.CPT: "the code set's own rules (cpt)", Basis.MEDICARE: "Medicare's rules (medicare)"}
_SOURCES_SHOWN = 4
_DIGEST_SHOWN = len("sha256:") + 12


def report_page(report: Report, claims: ClaimFile, width: int) -> Page:
    """The whole report, to be printed or kept."""
    return _Writer(report, claims, width).page()


class _Writer:
    """One report being written: the page, the claims by line, and the notes that findings refer to."""

    def __init__(self, report: Report, claims: ClaimFile, width: int) -> None:
        self._report = report
        self._file = claims
        self._page = Page(width)
        self._homes = {line.id: (claim, line) for claim in claims.claims for line in claim.lines}
        self._notes: dict[str, int] = {}

    def page(self) -> Page:
        self._opening()
        self._findings()
        self._bypassed()
        self._not_checked()
        self._left_out()
        self._rejected()
        self._closing()
        return self._page

    def _opening(self) -> None:
        days = sorted({line.date_of_service for _, line in self._homes.values()})
        text = f"{_count(len(self._homes), 'claim line')} of {_count(len(self._file.claims), 'claim')}"
        if days:
            text += f", {days[0]}" if days[0] == days[-1] else f", {days[0]} to {days[-1]}"
        tables = [pin for pin in self._report.pins if pin.name == TABLES]
        whose = f" and the {', '.join(self._report.settings)} tables" if tables else ""
        self._page.entry(f"{text}, by {_BASES[self._report.basis]}{whose}")
        if self._file.ignored:
            self._page.entry(f"Columns not used: {', '.join(self._file.ignored)}")

    def _title(self, text: str, style: str, remark: str = "") -> None:
        self._page.line()
        self._page.entry(remark, label=text + (": " if remark else ""), label_style=style)

    # ---- findings ----------------------------------------------------------------------

    def _findings(self) -> None:
        findings = self._report.findings
        if not findings:
            if self._report.not_checked:
                self._title("NOTHING WRONG WAS FOUND IN WHAT COULD BE CHECKED", "bold yellow")
            else:
                self._title("NOTHING WRONG WAS FOUND", "bold green")
            return
        lines = {line for finding in findings for line in finding.lines}
        self._title(f"{_count(len(findings), 'FINDING')} on {_count(len(lines), 'line')}", "bold red")
        by_claim: dict[int, tuple[Claim, list[Finding]]] = {}
        for finding in sorted(findings, key=_first_line):
            claim, _ = self._homes[finding.lines[0]]
            by_claim.setdefault(id(claim), (claim, []))[1].append(finding)
        for claim, its_findings in by_claim.values():
            self._claim(claim)
            for finding in its_findings:
                self._finding(finding)

    def _claim(self, claim: Claim) -> None:
        text = f"Claim {claim.id}"
        if claim.patient and claim.patient not in claim.id:
            text += f", patient {claim.patient}"
        self._page.line()
        self._page.entry(text, style="bold")
        missing = [str(row.line_number) for row in self._file.rejected if row.claim and row.claim == claim.id]
        if missing:
            text = f"{_lines(missing)} of this claim could not be read: judged without it"
            self._page.entry(text, indent=2, style="yellow")

    def _finding(self, finding: Finding) -> None:
        self._heading(finding)
        self._page.entry(finding.message, indent=4)
        for place, fix in enumerate(finding.fixes):
            self._page.entry(_cure(fix, finding), indent=4, label="or:     " if place else "cure:   ")
        self._why(finding)
        if finding.denial is not None:
            remarks = f" / {', '.join(finding.denial.rarc)}" if finding.denial.rarc else ""
            likely = "likely " if finding.denial.likely else ""
            text = f"{likely}{finding.denial.group}-{finding.denial.carc}{remarks}"
            self._page.entry(text, indent=4, label="denial: ")

    def _heading(self, finding: Finding) -> None:
        lines = [self._homes[line][1] for line in finding.lines]
        text = f"{_lines(finding.lines)}  {_services(lines)}  {finding.date_of_service}"
        self._page.entry(
            text,
            indent=2,
            label=f"{finding.severity.value}  ",
            label_style=_STYLES[finding.severity],
            style="bold",
        )

    def _why(self, finding: Finding) -> None:
        text = f"{finding.rule} {finding.name}"
        for confidence in Confidence:
            citations = [citation for citation in finding.evidence if citation.confidence is confidence]
            if citations:
                text += f"; {confidence}: {self._sources(citations)}"
        for row in finding.edits:
            text += f"; {row}, {row.file}"
        self._page.entry(f"{text}; edition {finding.edition}", indent=4, label="why:    ")

    def _sources(self, citations: Iterable[Citation]) -> str:
        """The keys of the sources, and a mark for each note that a reader must not miss."""
        keys: dict[str, None] = {}
        marks: dict[str, None] = {}
        for citation in citations:
            keys |= dict.fromkeys(citation.sources)
            if citation.note:
                marks[f" [{self._notes.setdefault(citation.note, len(self._notes) + 1)}]"] = None
        rest = len(keys) - _SOURCES_SHOWN
        return (
            ", ".join(list(keys)[:_SOURCES_SHOWN])
            + (f" and {rest} more" if rest > 0 else "")
            + "".join(marks)
        )

    # ---- what is no finding ------------------------------------------------------------

    def _bypassed(self) -> None:
        if not self._report.bypassed:
            return
        self._title("BYPASSED", "bold cyan", "these would have failed, but for what is named")
        for finding in sorted(self._report.bypassed, key=_first_line):
            self._heading(finding)
            self._page.entry(finding.message, indent=4)
            self._why(finding)

    def _not_checked(self) -> None:
        if not self._report.not_checked:
            return
        groups: dict[str, tuple[set[str], set[str]]] = {}
        for entry in self._report.not_checked:
            lines, rules = groups.setdefault(entry.reason, (set(), set()))
            lines.update(entry.lines)
            rules.add(entry.rule)
        self._title("NOT CHECKED", "bold magenta", "the rules named could not judge these; that is no pass")
        ordered = sorted(groups.items(), key=lambda group: min(map(int, group[1][0])))
        for reason, (lines, rules) in ordered:
            text = f"{reason} ({', '.join(sorted(rules))})"
            self._page.entry(text, indent=2, label=f"{_lines(lines)}: ", label_style="bold")

    def _left_out(self) -> None:
        left_out = self._report.left_out
        if left_out:
            remark = f"{', '.join(left_out)} need edit tables: see `cptkit import` and --tables"
            self._title("NOT RUN", "bold magenta", remark)

    def _rejected(self) -> None:
        if not self._file.rejected:
            return
        self._title("REJECTED", "bold red", "these rows could not be read and were not checked")
        for row in self._file.rejected:
            self._page.entry(row.reason, indent=2, label=f"line {row.line_number}: ", label_style="bold")
            room = self._page.width - 4
            text = row.text if len(row.text) <= room else f"{row.text[: room - 3]}..."
            self._page.line(f"    {text}", style="dim")

    # ---- the end -----------------------------------------------------------------------

    def _closing(self) -> None:
        if self._notes:
            self._title("NOTES on the sources", "bold")
            for note, number in self._notes.items():
                self._page.entry(note, indent=2, label=f"[{number}] ")
        file, summary = self._file, self._report.summary()
        self._page.line()
        text = f"{_count(file.rows_read, 'row')} read = {file.rows_checked} checked + {len(file.rejected)} rejected"
        self._page.line(text, style="bold")
        severities = ", ".join(f"{_count(number, name)}" for name, number in summary["by_severity"].items())
        found = _count(summary["findings"], "finding") + (f" ({severities})" if severities else "")
        unchecked = {line for entry in self._report.not_checked for line in entry.lines}
        self._page.entry(
            f"{_count(summary['passed'], 'line')} passed everything; {found}; {summary['bypassed']} bypassed; "
            f"{_count(len(unchecked), 'line')} left partly unchecked"
        )
        for place, pin in enumerate(self._report.pins):
            label = " " * len("Editions: ") if place else "Editions: "
            self._page.line(f"{label}{pin.name}  {pin.digest[:_DIGEST_SHOWN]}")
        if self._report.findings:
            rule = self._report.findings[0].rule
            self._page.line(f"More about a rule: cptkit explain {rule}", style="dim")


def _cure(fix: Fix, finding: Finding) -> str:
    text = fix.text
    if len(finding.lines) > 1 and fix.kind is not FixKind.ASK and f"line {fix.line}" not in text:
        text += f" on line {fix.line}"
    return f"{text}, provided that {fix.provided}" if fix.provided else text


def _services(lines: Iterable[Line]) -> str:
    return " + ".join(str(line.service) + (f" x {line.units}" if line.units != 1 else "") for line in lines)


def _first_line(finding: Finding) -> tuple[int, ...]:
    return tuple(map(int, finding.lines))


def _count(number: int, thing: str) -> str:
    plural = "S" if thing.isupper() else "s"
    return f"{number} {thing}" if number == 1 else f"{number} {thing}{plural}"


def _lines(ids: Iterable[str]) -> str:
    """``line 7``, ``lines 7, 9-12``."""
    numbers = sorted(map(int, ids))
    spans: list[list[int]] = []
    for number in numbers:
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    parts = [
        str(first) if first == last else f"{first}{', ' if last == first + 1 else '-'}{last}"
        for first, last in spans
    ]
    return f"line{'' if len(numbers) == 1 else 's'} {', '.join(parts)}"
