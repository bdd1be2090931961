"""Waivers: findings that someone answers for, with a reason and a last day.

A waiver is no pass: its findings are told apart, with the reason, and the lines are not among those that
passed. It covers what failed and nothing else: what was not checked stays not checked.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from enum import StrEnum
from os import PathLike
from typing import TYPE_CHECKING, Any

import attrs

from cptkit.claims import Claim
from cptkit.codes import category_of, clean
from cptkit.errors import InvalidWaiver
from cptkit.rules.findings import Finding, NotChecked
from cptkit.rules.registry import rule

if TYPE_CHECKING:
    from cptkit.rules.report import Report

__all__ = ["IdleWaiver", "Waived", "Waiver", "WaiverState", "settled", "usable"]


def _is_reason(_waiver: Any, _attribute: Any, given: Any) -> None:
    if not isinstance(given, str) or not given.strip():
        raise InvalidWaiver("a waiver gives its reason", given=given, expected="a text that is not blank")


def _is_day(_waiver: Any, attribute: Any, given: Any) -> None:
    if given is not None and (not isinstance(given, dt.date) or isinstance(given, dt.datetime)):
        expected = "a datetime.date, the last day on which it holds; or None, for good"
        raise InvalidWaiver(f"{attribute.name} is not a date", given=given, expected=expected)


def _is_text(_waiver: Any, attribute: Any, given: Any) -> None:
    if not isinstance(given, str):
        raise InvalidWaiver(f"{attribute.name} is not text", given=given, expected="a str")


def _is_id(waiver: Any, attribute: Any, given: Any) -> None:
    _is_text(waiver, attribute, given)
    _is_bare(given, f"{attribute.name} has blanks around it")


def _are_ids(_waiver: Any, _attribute: Any, given: tuple[str, ...]) -> None:
    for text in given:
        _is_bare(text, "a line has blanks around it")


def _is_bare(given: str, message: str) -> None:
    if given != given.strip():
        near = (given.strip(),) if given.strip() else ()
        raise InvalidWaiver(message, given=given, expected="the id as reports name it", near=near)


def _texts(given: Any) -> tuple[str, ...]:
    texts = (given,) if isinstance(given, str) else tuple(given)
    for text in texts:
        if not isinstance(text, str) or not text.strip():
            raise InvalidWaiver("lines and codes are texts", given=text, expected="a text that is not blank")
    return texts


def _codes(given: Any) -> tuple[str, ...]:
    texts = _texts(given)
    for text in texts:
        if category_of(clean(text)) is None:
            raise _no_code(text)
    return tuple(clean(text) for text in texts)


def _no_code(text: str) -> InvalidWaiver:
    """Near is the code without its modifiers, with digits for letters that look like them."""
    likely = clean(text).translate({ord("O"): "0", ord("I"): "1", ord("L"): "1"})[:5]
    near = (likely,) if category_of(likely) is not None else ()
    return InvalidWaiver(
        "this is no code", given=text, expected="codes alone, five characters each", near=near
    )


@attrs.frozen(slots=True)
class Waiver:
    """Findings of a rule that someone answers for.

    A finding is covered when *all* its lines are named: by ``lines`` of the claim, by ``codes``, or by both;
    with neither, all findings of the rule on the claim are. Lines without a claim are those of a claim
    without an id. Codes without a claim are those of any claim.

    :param rule: a rule id or name; ``check`` refuses one that is not there.
    :param reason: why, in a few words; not blank.
    :param expires: the last day on which it holds; None for good, which has to be said.
    :raises InvalidWaiver: for a blank reason, a date that is none, or where neither claim, lines nor codes
        are named: a rule that is never wanted is ignored, not waived. Also for what can match nothing: ids with
        blanks around them, and codes that are none, such as a code with its modifiers.

    >>> print(Waiver("TIM401", "the paper notes hold it", expires=dt.date(2026, 6, 30), claim="C-1"))
    TIM401 on claim C-1, until 2026-06-30: the paper notes hold it
    >>> Waiver("TIM401", "the paper notes hold it", expires=None)
    Traceback (most recent call last):
    ...
    cptkit.errors.InvalidWaiver: a waiver names a claim, lines or codes; expected a claim id; `ignore` leaves a rule out altogether
    """

    rule: str = attrs.field(validator=_is_text)
    reason: str = attrs.field(validator=_is_reason)
    expires: dt.date | None = attrs.field(kw_only=True, validator=_is_day)
    claim: str = attrs.field(default="", kw_only=True, validator=_is_id)
    lines: tuple[str, ...] = attrs.field(default=(), kw_only=True, converter=_texts, validator=_are_ids)
    codes: tuple[str, ...] = attrs.field(default=(), kw_only=True, converter=_codes)

    def __attrs_post_init__(self) -> None:
        if not (self.claim or self.lines or self.codes):
            expected = "a claim id; `ignore` leaves a rule out altogether"
            raise InvalidWaiver("a waiver names a claim, lines or codes", expected=expected)

    def __str__(self) -> str:
        where = [f"claim {self.claim}"] if self.claim else []
        where += [f"line {', '.join(self.lines)}"] if self.lines else []
        where += [", ".join(self.codes)] if self.codes else []
        until = "for good" if self.expires is None else f"until {self.expires}"
        return f"{self.rule} on {', '.join(where)}, {until}: {self.reason}"

    @property
    def of_one_claim(self) -> bool:
        """Whether it is about one claim; else about codes wherever they stand."""
        return bool(self.claim or self.lines)

    def covers(self, finding: Finding) -> bool:
        """Whether a finding is one of those it is about, whatever the day.

        >>> from cptkit import Outcome, Severity
        >>> waiver = Waiver("TIM401", "on paper", expires=None, codes="90834")
        >>> finding = Finding("TIM401", "time-missing", Outcome.FAIL, Severity.ERROR, "C-1", ("1",),
        ...                   dt.date(2026, 3, 2), "2026.1", "no minutes", codes=("90834",))
        >>> waiver.covers(finding), waiver.covers(attrs.evolve(finding, codes=("90834", "90785")))
        (True, False)
        """
        if not self.is_about(finding):
            return False
        return not self.codes or (bool(finding.codes) and set(finding.codes) <= set(self.codes))

    def is_about(self, entry: Finding | NotChecked) -> bool:
        """Whether an entry is of its rule, claim and lines, whatever the codes."""
        if entry.rule != self.rule or (self.of_one_claim and entry.claim != self.claim):
            return False
        return not self.lines or set(entry.lines) <= set(self.lines)

    def to_dict(self) -> dict[str, Any]:
        """As JSON can hold it; ``expires`` is null where it holds for good."""
        from cptkit.rules.written import WAIVER

        return dict(WAIVER.write(self))


class WaiverState(StrEnum):
    """Why a waiver waived nothing.

    >>> WaiverState("expired")
    <WaiverState.EXPIRED: 'expired'>
    >>> WaiverState("used")
    Traceback (most recent call last):
    ...
    ValueError: 'used' is not a valid WaiverState
    """

    UNUSED = "unused"
    EXPIRED = "expired"
    AMBIGUOUS = "ambiguous"


@attrs.frozen(slots=True)
class Waived:
    """A finding, and the waiver that covers it: of several the one that comes first when sorted.

    Stands in ``Report.waived``:

    >>> import cptkit
    >>> claim = cptkit.Claim([cptkit.Line("90834", date_of_service=dt.date(2026, 3, 2))], id="C-1")
    >>> waiver = Waiver("TIM401", "on paper", expires=None, claim="C-1")
    >>> report = cptkit.check(claim, cptkit.Catalog.bundled(), waivers=[waiver], as_of=dt.date(2026, 3, 9))
    >>> len(report.findings), report.waived[0].waiver.reason
    (0, 'on paper')
    >>> Waived()
    Traceback (most recent call last):
    ...
    TypeError: Waived.__init__() missing 2 required positional arguments: 'finding' and 'waiver'
    """

    finding: Finding
    waiver: Waiver

    def __str__(self) -> str:
        return f"waived, {self.waiver.reason}: {self.finding}"

    def to_dict(self) -> dict[str, Any]:
        """As JSON can hold it: ``finding`` and ``waiver``."""
        from cptkit.rules.written import WAIVED

        return dict(WAIVED.write(self))


@attrs.frozen(slots=True)
class IdleWaiver:
    """A waiver that waived nothing, and why.

    Stands in ``Report.idle_waivers``:

    >>> import cptkit
    >>> waiver = Waiver("TIM401", "on paper", expires=dt.date(2026, 3, 8), claim="C-1")
    >>> report = cptkit.check_claims([], cptkit.Catalog.bundled(), waivers=[waiver], as_of=dt.date(2026, 3, 9))
    >>> print(report.idle_waivers[0])
    expired waiver of TIM401 on claim C-1, until 2026-03-08: on paper (its last day was 2026-03-08)
    >>> IdleWaiver(waiver)
    Traceback (most recent call last):
    ...
    TypeError: IdleWaiver.__init__() missing 2 required positional arguments: 'state' and 'why'
    """

    waiver: Waiver
    state: WaiverState
    why: str

    def __str__(self) -> str:
        return f"{self.state} waiver of {self.waiver} ({self.why})"

    def to_dict(self) -> dict[str, Any]:
        """As JSON can hold it: ``waiver``, ``state`` and ``why``."""
        from cptkit.rules.written import IDLE_WAIVER

        return dict(IDLE_WAIVER.write(self))


def usable(waivers: Iterable[Waiver] | None, as_of: dt.date | None) -> tuple[Waiver, ...]:
    """The waivers, each once, sorted, with the ids of their rules; None where none are spoken of.

    :raises UnknownRule: when there is no such rule.
    :raises InvalidWaiver: when one is none, no day is given to judge them by, or a day without them.
    """
    found: dict[Waiver, None] = {}
    if as_of is not None and (not isinstance(as_of, dt.date) or isinstance(as_of, dt.datetime)):
        raise InvalidWaiver("as_of is not a date", given=as_of, expected="a datetime.date")
    if waivers is None:
        if as_of is not None:
            expected = "waivers beside it, or no such day"
            raise InvalidWaiver("as_of is the day by which waivers hold", given=as_of, expected=expected)
        return ()
    if isinstance(waivers, str | bytes | PathLike):
        expected = "cptkit.Waiver values, which cptkit.rules.load_waivers reads from a file"
        raise InvalidWaiver("the name of a file is no waivers", given=waivers, expected=expected)
    if not isinstance(waivers, Iterable):
        raise InvalidWaiver("waivers are several", given=waivers, expected="a list of cptkit.Waiver values")
    for waiver in waivers:
        if not isinstance(waiver, Waiver):
            raise InvalidWaiver("this is no waiver", given=waiver, expected="a cptkit.Waiver")
        found[attrs.evolve(waiver, rule=rule(waiver.rule).row.id)] = None
    if found and as_of is None:
        raise InvalidWaiver(
            "waivers are judged by a day", expected="as_of, the day by which they hold or not"
        )
    return tuple(sorted(found, key=_order))


def settled(
    report: "Report", claims: tuple[Claim, ...], waivers: tuple[Waiver, ...], as_of: dt.date
) -> "Report":
    """The report with what is waived on a day moved from its findings, and with the waivers that did nothing.

    ``waivers``: as ``usable`` gives them.
    """
    ids = Counter(claim.id for claim in claims)
    live: list[Waiver] = []
    idle: list[IdleWaiver] = []
    for waiver in waivers:
        if waiver.expires is not None and waiver.expires < as_of:
            idle.append(IdleWaiver(waiver, WaiverState.EXPIRED, f"its last day was {waiver.expires}"))
        elif waiver.of_one_claim and ids[waiver.claim] > 1:
            why = f"{ids[waiver.claim]} claims have {f'the id {waiver.claim}' if waiver.claim else 'no id'}"
            idle.append(IdleWaiver(waiver, WaiverState.AMBIGUOUS, why))
        else:
            live.append(waiver)
    kept: list[Finding] = []
    waived: list[Waived] = []
    used: set[Waiver] = set()
    for finding in report.findings:
        covering = [waiver for waiver in live if waiver.covers(finding)]
        used.update(covering)
        if covering:
            waived.append(Waived(finding, covering[0]))
        else:
            kept.append(finding)
    idle += [
        IdleWaiver(waiver, WaiverState.UNUSED, _why_unused(waiver, report, claims))
        for waiver in live
        if waiver not in used
    ]
    idle.sort(key=lambda each: _order(each.waiver))
    return attrs.evolve(
        report, findings=tuple(kept), waived=tuple(waived), idle_waivers=tuple(idle), waivers_as_of=as_of
    )


def _order(waiver: Waiver) -> tuple[Any, ...]:
    last = waiver.expires or dt.date.max
    return (
        waiver.rule,
        waiver.claim,
        waiver.lines,
        waiver.codes,
        last,
        waiver.expires is None,
        waiver.reason,
    )


def _why_unused(waiver: Waiver, report: "Report", claims: tuple[Claim, ...]) -> str:
    if waiver.rule not in report.rules:
        return f"{waiver.rule} did not run"
    claims = tuple(claim for claim in claims if not waiver.of_one_claim or claim.id == waiver.claim)
    if not claims:
        if waiver.of_one_claim and not waiver.claim:
            return "lines without a claim are of a claim without an id, and no such claim was checked"
        return "no such claim was checked" if waiver.of_one_claim else "no claim was checked"
    lines = [(claim.id, line) for claim in claims for line in claim.lines]
    if waiver.lines:
        lines = [(claim, line) for claim, line in lines if line.id in waiver.lines]
        if not lines:
            return "the claim has no such line"
    if waiver.codes:
        lines = [(claim, line) for claim, line in lines if line.code in waiver.codes]
        if not lines:
            which = "none of its lines" if waiver.of_one_claim else "no line"
            return f"{which} has {'this code' if len(waiver.codes) == 1 else 'one of these codes'}"
    places = {(claim, line.id) for claim, line in lines}
    for entry in report.not_checked:
        if waiver.is_about(entry) and not places.isdisjoint((entry.claim, line) for line in entry.lines):
            return f"{waiver.rule} could not judge it: not checked, which nothing waives"
    return "nothing that it covers was found"
