"""The report as JSON: each field said once, for writing it, reading it back and its schema.

A field added to a value here is written, read and described.
"""

import datetime as dt
from typing import Any, get_args

import attrs

from cptkit.codesets import Denial, Pin
from cptkit.edits import AddOnEdit, Mue, PfsRow, PtpEdit, Quarter, TelehealthService
from cptkit.edits.telling import row_dict
from cptkit.errors import BrokenReport, CptkitError, InvalidWaiver
from cptkit.rules.findings import Finding, Fix, FixKind, NotChecked, Outcome, Severity
from cptkit.rules.report import FORMAT, GivenHistory, Report
from cptkit.rules.shapes import (
    COUNT,
    COUNTS,
    DAY,
    FLAG,
    SCALAR,
    TEXT,
    TEXTS,
    WHOLE,
    Field,
    MisreadError,
    Shape,
    choice,
    exactly,
    one_of,
    optional,
    record,
    several,
)
from cptkit.rules.waivers import IdleWaiver, Waived, Waiver, WaiverState
from cptkit.setting import Setting
from cptkit.sources import Basis, Citation, Confidence

__all__ = [
    "FINDING",
    "FIX",
    "IDLE_WAIVER",
    "NOT_CHECKED",
    "REPORT",
    "WAIVED",
    "WAIVER",
    "report_from",
    "schema",
]

_TEXTS = several(TEXT)

CITATION = record(
    "citation",
    Citation,
    {
        "fact": Field(TEXT, "the fact row"),
        "sources": Field(_TEXTS, "keys of the edition's sources"),
        "confidence": Field(choice(Confidence)),
        "checked": Field(DAY, "the day a person last compared the row with its sources"),
        "note": Field(TEXT, "what a reader must know; may be empty"),
    },
    "A fact row that an answer rests on.",
)

DENIAL = record(
    "denial",
    Denial,
    {
        "check": Field(TEXT, "the row of the edition's table of denials"),
        "group": Field(TEXT, "claim adjustment group"),
        "carc": Field(TEXT, "reason code"),
        "rarc": Field(_TEXTS, "remark codes"),
        "likely": Field(FLAG, "false where a source shows these codes together"),
        "citation": Field(CITATION, "where the codes were read"),
    },
    "The likely answer of a payer.",
)

FIX = record(
    "fix",
    Fix,
    {
        "kind": Field(choice(FixKind)),
        "line": Field(TEXT, "the line it changes"),
        "code": Field(TEXT, "the code of that line when the fix was made"),
        "value": Field(SCALAR, "the new code, units or modifier"),
        "text": Field(TEXT, "the same for people"),
        "provided": Field(TEXT, "what must be true and documented before it is applied; may be empty"),
    },
    "What would cure a finding.",
)


def _read_quarter(given: Any) -> Quarter:
    try:
        quarter = Quarter.parse(given)
    except CptkitError:
        raise MisreadError("a quarter such as 2024q3", given) from None
    if str(quarter) != given:
        raise MisreadError(str(quarter), given)
    return quarter


_QUARTER = Shape({"type": "string", "pattern": "^[0-9]{4}q[1-4]$"}, _read_quarter, str)
_CELLS: dict[Any, Shape] = {
    str: TEXT,
    int: WHOLE,
    bool: FLAG,
    dt.date: DAY,
    Quarter: _QUARTER,
    Setting: choice(Setting),
}


def _cell(kind: Any) -> Shape:
    """The shape of a field of a published row, by its type."""
    return _CELLS[kind] if kind in _CELLS else optional(_CELLS[get_args(kind)[0]])


def _row(table: str, kind: type) -> Shape:
    fields = {"table": Field(exactly(table), handed=False)}
    fields |= {field.name: Field(_cell(field.type)) for field in attrs.fields(kind)}
    return record(f"{table}-row", kind, fields, f"A row of the table {table}, as it was published.")


_ROWS = {
    "ptp": PtpEdit,
    "mue": Mue,
    "addons": AddOnEdit,
    "pfs": PfsRow,
    "telehealth": TelehealthService,
}
EDIT_ROW = one_of("table", {table: _row(table, kind) for table, kind in _ROWS.items()}, row_dict)

_CLAIM = Field(TEXT, "the claim's id")


def _built_finding(**values: Any) -> Finding:
    codes, lines = values["codes"], values["lines"]
    if codes and len(codes) != len(lines):
        raise MisreadError(f"one code for each of {len(lines)} lines", list(codes)).inside("codes")
    return Finding(**values)


