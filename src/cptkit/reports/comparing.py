"""A report beside an earlier one: which findings are new, which stay, and which are no more."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any

import attrs

from cptkit.errors import InvalidReport
from cptkit.rules import Finding, Report, Severity
from cptkit.rules.findings import EVERY_RULE
from cptkit.rules.registry import listed

__all__ = ["Comparison", "compare"]

_GRAVITY = {Severity.ERROR: 2, Severity.WARNING: 1, Severity.REVIEW: 0}
Key = tuple[object, ...]


@attrs.frozen(slots=True)
class Comparison:
    """The findings of a report beside those of an earlier one. Made by ``compare``.

    ``new`` and ``unchanged`` are findings of the new report, and together all of them. ``fixed`` and
    ``not_judged`` are findings of the old one: the first are no more, of the others the new report cannot
    say. ``waived``: findings of the old one that a waiver covers now. ``differences``: in what the two checks differ, apart from their claims; a sentence each.

    >>> from cptkit.reports import Comparison
    >>> str(Comparison((), (), (), (), (), ()))
    '0 new, 0 unchanged, 0 fixed, 0 not judged again'
    >>> Comparison().new
    Traceback (most recent call last):
    ...
    TypeError: Comparison.__init__() missing 6 required positional arguments: ...
    """

    new: tuple[Finding, ...]
    unchanged: tuple[Finding, ...]
    fixed: tuple[Finding, ...]
    not_judged: tuple[Finding, ...]
    waived: tuple[Finding, ...]
    differences: tuple[str, ...]

    def __str__(self) -> str:
        text = (
            f"{len(self.new)} new, {len(self.unchanged)} unchanged, {len(self.fixed)} fixed, "
            f"{len(self.not_judged)} not judged again"
        )
        return f"{text}, {len(self.waived)} waived since" if self.waived else text

    def states(self, findings: Iterable[Finding]) -> tuple[str, ...]:
        """``new`` or ``unchanged`` for each of the new report's findings, in their order."""
        # of findings that are alike to the letter so many are new, whichever
        left = Counter(self.new)
        found = []
        for finding in findings:
            found.append("new" if left[finding] > 0 else "unchanged")
            left[finding] -= 1
        return tuple(found)

    def to_dict(self) -> dict[str, Any]:
        """As JSON can hold it: the findings whole, as in a report."""
        return {
            "differences": list(self.differences),
            "new": [finding.to_dict() for finding in self.new],
            "unchanged": [finding.to_dict() for finding in self.unchanged],
            "fixed": [finding.to_dict() for finding in self.fixed],
            "not_judged": [finding.to_dict() for finding in self.not_judged],
            "waived": [finding.to_dict() for finding in self.waived],
        }


def compare(old: Report, new: Report, *, claims: Collection[str] | None = None) -> Comparison:
    """What is new, unchanged and fixed in a report, beside an earlier one.

    A finding is the same as before when rule, claim, date of service and the codes of its lines are the
    same, in whatever order. Neither the line ids count, as a row more shifts those of a file, nor the
    wording of the message. Each finding has one counterpart at most: of two that are alike one more is new.
    One that became graver, such as a warning that is an error now, is new. A claim that has another id now
    is another claim.

    ``fixed`` holds what is no more. What the new report did not judge again is ``not_judged``: its rule was not
    run, or could not judge that claim and day; or it rested on a history, and the new check was given none:
    its rule needs one, or its lines or message name a line of another claim. What a waiver covers now is ``waived``; what one covered
    before, and none does any more, is new.

    :param claims: ids of the claims that the new report is about. A report does not name those without
        a finding; where the ids are given, findings of other claims are not judged instead of fixed. Leave
        out those of which a line could not be read: what it held was not judged.
    :raises InvalidReport: when one of the two is no report.

    >>> import cptkit, datetime as dt
    >>> from cptkit.reports import compare
    >>> day, catalog = dt.date(2026, 3, 2), cptkit.Catalog.from_editions("2026.1")
    >>> before, after = (
    ...     cptkit.check(cptkit.Claim([cptkit.Line(code, minutes=50, date_of_service=day)], id="C-1"), catalog)
    ...     for code in ("90837", "90834")
    ... )
    >>> str(compare(before, after)), str(compare(before, before))
    ('0 new, 0 unchanged, 1 fixed, 0 not judged again', '0 new, 1 unchanged, 0 fixed, 0 not judged again')
    >>> compare("old.json", after)
    Traceback (most recent call last):
    ...
    cptkit.errors.InvalidReport: reports are compared: 'old.json'; expected a cptkit.Report, which cptkit.reports.read_report reads from a file
    """
    for given in (old, new):
        if not isinstance(given, Report):
            expected = "a cptkit.Report, which cptkit.reports.read_report reads from a file"
            raise InvalidReport("reports are compared", given=given, expected=expected)
    pairs = _pairs(old.findings, new.findings)
    known = {after: before for before, after in pairs}
    gone = set(range(len(old.findings))) - {before for before, _ in pairs}
    is_new = {
        place
        for place, finding in enumerate(new.findings)
        if place not in known or _GRAVITY[finding.severity] > _GRAVITY[old.findings[known[place]].severity]
    }
    left = sorted(gone)
    covered = _pairs(_chosen(old.findings, gone.__contains__), tuple(each.finding for each in new.waived))
    waived = {left[before] for before, _ in covered}
    judges = _judges(new, claims, lost_history=old.history is not None and new.history is None)
    unclear = {place for place in gone - waived if not judges(old.findings[place])}
    return Comparison(
        new=_chosen(new.findings, is_new.__contains__),
        unchanged=_chosen(new.findings, lambda place: place not in is_new),
        fixed=_chosen(old.findings, (gone - waived - unclear).__contains__),
        not_judged=_chosen(old.findings, unclear.__contains__),
        waived=_chosen(old.findings, waived.__contains__),
        differences=tuple(_differences(old, new)),
    )


