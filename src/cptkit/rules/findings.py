"""What a check says: findings, what was not checked, and fixes, all as plain values."""

import datetime as dt
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import attrs

from cptkit.claims import Claim, Line
from cptkit.codesets import Denial
from cptkit.errors import InvalidClaim
from cptkit.sources import Citation, Confidence, weakest

if TYPE_CHECKING:
    from cptkit.edits.telling import EditRow

__all__ = ["EVERY_RULE", "Finding", "Fix", "FixKind", "NotChecked", "Outcome", "Severity", "apply_fix"]

EVERY_RULE = "ALL"
"""Stands for all rules in what was not checked: the catalog has no edition for the day, so none was asked."""


class Outcome(StrEnum):
    """The four ways a check ends; what could not be checked never looks like a pass.

    >>> Outcome("not_checked")
    <Outcome.NOT_CHECKED: 'not_checked'>
    >>> Outcome("skipped")
    Traceback (most recent call last):
    ...
    ValueError: 'skipped' is not a valid Outcome
    """

    PASS = "pass"
    FAIL = "fail"
    BYPASSED = "bypassed"
    NOT_CHECKED = "not_checked"


class Severity(StrEnum):
    """``error`` rests on a fact in force on the date; conventions are ``warning`` or ``review``.

    >>> Severity("error")
    <Severity.ERROR: 'error'>
    >>> Severity("fatal")
    Traceback (most recent call last):
    ...
    ValueError: 'fatal' is not a valid Severity
    """

    ERROR = "error"
    WARNING = "warning"
    REVIEW = "review"


class FixKind(StrEnum):
    """What a fix does to its line, in the order of how little it changes of what the claim says.

    ``ask`` changes nothing: only the clinician can decide. ``set-place``, ``add-modifier`` and
    ``remove-modifier`` leave the service and its amount as they are, and say how it was given:
    where; with one word more; with one less, which takes back what was said. ``set-units`` leaves the
    service and changes how much of it is billed. ``replace-code`` makes it another service, and
    ``drop-line`` none. The fixes of a finding stand in this order, those of one kind as their rule has them.

    >>> FixKind("set-units")
    <FixKind.SET_UNITS: 'set-units'>
    >>> [kind.value for kind in FixKind][:3]
    ['ask', 'set-place', 'add-modifier']
    >>> FixKind("guess")
    Traceback (most recent call last):
    ...
    ValueError: 'guess' is not a valid FixKind
    """

    ASK = "ask"
    SET_PLACE = "set-place"
    ADD_MODIFIER = "add-modifier"
    REMOVE_MODIFIER = "remove-modifier"
    SET_UNITS = "set-units"
    REPLACE_CODE = "replace-code"
    DROP_LINE = "drop-line"


_RANK = {kind: rank for rank, kind in enumerate(FixKind)}


@attrs.frozen(slots=True)
class Fix:
    """A cure that can be applied to the claim and checked again.

    ``code``: the code of the line as the fix found it; a fix for another code is stale.
    ``provided``: what must be true and documented before the fix may be used. A fix never turns
    what was done into something else; where that would be the cure, it asks. ``claim``: the id of the claim
    that it was found on, which its finding fills in; empty where that has none. As JSON the finding says it.

    >>> Fix(FixKind.SET_UNITS, "2", 1, "report 1 unit").to_dict()["kind"]
    'set-units'
    >>> Fix(FixKind.SET_UNITS, "2")
    Traceback (most recent call last):
    ...
    TypeError: Fix.__init__() missing 2 required positional arguments: 'value' and 'text'
    """

    kind: FixKind
    line: str
    value: str | int | None
    text: str
    provided: str = ""
    code: str = ""
    claim: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The fix as JSON can hold it."""
        from cptkit.rules.written import FIX

        return dict(FIX.write(self))


def _by_change(fixes: tuple[Fix, ...]) -> tuple[Fix, ...]:
    """The least change first; what is no tuple is another's mistake, and told of the rule that made it."""
    if not isinstance(fixes, tuple) or len(fixes) < 2:
        return fixes
    return tuple(sorted(fixes, key=lambda fix: _RANK[fix.kind]))


def _of_claim(fixes: tuple[Fix, ...], claim: str) -> tuple[Fix, ...]:
    """The fixes with the claim that they are for; what is none is told of the rule that made it."""
    if not isinstance(fixes, tuple) or not all(isinstance(fix, Fix) for fix in fixes):
        return fixes
    return tuple(fix if fix.claim == claim else attrs.evolve(fix, claim=claim) for fix in fixes)