def _finding(name: str, *outcomes: Outcome) -> Shape:
    return record(
        name,
        _built_finding,
        {
            "rule": Field(TEXT, "the id of the rule"),
            "name": Field(TEXT, "its name"),
            "outcome": Field(choice(outcomes)),
            "severity": Field(choice(Severity)),
            "claim": _CLAIM,
            "lines": Field(several(TEXT, least=1), "ids of the lines"),
            "codes": Field(_TEXTS, "the codes of the lines, in their order; empty where they are not told"),
            "date_of_service": Field(DAY),
            "edition": Field(TEXT, "the edition that answered"),
            "message": Field(TEXT, "what is wrong, for people; its wording may change"),
            "confidence": Field(
                optional(choice(Confidence)), "the weakest of the evidence", handed=False, follows=True
            ),
            "evidence": Field(several(CITATION), "the fact rows it rests on"),
            "edits": Field(several(EDIT_ROW), "the published rows it rests on"),
            "denial": Field(optional(DENIAL)),
            "fixes": Field(several(FIX), "the smallest change first"),
        },
        "What a rule found on lines of one encounter.",
    )


FINDING = _finding("finding", Outcome.FAIL)
BYPASSED = _finding("bypassed", Outcome.BYPASSED)


def _waiver(**values: Any) -> Waiver:
    try:
        return Waiver(**values)
    except InvalidWaiver as error:
        raise MisreadError(error.expected or "", error.message) from None


WAIVER = record(
    "waiver",
    _waiver,
    {
        "rule": Field(TEXT, "the id of the rule"),
        "claim": Field(
            TEXT, "the claim's id; empty for any claim, or for one without an id where lines are named"
        ),
        "lines": Field(_TEXTS, "ids of the lines; empty for all"),
        "codes": Field(_TEXTS, "codes; empty for all"),
        "reason": Field(TEXT),
        "expires": Field(optional(DAY), "the last day on which it holds; null for good"),
    },
    "Findings that someone answers for.",
)

WAIVED = record(
    "waived", Waived, {"finding": Field(FINDING), "waiver": Field(WAIVER)}, "A finding, and the waiver of it."
)

IDLE_WAIVER = record(
    "idle-waiver",
    IdleWaiver,
    {"waiver": Field(WAIVER), "state": Field(choice(WaiverState)), "why": Field(TEXT)},
    "A waiver that waived nothing, and why.",
)

NOT_CHECKED = record(
    "not-checked",
    NotChecked,
    {
        "rule": Field(TEXT, "the id of the rule; ALL where no edition covers the day"),
        "name": Field(TEXT, "its name"),
        "claim": _CLAIM,
        "lines": Field(_TEXTS, "ids of the lines"),
        "date_of_service": Field(DAY),
        "reason": Field(TEXT),
    },
    "Lines that a rule could not judge, and why.",
)

CAUSE = record(
    "cause",
    dict,
    {
        "rule": Field(TEXT),
        "name": Field(TEXT),
        "findings": Field(COUNT),
        "claims": Field(COUNT, "different claim ids among them"),
        "example": Field(TEXT, "the message of the first of them"),
    },
    "A rule that found something, and how often.",
)

REASON = record(
    "reason",
    dict,
    {
        "reason": Field(TEXT),
        "rules": Field(_TEXTS, "the rules that could not judge"),
        "entries": Field(COUNT),
    },
    "Why lines were not checked, and how often.",
)

SUMMARY = record(
    "summary",
    dict,
    {
        "lines": Field(COUNT, "lines that were given to the rules"),
        "passed": Field(COUNT, "lines on which nothing was found, bypassed or left unchecked"),
        "findings": Field(COUNT),
        "bypassed": Field(COUNT),
        "not_checked": Field(COUNT),
        "waived": Field(COUNT, "findings that a waiver covers; they are not among findings"),
        "by_severity": Field(COUNTS, "findings by severity"),
        "by_rule": Field(COUNTS, "findings by rule"),
        "causes": Field(several(CAUSE), "the rules that found something, the commonest first"),
        "reasons": Field(several(REASON), "the commonest reasons for which lines were not checked"),
    },
    "Counts.",
)

