"""The report of a check: findings, what was bypassed, what was not checked and why, and the pins."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

import attrs

from cptkit.codesets import Pin
from cptkit.rules.findings import Finding, NotChecked, Outcome
from cptkit.sources import Basis

__all__ = ["FORMAT", "Report"]

FORMAT = 1


@attrs.frozen(slots=True)
class Report:
    """What a check found, and what it could not check.

    ``findings`` failed; ``bypassed`` would have, but for a modifier or a setting; ``not_checked``
    says what was not judged and why. ``left_out`` are rules that would have run had the catalog held
    edit tables; ``clean`` is silent about them.
    ``settings``: whose claims were judged, practitioners', hospitals' or suppliers'. The same claim and the same pins give the same report,
    whatever the order of the lines.

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
        return Outcome.BYPASSED if self.bypassed else Outcome.PASS

    def __str__(self) -> str:
        counts = (
            f"{self.lines} lines: {self.passed} passed everything, {len(self.findings)} findings, "
            f"{len(self.bypassed)} bypassed, {len(self.not_checked)} not checked"
        )
        parts = [counts, *map(str, self.findings), *map(str, self.not_checked)]
        if self.left_out:
            parts.append(f"not run without edit tables: {', '.join(self.left_out)}")
        return "\n".join(parts)

    def summary(self) -> dict[str, Any]:
        """Counts: lines, lines that passed everything, findings by severity and rule."""
        return {
            "lines": self.lines,
            "passed": self.passed,
            "findings": len(self.findings),
            "bypassed": len(self.bypassed),
            "not_checked": len(self.not_checked),
            "by_severity": _counts(finding.severity.value for finding in self.findings),
            "by_rule": _counts(finding.rule for finding in self.findings),
        }

    def to_dict(self) -> dict[str, Any]:
        """The report as one JSON object, ``format`` first."""
        return {
            "format": FORMAT,
            "pins": [{"name": pin.name, "digest": pin.digest} for pin in self.pins],
            "basis": self.basis.value,
            "settings": list(self.settings),
            "rules": list(self.rules),
            "left_out": list(self.left_out),
            "findings": [finding.to_dict() for finding in self.findings],
            "bypassed": [finding.to_dict() for finding in self.bypassed],
            "not_checked": [entry.to_dict() for entry in self.not_checked],
            "summary": self.summary(),
        }


def _counts(values: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(values).items()))
