"""The report of a check for people: what is wrong, what cures it, what was not looked at."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from cptkit.claims import Claim, Line, id_order
from cptkit.cli.screen import Page
from cptkit.codesets.catalog import TABLES
from cptkit.interop import ClaimFile
from cptkit.interop.columns import meant
from cptkit.rules import Finding, Fix, FixKind, NotChecked, Report, RuleRow, Severity
from cptkit.rules.headline import headline
from cptkit.rules.registry import listed
from cptkit.setting import Setting
from cptkit.sources import Basis, Citation, by_standing
from cptkit.wording import counted

if TYPE_CHECKING:
    from cptkit.reports import Comparison

__all__ = ["report_page"]

_STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.REVIEW: "cyan"}
_BASES = {Basis.CPT: "the code set's own rules (cpt)", Basis.MEDICARE: "Medicare's rules (medicare)"}
_SOURCES_SHOWN = 4
_MANY = 20  # findings from which on their causes are told together
_CAUSES_SHOWN = 10
_DIGEST_SHOWN = len("sha256:") + 12


def report_page(
    report: Report,
    claims: ClaimFile,
    width: int,
    *,
    by: str = "claim",
    comparison: "Comparison | None" = None,
) -> Page:
    """The whole report, to be printed or kept; grouped by claim or by rule, perhaps beside a baseline."""
    return _Writer(report, claims, width, by, comparison).page()


class _Writer:
    """One report being written: the page, the claims by line, and the notes that findings refer to."""

    def __init__(
        self, report: Report, claims: ClaimFile, width: int, by: str, comparison: "Comparison | None"
    ) -> None:
        self._report = report
        self._file = claims
        self._by = by
        self._comparison = comparison
        self._page = Page(width)
        self._homes = {line.id: (claim, line) for claim in claims.claims for line in claim.lines}
        self._names = {
            (claim.patient, f"{claim.id}/{line.id}"): line.id for claim, line in self._homes.values()
        }
        self._notes: dict[str, int] = {}

    def page(self) -> Page:
        self._opening()
        self._findings()
        self._gone()
        self._bypassed()
        self._waived()
        self._not_checked()
        self._left_out()
        self._rejected()
        self._closing()
        return self._page

    def _opening(self) -> None:
        days = sorted({line.date_of_service for _, line in self._homes.values()})
        text = f"{counted(len(self._homes), 'claim line')} of {counted(len(self._file.claims), 'claim')}"
        if days:
            text += f", {days[0]}" if days[0] == days[-1] else f", {days[0]} to {days[-1]}"
        tables = [pin for pin in self._report.pins if pin.name == TABLES]
        whose = f" and the {', '.join(self._report.settings)} tables" if tables else ""
        profile = f", profile {self._report.profile.name}" if self._report.profile else ""
        self._page.entry(f"{text}, by {_BASES[self._report.basis]}{profile}{whose}")
        self._columns()

    def _columns(self) -> None:
        """Which columns were not used, as what they may be meant, and that none names the clinician."""
        held = self._file.columns
        told = [
            f"{name} (did you mean {near}?)" if (near := meant(name, held)) else name
            for name in self._file.ignored
        ]
        if told:
            self._page.entry(f"Columns not used: {', '.join(told)}")
        meets_by_clinician = any(claim.setting is Setting.PRACTITIONER for claim in self._file.claims)
        if meets_by_clinician and "rendering_provider" not in held:
            self._page.entry("No column names the clinician: all lines of a day count as one clinician's")

    def _title(self, text: str, style: str, remark: str = "") -> None:
        self._page.line()
        self._page.entry(remark, label=text + (": " if remark else ""), label_style=style)

    # ---- findings ----------------------------------------------------------------------

    def _findings(self) -> None:
        findings = self._report.findings
        if not self._homes:
            self._title("NO LINE WAS CHECKED", "bold yellow")
            return
        if not findings:
            lost = bool(self._file.rejected)
            style = "bold yellow" if self._report.not_checked or lost else "bold green"
            self._title(headline(self._report, lost=lost).upper(), style)
            return
        lines = self._own(findings)
        self._title(f"{counted(len(findings), 'FINDING')} on {counted(len(lines), 'line')}", "bold red")
        states = self._comparison.states(findings) if self._comparison else ("",) * len(findings)
        told = sorted(zip(findings, states, strict=True), key=lambda each: _first_line(each[0]))
        if self._by == "rule":
            self._by_rule(told)
            return
        by_claim: dict[int, tuple[Claim, list[tuple[Finding, str]]]] = {}
        for finding, state in told:
            claim, _ = next(self._homes[line] for line in finding.lines if line in self._homes)
            by_claim.setdefault(id(claim), (claim, []))[1].append((finding, state))
        for claim, its_findings in by_claim.values():
            self._claim(claim)
            for finding, state in its_findings:
                self._finding(finding, state)

    def _by_rule(self, told: Iterable[tuple[Finding, str]]) -> None:
        by_rule: dict[str, list[tuple[Finding, str]]] = {}
        for finding, state in told:
            by_rule.setdefault(f"{finding.rule} {finding.name}", []).append((finding, state))
        for name, found in sorted(by_rule.items()):
            self._page.line()
            self._page.entry(f"{name}: {counted(len(found), 'finding')}", style="bold")
            for finding, state in found:
                self._finding(finding, state)

    def _claim(self, claim: Claim) -> None:
        text = f"Claim {claim.id}"
        if claim.patient and claim.patient not in claim.id:
            text += f", patient {claim.patient}"
        self._page.line()
        self._page.entry(text, style="bold")
        rejected = self._file.rejected
        missing = [str(row.line_number) for row in rejected if row.claim and row.claim == claim.id]
        if missing:
            text = f"{_lines(missing)} of this claim could not be read: judged without it"
            self._page.entry(text, indent=2, style="yellow")
        nameless = [row for row in rejected if row.patient and not row.claim]
        if may_be := [str(row.line_number) for row in nameless if claim.patient in ("", row.patient)]:
            text = f"{_lines(may_be)} could not be read and may be of this claim: judged without it"
            self._page.entry(text, indent=2, style="yellow")

    def _finding(self, finding: Finding, state: str) -> None:
        self._heading(finding, state)
        self._page.entry(finding.message, indent=4)
        if state == "unchanged":
            return  # the baseline told the rest
        for place, fix in enumerate(finding.fixes):
            self._page.entry(_cure(fix, finding), indent=4, label="or:     " if place else "cure:   ")
        self._why(finding)
        if finding.denial is not None:
            remarks = f" / {', '.join(finding.denial.rarc)}" if finding.denial.rarc else ""
            likely = "likely " if finding.denial.likely else ""
            text = f"{likely}{finding.denial.group}-{finding.denial.carc}{remarks}"
            profile = finding.denial.citation.profile
            text += f" by profile {profile}" if profile else ""
            self._page.entry(text, indent=4, label="denial: ")

    def _heading(self, finding: Finding, state: str = "") -> None:
        lines = [self._homes[line][1] for line in finding.lines if line in self._homes]
        text = f"{_lines(finding.lines)}  {_services(lines)}  {finding.date_of_service}"
        if self._by == "rule":
            text += f"  claim {finding.claim}"
        self._page.entry(
            text,
            indent=2,
            label=f"{finding.severity.value}{f', {state}' if state else ''}  ",
            label_style=_STYLES[finding.severity],
            style="bold",
        )

    def _why(self, finding: Finding) -> None:
        text = f"{finding.rule} {finding.name}"
        for standing, citations in by_standing(finding.evidence):
            text += f"; {standing}: {self._sources(citations)}"
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

    # ---- beside a baseline -------------------------------------------------------------

    def _gone(self) -> None:
        """What the baseline had and this check has not, and in what the two differ."""
        found = self._comparison
        if found is None:
            return
        self._title("BESIDE THE BASELINE", "bold", str(found))
        for each in found.differences:
            self._page.entry(each, indent=2, label="differs: ", label_style="yellow")
        for title, style, gone in (
            ("FIXED", "bold green", found.fixed),
            ("NOT JUDGED AGAIN", "bold magenta", found.not_judged),
            ("WAIVED SINCE", "bold cyan", found.waived),
        ):
            if gone:
                self._title(title, style, "findings of the baseline, with its line numbers")
            for finding in gone:
                text = f"{' + '.join(finding.codes)}  {finding.date_of_service}: {finding.message}"
                label = f"claim {finding.claim}, {_lines(finding.lines)}  "
                self._page.entry(f"{text} [{finding.rule}]", indent=2, label=label, label_style="bold")

    def _own(self, entries: Iterable[Finding | NotChecked]) -> set[str]:
        """The lines of the file that entries are about, without those that only a history holds."""
        return {line for entry in entries for line in entry.lines}.intersection(self._homes)

    # ---- what is no finding ------------------------------------------------------------

    def _bypassed(self) -> None:
        if not self._report.bypassed:
            return
        self._title("BYPASSED", "bold cyan", "these would have failed, but for what is named")
        for finding in sorted(self._report.bypassed, key=_first_line):
            self._heading(finding)
            self._page.entry(finding.message, indent=4)
            self._why(finding)

    def _waived(self) -> None:
        if self._report.waived:
            remark = f"these failed, and someone answers for them as of {self._report.waivers_as_of}"
            self._title("WAIVED", "bold cyan", remark)
        for each in sorted(self._report.waived, key=lambda each: _first_line(each.finding)):
            self._heading(each.finding)
            self._page.entry(f"{each.finding.message} [{each.finding.rule}]", indent=4)
            self._page.entry(str(each.waiver), indent=4, label="waiver: ")
        if self._report.idle_waivers:
            remark = f"as of {self._report.waivers_as_of}"
            self._title("WAIVERS THAT DID NOTHING", "bold magenta", remark)
        for idle in self._report.idle_waivers:
            self._page.entry(str(idle), indent=2)

    def _not_checked(self) -> None:
        if not self._report.not_checked:
            return
        groups: dict[str, tuple[set[str], set[str]]] = {}
        for entry in self._report.not_checked:
            lines, rules = groups.setdefault(entry.reason, (set(), set()))
            patient = next(self._homes[line][0].patient for line in entry.lines if line in self._homes)
            lines.update(self._names.get((patient, line), line) for line in entry.lines)
            rules.add(entry.rule)
        self._title("NOT CHECKED", "bold magenta", "the rules named could not judge these; that is no pass")
        ordered = sorted(groups.items(), key=lambda group: min(map(id_order, group[1][0])))
        for reason, (lines, rules) in ordered:
            text = f"{reason} ({', '.join(sorted(rules))})"
            self._page.entry(text, indent=2, label=f"{_lines(lines)}: ", label_style="bold")

    def _left_out(self) -> None:
        left_out = set(self._report.left_out)
        if not left_out:
            return
        self._title("NOT RUN", "bold magenta", "these answer from what was not given, or not all of it")
        groups: dict[str, list[str]] = {}
        for row in listed()[0]:
            if row.id in left_out:
                groups.setdefault(_needs(row), []).append(row.id)
        for needs, ids in groups.items():
            self._page.entry(", ".join(ids), indent=2, label=f"{needs}: ", label_style="bold")

    def _rejected(self) -> None:
        if not self._file.rejected:
            return
        self._title("REJECTED", "bold red", "these rows could not be read and were not checked")
        nameless = [row for row in self._file.rejected if not row.claim]
        for whose, is_known in (("its patient", True), ("the file", False)):
            if rows := [str(row.line_number) for row in nameless if bool(row.patient) is is_known]:
                text = f"{_lines(rows)} may be of any claim of {whose}: what it could change is not checked"
                self._page.entry(text, indent=2, style="yellow")
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
        if len(self._report.findings) >= _MANY:
            self._title("COMMONEST CAUSES", "bold", "rules by how often they found something")
            for cause in summary["causes"][:_CAUSES_SHOWN]:
                self._page.entry(
                    f"{cause['rule']} {cause['name']}, such as: {cause['example']}",
                    indent=2,
                    label=f"{counted(cause['findings'], 'time')}  ",
                    label_style="bold",
                )
        self._page.line()
        text = f"{counted(file.rows_read, 'row')} read = {file.rows_checked:,} checked + {len(file.rejected):,} rejected"
        self._page.line(text, style="bold")
        severities = ", ".join(counted(number, name) for name, number in summary["by_severity"].items())
        found = counted(summary["findings"], "finding") + (f" ({severities})" if severities else "")
        waived = f"{summary['waived']:,} waived; " if summary["waived"] else ""
        unchecked = self._own(self._report.not_checked)
        self._page.entry(
            f"{counted(summary['passed'], 'line')} passed everything; {found}; {summary['bypassed']:,} bypassed; {waived}"
            f"{counted(len(unchecked), 'line')} left partly unchecked"
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


def _first_line(finding: Finding) -> tuple[object, ...]:
    return tuple(map(id_order, finding.lines))


def _lines(ids: Iterable[str]) -> str:
    """``line 7``, ``lines 7, 9-12``; an id that is no number stands last, as it is."""
    given = list(ids)
    spans: list[list[int]] = []
    for number in sorted(int(each) for each in given if each.isdecimal()):
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    parts = [
        str(first) if first == last else f"{first}{', ' if last == first + 1 else '-'}{last}"
        for first, last in spans
    ]
    parts += sorted(each for each in given if not each.isdecimal())
    return f"line{'' if len(given) == 1 else 's'} {', '.join(parts)}"


def _needs(row: RuleRow) -> str:
    """What a rule answers from besides an edition, and where it is given."""
    needs = {
        "edit tables (`cptkit import`, --tables)": row.needs_edits,
        "other claims (--history)": row.needs_history,
        "a payer's limits (--profile)": bool(row.payer_facts),
    }
    return " and ".join(text for text, is_needed in needs.items() if is_needed)
