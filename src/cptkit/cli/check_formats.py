"""The report of a check for programs: one JSON object, one object a line, or rows of CSV.

The same input and the same pins give the same bytes.
"""

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from cptkit.interop import ClaimFile
from cptkit.rules import Finding, NotChecked, Report

if TYPE_CHECKING:
    from cptkit.reports import Comparison

__all__ = ["CSV_COLUMNS", "FORMATS"]

CSV_COLUMNS: tuple[str, ...] = (
    "type",
    "rule",
    "name",
    "severity",
    "claim",
    "lines",
    "date_of_service",
    "message",
    "fixes",
    "denial_group",
    "denial_carc",
    "denial_rarc",
    "denial_likely",
    "facts",
    "sources",
    "confidence",
    "edition",
    "edits",
    "codes",
    "baseline",
    "waiver",
)
"""The columns of the CSV report; new ones are only ever added at the end."""


_GONE = {"baseline_fixed": "fixed", "baseline_not_judged": "not_judged", "baseline_waived": "waived"}


def as_json(report: Report, claims: ClaimFile, comparison: "Comparison | None" = None) -> str:
    """One object: the report, beside a baseline ``comparison``, and ``input`` with the rows read."""
    return json.dumps(_whole(report, claims, comparison), indent=2, ensure_ascii=False) + "\n"


def as_jsonl(report: Report, claims: ClaimFile, comparison: "Comparison | None" = None) -> str:
    """One object a line, each with its ``type``; the summary with the pins comes last.

    Beside a baseline each finding has ``baseline``, and what is no more stands on lines of its own.
    """
    whole = _whole(report, claims, comparison)
    findings = [{"type": "finding"} | entry for entry in whole.pop("findings")]
    gone: list[dict[str, Any]] = []
    if comparison is not None:
        for entry, state in zip(findings, comparison.states(report.findings), strict=True):
            entry["baseline"] = state
        told = whole.pop("comparison")
        gone = [{"type": kind} | entry for kind, state in _GONE.items() for entry in told[state]]
        whole["differences"] = told["differences"]
    entries = [
        *findings,
        *gone,
        *({"type": "bypassed"} | entry for entry in whole.pop("bypassed")),
        *({"type": "waived"} | entry for entry in whole.pop("waived")),
        *({"type": "idle_waiver"} | entry for entry in whole.pop("idle_waivers")),
        *({"type": "not_checked"} | entry for entry in whole.pop("not_checked")),
        *({"type": "rejected"} | entry for entry in _rejected(claims)),
        {"type": "summary"} | whole,
    ]
    return "".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in entries)


def _whole(report: Report, claims: ClaimFile, comparison: "Comparison | None") -> dict[str, Any]:
    beside = {} if comparison is None else {"comparison": comparison.to_dict()}
    return report.to_dict() | beside | {"input": _input(claims)}


def as_csv(report: Report, claims: ClaimFile, comparison: "Comparison | None" = None) -> str:
    """One row for each finding, each thing bypassed or not checked, each row rejected."""
    file = io.StringIO()
    writer = csv.DictWriter(file, CSV_COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    rows = _rows(report, claims, comparison)
    writer.writerows({name: _harmless(cell) for name, cell in row.items()} for row in rows)
    return file.getvalue()


FORMATS: Mapping[str, "Callable[[Report, ClaimFile, Comparison | None], str]"] = {
    "json": as_json,
    "jsonl": as_jsonl,
    "csv": as_csv,
}
"""The formats by name."""


def _harmless(cell: Any) -> Any:
    """A cell that no spreadsheet runs as a formula: what comes from the file may begin like one."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


def _rejected(claims: ClaimFile) -> list[dict[str, Any]]:
    return [
        {"line": row.line_number, "claim": row.claim, "reason": row.reason, "text": row.text}
        for row in claims.rejected
    ]


def _input(claims: ClaimFile) -> dict[str, Any]:
    return {
        "rows_read": claims.rows_read,
        "rows_checked": claims.rows_checked,
        "rejected": _rejected(claims),
        "columns": dict(claims.columns),
        "columns_ignored": list(claims.ignored),
    }


def _rows(report: Report, claims: ClaimFile, comparison: "Comparison | None") -> Iterator[dict[str, str]]:
    states = comparison.states(report.findings) if comparison else ("",) * len(report.findings)
    for finding, state in zip(report.findings, states, strict=True):
        yield {"type": "finding", "baseline": state} | _finding(finding)
    if comparison is not None:
        for kind, state in _GONE.items():
            for finding in getattr(comparison, state):
                yield {"type": kind} | _finding(finding)
    for finding in report.bypassed:
        yield {"type": "bypassed"} | _finding(finding)
    for waived in report.waived:
        yield {"type": "waived", "waiver": str(waived.waiver)} | _finding(waived.finding)
    for idle in report.idle_waivers:
        waiver = idle.waiver
        about = {"rule": waiver.rule, "claim": waiver.claim, "lines": " ".join(waiver.lines)}
        yield {"type": "idle_waiver", "message": idle.why, "waiver": str(waiver)} | about
    for entry in report.not_checked:
        yield {"type": "not_checked", "message": entry.reason} | _about(entry)
    for row in claims.rejected:
        yield {"type": "rejected", "claim": row.claim, "lines": str(row.line_number), "message": row.reason}


def _about(entry: Finding | NotChecked) -> dict[str, str]:
    return {
        "rule": entry.rule,
        "name": entry.name,
        "claim": entry.claim,
        "lines": " ".join(entry.lines),
        "date_of_service": entry.date_of_service.isoformat(),
    }


def _finding(finding: Finding) -> dict[str, str]:
    row = _about(finding) | {
        "severity": finding.severity.value,
        "message": finding.message,
        "fixes": "; ".join(
            f"{fix.text} (if {fix.provided})" if fix.provided else fix.text for fix in finding.fixes
        ),
        "facts": " ".join(citation.fact for citation in finding.evidence),
        "sources": " ".join(dict.fromkeys(key for citation in finding.evidence for key in citation.sources)),
        "confidence": " ".join(dict.fromkeys(citation.confidence.value for citation in finding.evidence)),
        "edition": finding.edition,
        "codes": " ".join(finding.codes),
        "edits": "; ".join(f"{row}, {row.file}" for row in finding.edits),
    }
    if finding.denial is not None:
        row |= {
            "denial_group": finding.denial.group,
            "denial_carc": finding.denial.carc,
            "denial_rarc": " ".join(finding.denial.rarc),
            "denial_likely": "yes" if finding.denial.likely else "no",
        }
    return row
