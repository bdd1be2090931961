"""The report of a check: findings, what was bypassed, what was not checked and why, and the pins."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from typing import Any

import attrs

from cptkit.codesets import Pin
from cptkit.history import History
from cptkit.rules.findings import Finding, NotChecked, Outcome
from cptkit.rules.waivers import IdleWaiver, Waived
from cptkit.sources import Basis

__all__ = ["FORMAT", "GivenHistory", "Report"]

FORMAT = 1
_REASONS_TOLD = 10


@attrs.frozen(slots=True)
class GivenHistory:
    """Of a history that was given to a check: how many claims and lines, and from which day on it is whole.

    ``since`` is None where nobody says the day.

    >>> str(GivenHistory.of(History((), since=dt.date(2026, 1, 1))))
    '0 claims with 0 lines, complete from 2026-01-01 on'
    >>> GivenHistory(2)
    Traceback (most recent call last):
    ...
    TypeError: GivenHistory.__init__() missing 1 required positional argument: 'lines'
    """

    claims: int
    lines: int
    since: dt.date | None = None

    @classmethod
    def of(cls, history: History) -> "GivenHistory":
        """What a report says of a history."""
        return cls(len(history.claims), sum(len(claim.lines) for claim in history.claims), history.since)

    def __str__(self) -> str:
        counts = (
            f"{self.claims} claim{'s' * (self.claims != 1)} with {self.lines} line{'s' * (self.lines != 1)}"
        )
        return f"{counts}, complete from {self.since or 'no day'} on"


@attrs.frozen(slots=True)
class Report:
    """What a check found, and what it could not check.

    ``findings`` failed; ``bypassed`` would have, but for a modifier or a setting; ``not_checked``
    says what was not judged and why. ``left_out`` are rules that would have run had there been what
    they need: edit tables, a history, or a payer's own numbers in a profile; ``clean`` is silent about them.
    ``waived`` are findings that someone answers for, each with its waiver: no pass, and ``clean`` is silent
    about them too. ``idle_waivers`` did nothing on the day ``waivers_as_of``. ``profile``: the one that judged,
    with its digest. ``settings``: whose claims were judged, practitioners', hospitals' or suppliers'.
    ``history``: the size and first day of the one that was given, None without one. The same claim, history
    and pins give the same report, whatever the order of the lines.

    >>> import datetime as dt, cptkit
    >>> catalog = cptkit.Catalog.from_editions("2026.1")
    >>> line = cptkit.Line("27447", date_of_service=dt.date(2026, 3, 2))
    >>> report = cptkit.check(cptkit.Claim([line]), catalog)
    >>> report.clean, report.outcome.value, report.not_checked[0].reason
    (False, 'not_checked', 'edition 2026.1 does not cover 27447')
    >>> report.findings[0]
    Traceback (most recent call last):
    ...
    IndexError: tuple index out of range
    """

    pins: tuple[Pin, ...]
    basis: Basis
    rules: tuple[str, ...]
    findings: tuple[Finding, ...]
    bypassed: tuple[Finding, ...]
    not_checked: tuple[NotChecked, ...]
    lines: int
    passed: int
    left_out: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    profile: Pin | None = None
    waived: tuple[Waived, ...] = ()
    idle_waivers: tuple[IdleWaiver, ...] = ()
    waivers_as_of: dt.date | None = None
    history: GivenHistory | None = None

    @property
    def clean(self) -> bool:
        """True only when nothing failed and the rules that ran left nothing unchecked."""
        return not self.findings and not self.not_checked

    @property
    def outcome(self) -> Outcome:
        """The worst of what happened: fail, not_checked, bypassed or pass."""
        if self.findings:
            return Outcome.FAIL
        if self.not_checked:
            return Outcome.NOT_CHECKED
        return Outcome.BYPASSED if self.bypassed or self.waived else Outcome.PASS

    def __str__(self) -> str:
        counts = (
            f"{self.lines} line{'s' * (self.lines != 1)}: {self.passed} passed everything, "
            f"{len(self.findings)} finding{'s' * (len(self.findings) != 1)}, "
            f"{len(self.bypassed)} bypassed, {len(self.not_checked)} not checked"
        )
        counts += f", {len(self.waived)} waived" if self.waived else ""
        parts = [counts, *map(str, self.findings), *map(str, self.not_checked)]
        parts += [*map(str, self.waived), *map(str, self.idle_waivers)]
        if self.left_out:
            lacking = "edit tables, a history or a payer's profile"
            parts.append(f"not run without {lacking}: {', '.join(self.left_out)}")
        return "\n".join(parts)

    def summary(self) -> dict[str, Any]:
        """Counts: lines, lines that passed everything, findings by severity and rule.

        ``causes``: the rules that found something, the commonest first, each with an example.
        ``reasons``: the ten commonest reasons for which something was not checked.
        """
        return {
            "lines": self.lines,
            "passed": self.passed,
            "findings": len(self.findings),
            "bypassed": len(self.bypassed),
            "not_checked": len(self.not_checked),
            "waived": len(self.waived),
            "by_severity": _counts(finding.severity.value for finding in self.findings),
            "by_rule": _counts(finding.rule for finding in self.findings),
            "causes": _causes(self.findings),
            "reasons": _reasons(self.not_checked),
        }

    def to_dict(self) -> dict[str, Any]:
        """The report as one JSON object, ``format`` first; ``from_dict`` reads it back."""
        from cptkit.rules.written import REPORT

        return dict(REPORT.write(self))

    @classmethod
    def from_dict(cls, given: Any) -> "Report":
        """The report that ``to_dict`` wrote: equal to the one that was written.

        Nothing is guessed: a field of another name or type is refused, and so is a summary that says
        otherwise than the lists. ``input`` and ``comparison``, which the command line adds, are read over.

        :raises BrokenReport: naming the place, when it is no such object, or of a newer format.

        >>> import cptkit
        >>> report = cptkit.check(cptkit.Claim([]), cptkit.Catalog.from_editions("2026.1"))
        >>> cptkit.Report.from_dict(report.to_dict()) == report
        True
        >>> cptkit.Report.from_dict(report.to_dict() | {"basis": "mine"})
        Traceback (most recent call last):
        ...
        cptkit.errors.BrokenReport: not a report as cptkit writes it: 'mine'; expected one of cpt, medicare; see basis
        """
        from cptkit.rules.written import report_from

        return report_from(given)


def _counts(values: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(values).items()))


def _causes(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    by_rule: dict[str, list[Finding]] = {}
    for finding in findings:
        by_rule.setdefault(finding.rule, []).append(finding)
    return [
        {
            "rule": rule,
            "name": found[0].name,
            "findings": len(found),
            "claims": len({finding.claim for finding in found}),
            "example": found[0].message,
        }
        for rule, found in sorted(by_rule.items(), key=lambda each: (-len(each[1]), each[0]))
    ]


def _reasons(entries: Iterable[NotChecked]) -> list[dict[str, Any]]:
    by_reason: dict[str, list[str]] = {}
    for entry in entries:
        by_reason.setdefault(entry.reason, []).append(entry.rule)
    commonest = sorted(by_reason.items(), key=lambda each: (-len(each[1]), each[0]))[:_REASONS_TOLD]
    return [
        {"reason": reason, "rules": sorted(set(rules)), "entries": len(rules)} for reason, rules in commonest
    ]