INPUT = record(
    "input",
    dict,
    {
        "rows_read": Field(COUNT),
        "rows_checked": Field(COUNT),
        "rejected": Field(
            several(
                record(
                    "rejected",
                    dict,
                    {
                        "line": Field(COUNT, "line number in the file"),
                        "claim": Field(TEXT, "the claim it names; may be empty"),
                        "reason": Field(TEXT),
                        "text": Field(TEXT, "the row as it stands"),
                    },
                    "A row that could not be read.",
                )
            )
        ),
        "columns": Field(TEXTS, "field to the column's name in the file"),
        "columns_ignored": Field(_TEXTS),
    },
    "The file that was checked.",
)

COMPARISON = record(
    "comparison",
    dict,
    {
        "differences": Field(_TEXTS, "in what the two checks differ, apart from their claims"),
        "new": Field(several(FINDING), "findings that the baseline does not have"),
        "unchanged": Field(several(FINDING), "findings that it has too"),
        "fixed": Field(several(FINDING), "findings of the baseline that are no more"),
        "not_judged": Field(several(FINDING), "findings of the baseline that were not judged again"),
        "waived": Field(several(FINDING), "findings of the baseline that a waiver covers now"),
    },
    "The findings beside those of an earlier report.",
)

PIN = record(
    "pin",
    Pin,
    {"name": Field(TEXT), "digest": Field(TEXT)},
    "Something that was answered from.",
)

GIVEN_HISTORY = record(
    "history",
    GivenHistory,
    {
        "claims": Field(COUNT),
        "lines": Field(COUNT, "lines of these claims"),
        "since": Field(
            optional(DAY), "the first day from which all claims are there; null where nobody says"
        ),
    },
    "A history that was given to the check.",
)


def _built(summary: dict[str, Any], **values: Any) -> Report:
    if summary["passed"] > summary["lines"]:
        expected = f"at most the {summary['lines']} lines"
        raise MisreadError(expected, summary["passed"]).inside("passed").inside("summary")
    return Report(lines=summary["lines"], passed=summary["passed"], **values)


def _format(_report: Report) -> int:
    return FORMAT


REPORT = record(
    "report",
    _built,
    {
        "format": Field(exactly(FORMAT), "the number of this description", _format, handed=False),
        "pins": Field(several(PIN), "the editions and edit tables that were answered from"),
        "basis": Field(choice(Basis), "whose policy judged"),
        "profile": Field(optional(PIN), "the profile that judged; null without one"),
        "settings": Field(_TEXTS, "whose claims these are"),
        "rules": Field(_TEXTS, "ids of the rules that were run"),
        "left_out": Field(_TEXTS, "ids of the rules that were left out, as what they need is not there"),
        "findings": Field(several(FINDING), "what failed"),
        "bypassed": Field(several(BYPASSED), "what would have failed, but for a modifier or a setting"),
        "not_checked": Field(several(NOT_CHECKED), "what was not judged"),
        "waived": Field(several(WAIVED), "what failed, and someone answers for"),
        "idle_waivers": Field(several(IDLE_WAIVER), "waivers that waived nothing"),
        "waivers_as_of": Field(optional(DAY), "the day by which waivers were judged; null without any"),
        "history": Field(optional(GIVEN_HISTORY), "the other claims that were given; null without any"),
        "summary": Field(SUMMARY, "", Report.summary, follows=True),
        "comparison": Field(COMPARISON, "only beside a baseline", beside=True),
        "input": Field(INPUT, "only from a file", beside=True),
    },
    "What a check found, and what it could not check.",
)


def report_from(given: Any) -> Report:
    """A report out of what ``Report.to_dict`` made of it.

    :raises BrokenReport: naming the place, when it is not as a report is written.
    """
    number = given.get("format") if isinstance(given, dict) else None
    if type(number) is int and number > FORMAT:
        message = "the report was written by a newer version of cptkit, in a format that this one cannot read"
        raise BrokenReport(message, expected=f"format {FORMAT}", where="format")
    try:
        report: Report = REPORT.read(given)
    except MisreadError as error:
        perhaps = f" ({error.remark})" if error.remark else ""
        message = f"not a report as cptkit writes it{perhaps}: {error.given}"
        raise BrokenReport(message, expected=error.expected, where=error.path or None) from None
    return report


def schema() -> dict[str, Any]:
    """The JSON Schema of a report, draft 2020-12; it knows the fields of this version and no others."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:cptkit:report:{FORMAT}",
        "title": "A report of cptkit",
        **REPORT.named["report"],
        "$defs": {name: each for name, each in sorted(REPORT.named.items()) if name != "report"},
    }