@attrs.frozen(slots=True)
class Finding:
    """Something a rule found on lines of one encounter.

    ``outcome`` is ``fail`` or ``bypassed``. ``evidence`` are the fact rows it rests on, ``edits`` the
    rows of published edit tables; ``denial`` the codes by which a payer would likely say no;
    ``fixes`` are put in the order of ``FixKind``, the least change first; ``codes`` are those of the
    lines, in their order.

    Made by ``cptkit.check``:

    >>> import cptkit
    >>> line = cptkit.Line("90840", minutes=30, date_of_service=dt.date(2026, 3, 2))
    >>> report = cptkit.check(cptkit.Claim([line]), cptkit.Catalog.from_editions("2026.1"), select=["ADD"])
    >>> (finding,) = report.findings
    >>> finding.rule, finding.lines, finding.severity.value, finding.edition
    ('ADD301', ('1',), 'error', '2026.1')
    >>> finding.rule = "ADD302"
    Traceback (most recent call last):
    ...
    attr.exceptions.FrozenInstanceError...
    """

    rule: str
    name: str
    outcome: Outcome
    severity: Severity
    claim: str
    lines: tuple[str, ...]
    date_of_service: dt.date
    edition: str
    message: str
    evidence: tuple[Citation, ...] = ()
    denial: Denial | None = None
    fixes: tuple[Fix, ...] = attrs.field(default=(), converter=_by_change)
    edits: "tuple[EditRow, ...]" = ()
    codes: tuple[str, ...] = ()

    def __attrs_post_init__(self) -> None:
        if self.fixes and self.claim:
            object.__setattr__(self, "fixes", _of_claim(self.fixes, self.claim))  # frozen for others

    @property
    def confidence(self) -> Confidence | None:
        """The weakest confidence of the evidence, where a published row is verified.

        None for what rests on shape or arithmetic alone.
        """
        if self.evidence:
            return weakest(citation.confidence for citation in self.evidence)
        return Confidence.VERIFIED if self.edits else None

    def __str__(self) -> str:
        return f"{self.severity} on line {', '.join(self.lines)}: {self.message} [{self.rule} {self.name}]"

    def to_dict(self) -> dict[str, Any]:
        """The finding as JSON can hold it."""
        from cptkit.rules.written import FINDING

        return dict(FINDING.write(self))


@attrs.frozen(slots=True)
class NotChecked:
    """Lines that a rule could not judge, and why. Never a pass.

    >>> NotChecked("TIM402", "code-not-supported-by-time", "C-1", ("3",), dt.date(2026, 3, 2),
    ...            "no minutes are given").reason
    'no minutes are given'
    >>> NotChecked("TIM402")
    Traceback (most recent call last):
    ...
    TypeError: NotChecked.__init__() missing 5 required positional arguments: ...
    """

    rule: str
    name: str
    claim: str
    lines: tuple[str, ...]
    date_of_service: dt.date
    reason: str

    def __str__(self) -> str:
        return f"not checked on line {', '.join(self.lines)}: {self.reason} [{self.rule}]"

    def to_dict(self) -> dict[str, Any]:
        """As JSON can hold it."""
        from cptkit.rules.written import NOT_CHECKED

        return dict(NOT_CHECKED.write(self))


def apply_fix(claim: Claim, fix: Fix) -> Claim:
    """A new claim with the fix applied; the given claim is left as it is.

    Check that ``fix.provided`` holds first; an ``ask`` changes nothing. A fix is for the claim it was found on,
    by its id. Where that claim has no id, nothing tells it from another one with a line of that id and code:
    then it is for you to give the right claim.

    :raises InvalidClaim: when something else than a claim or a fix is given (a finding holds its fixes in
        ``fixes``), the fix is for another claim, the claim has no line of that id, the line has another code
        by now, or not the modifier to remove.

    >>> claim = Claim([Line("90834", units=2, date_of_service=dt.date(2026, 3, 2))])
    >>> fix = Fix(FixKind.SET_UNITS, "1", 1, "report 1 unit")
    >>> apply_fix(claim, fix).lines[0].units
    1
    >>> apply_fix(claim, Fix(FixKind.DROP_LINE, "7", None, "drop line 7"))
    Traceback (most recent call last):
    ...
    cptkit.errors.InvalidClaim: the claim has no such line: '7'; expected one of 1
    """
    if not isinstance(claim, Claim):
        raise InvalidClaim("a fix is applied to a claim", given=claim, expected="a cptkit.Claim")
    if not isinstance(fix, Fix):
        expected = "a cptkit.Fix, such as one of the fixes of a finding"
        raise InvalidClaim("this is no fix", given=fix, expected=expected)
    if fix.claim and fix.claim != claim.id:
        message = f"the fix was made for claim {fix.claim}, and this is another one"
        raise InvalidClaim(message, given=claim.id or None, expected="the claim that its finding names")
    ids = [line.id for line in claim.lines]
    if fix.line not in ids:
        raise InvalidClaim("the claim has no such line", given=fix.line, expected=f"one of {', '.join(ids)}")
    current = claim.lines[ids.index(fix.line)]
    if fix.code and fix.code != current.code:
        message = f"the fix was made for {fix.code}, and line {fix.line} has another code now"
        raise InvalidClaim(message, given=current.code, expected="a fix from a report of this claim")
    lines = [_fixed(line, fix) if line.id == fix.line else line for line in claim.lines]
    return attrs.evolve(claim, lines=tuple(line for line in lines if line is not None))


def _fixed(line: Line, fix: Fix) -> Line | None:
    match fix.kind:
        case FixKind.DROP_LINE:
            return None
        case FixKind.REPLACE_CODE:
            if not isinstance(fix.value, str):
                raise InvalidClaim("the fix has no code to put in", given=fix.value, expected="a code")
            return attrs.evolve(line, code=fix.value)
        case FixKind.SET_UNITS:
            return attrs.evolve(line, units=int(fix.value or 0))
        case FixKind.SET_PLACE:
            return attrs.evolve(line, place_of_service=str(fix.value))
        case FixKind.ADD_MODIFIER:
            if fix.value in line.modifiers:
                return line
            return attrs.evolve(line, modifiers=(*line.modifiers, str(fix.value)))
        case FixKind.REMOVE_MODIFIER:
            if fix.value not in line.modifiers:
                expected = (
                    f"one of {', '.join(line.modifiers)}" if line.modifiers else "a line with modifiers"
                )
                raise InvalidClaim("the line has no such modifier", given=fix.value, expected=expected)
            kept = list(line.modifiers)
            # the last one of the name: a modifier stated twice keeps its first place
            del kept[len(kept) - 1 - kept[::-1].index(str(fix.value))]
            return attrs.evolve(line, modifiers=tuple(kept))
        case _:  # FixKind.ASK
            return line