def _chosen(findings: tuple[Finding, ...], wanted: Callable[[int], bool]) -> tuple[Finding, ...]:
    return tuple(finding for place, finding in enumerate(findings) if wanted(place))


def _key(finding: Finding) -> Key:
    return (finding.rule, finding.claim, finding.date_of_service, tuple(sorted(finding.codes)))


def _pairs(old: tuple[Finding, ...], new: tuple[Finding, ...]) -> list[tuple[int, int]]:
    """The places of findings that are the same; of several alike those of the same lines come first."""
    waiting: dict[Key, list[int]] = {}
    for place, finding in enumerate(old):
        waiting.setdefault(_key(finding), []).append(place)
    found: list[tuple[int, int]] = []
    left: list[int] = []
    for after, finding in enumerate(new):
        alike = waiting.get(_key(finding), [])
        before = next((place for place in alike if old[place].lines == finding.lines), None)
        if before is None:
            left.append(after)
        else:
            alike.remove(before)
            found.append((before, after))
    for after in left:
        alike = waiting.get(_key(new[after]), [])
        if alike:
            found.append((alike.pop(0), after))
    return found


def _judges(
    report: Report, claims: Collection[str] | None, *, lost_history: bool
) -> Callable[[Finding], bool]:
    """Whether the report can say of an earlier finding that it is no more."""
    rules, ids = set(report.rules), None if claims is None else set(claims)
    unchecked = {(entry.claim, entry.date_of_service, entry.rule) for entry in report.not_checked}
    of_history = {row.id for row in listed()[0] if row.needs_history} if lost_history else set[str]()

    def judges(finding: Finding) -> bool:
        if finding.rule not in rules or (ids is not None and finding.claim not in ids):
            return False
        if lost_history and (finding.rule in of_history or _names_another_claim(finding)):
            return False
        place = (finding.claim, finding.date_of_service)
        return (*place, finding.rule) not in unchecked and (*place, EVERY_RULE) not in unchecked

    return judges


def _names_another_claim(finding: Finding) -> bool:
    # a line of another claim is named after both, with a slash between; a slash of another origin only
    # keeps a finding from being called fixed
    return any("/" in text for text in (*finding.lines, finding.message))


def _differences(old: Report, new: Report) -> Iterator[str]:
    was, now = ({pin.name: pin.digest for pin in report.pins} for report in (old, new))
    for name in sorted({*was, *now}):
        if name not in now:
            yield f"the earlier check was made with {name}, this one without it"
        elif name not in was:
            yield f"this check was made with {name}, the earlier one without it"
        elif was[name] != now[name]:
            yield f"{name} is another one now: {now[name]}, before {was[name]}"
    if old.basis is not new.basis:
        yield f"the basis is {new.basis} now, before {old.basis}"
    if old.profile != new.profile:
        profiles = (
            f"{report.profile.name} ({report.profile.digest})" if report.profile else "none"
            for report in (new, old)
        )
        yield "the profile is {} now, before {}".format(*profiles)
    if old.settings != new.settings:
        yield f"the claims are of the setting {_told(new.settings)} now, before {_told(old.settings)}"
    if old.history != new.history:
        histories = ("none" if each.history is None else str(each.history) for each in (new, old))
        yield "the history is {} now, before {}".format(*histories)
    for text, one, other in (
        ("rules that only this check ran", new, old),
        ("rules that only the earlier check ran", old, new),
    ):
        rules = sorted(set(one.rules) - set(other.rules))
        if rules:
            yield f"{text}: {', '.join(rules)}"


def _told(texts: tuple[str, ...]) -> str:
    return ", ".join(texts) or "none"
