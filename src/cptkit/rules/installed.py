"""Rules of other packages: found through the entry-point group ``cptkit.rules`` when they are asked for.

The name of an entry point is the namespace of its rules, its value a ``RuleTable``:

    [project.entry-points."cptkit.rules"]
    acme = "acme_rules:RULES"
"""

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from importlib import import_module
from pathlib import PurePath
from traceback import walk_tb
from typing import TYPE_CHECKING

import attrs

from cptkit.claims import Encounter
from cptkit.errors import BrokenRules
from cptkit.rules.context import Context
from cptkit.rules.findings import Finding, NotChecked, Outcome, Severity
from cptkit.rules.table import RuleRow, RuleTable
from cptkit.rules.wellformed import namespace_problem, problems

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

__all__ = ["GROUP", "Check", "Concerns", "Offer", "load", "offers", "without_package"]

GROUP = "cptkit.rules"

Check = Callable[[Encounter, Context], Iterable[Finding | NotChecked]]
Concerns = Callable[[Encounter, Context], bool]


@attrs.frozen(slots=True)
class Offer:
    """What an entry point gives: its rules, or why they cannot be had."""

    namespace: str
    package: str
    rows: tuple[RuleRow, ...] = ()
    redirects: tuple[tuple[str, str], ...] = ()
    reason: str = ""

    def __str__(self) -> str:
        return f"the rules {self.namespace} of {self.package} cannot be read: {self.reason}"

    def error(self) -> BrokenRules:
        """The error of an offer that cannot be had."""
        where = f"ignore='{self.namespace}:', to check without them"
        return BrokenRules(str(self), where=where)


@cache
def offers() -> tuple[Offer, ...]:
    """The rules that installed packages offer, by namespace; looked for once in a process.

    A package installed afterwards is seen by the next process.
    """
    found = list(_offers())
    for place, offer in enumerate(found):
        others = [other.package for other in found if other.namespace == offer.namespace and other != offer]
        if others:
            reason = f"the namespace is also that of {', '.join(others)}"
            found[place] = Offer(offer.namespace, offer.package, reason=reason)
    return tuple(sorted(found, key=lambda offer: (offer.namespace, offer.package)))


def without_package(selector: str) -> str:
    """Why no package has the rules of a namespace; empty where one has it, or a selector has none.

    >>> without_package("acme:ABC101")
    "rules with a namespace come from packages, and none that is installed has the namespace 'acme'; ..."
    >>> without_package("ADD301")
    ''
    >>> without_package(301)
    Traceback (most recent call last):
    ...
    AttributeError: 'int' object has no attribute 'partition'
    """
    namespace, colon, _ = selector.partition(":")
    known = dict.fromkeys(offer.namespace for offer in offers())
    if not colon or namespace.lower() in map(str.lower, known):
        return ""
    return (
        f"rules with a namespace come from packages, and none that is installed has the namespace {namespace!r}; "
        f"installed: {', '.join(known) or 'none'}"
    )


def _offers() -> Iterator[Offer]:
    from importlib.metadata import entry_points  # costs more than a selection of bundled rules

    for entry in entry_points(group=GROUP):
        package = entry.dist.name if entry.dist is not None else "an unnamed package"
        yield _offer(entry, package)


def _offer(entry: "EntryPoint", package: str) -> Offer:
    try:
        table = entry.load()
        if not isinstance(table, RuleTable):
            raise TypeError(f"{entry.value} is a {type(table).__name__}, not a cptkit.rules.RuleTable")  # noqa: TRY301  told as any other reason
        wrong = (namespace_problem(entry.name), *problems(table, entry.name, pages=False))
        reason = "; ".join(filter(None, wrong))
    except (Exception, SystemExit) as error:  # noqa: BLE001  another's code may raise anything; it is named, not raised
        return Offer(entry.name, package, reason=f"{type(error).__name__}: {error}")
    if reason:
        return Offer(entry.name, package, reason=reason)
    rows = tuple(attrs.evolve(row, package=package) for row in table.rows)
    return Offer(entry.name, package, rows, tuple(table.redirects.items()))


def load(row: RuleRow) -> tuple[str, Check, Concerns | None]:
    """The documentation and the functions of another package's rule.

    What the function raises becomes *not checked* with the reason: it hides nothing that others find.

    :raises BrokenRules: when the module cannot be imported, or holds no such rule.
    """
    try:
        module = import_module(row.path)
        check: Check = module.check
        told = (*module.RULE,)
    except (Exception, SystemExit) as error:
        raise _broken(row, f"{type(error).__name__}: {error}") from error
    if told != (row.id, row.name):
        raise _broken(row, f"its RULE is {told}, its row says {(row.id, row.name)}")
    concerns: Concerns | None = getattr(module, "concerns", None)
    return module.__doc__ or "", _guarded(row, check), concerns and _or_asked(concerns)


def _broken(row: RuleRow, reason: str) -> BrokenRules:
    package = row.package or "a package"
    message = f"the rule {row.id} of {package} cannot be loaded: {reason}"
    return BrokenRules(message, where=f"ignore={row.id!r}, to check without it")


def _or_asked(concerns: Concerns) -> Concerns:
    """The function; where it raises, the rule is asked and what it raises in turn is told."""

    def judged(alone: Encounter, context: Context) -> bool:
        try:
            return bool(concerns(alone, context))
        except (Exception, SystemExit):  # noqa: BLE001  another's code may raise anything
            return True

    return judged


def _guarded(row: RuleRow, check: Check) -> Check:
    def judged(encounter: Encounter, context: Context) -> list[Finding | NotChecked]:
        found: list[Finding | NotChecked] = []
        lines = tuple(line.id for line in encounter.lines)
        try:
            for entry in check(encounter, context):
                if wrong := _wrong_with(entry, row, encounter, lines):
                    raise TypeError(f"it gave {wrong}")  # noqa: TRY301  told as any other reason
                found.append(entry)
        except (Exception, SystemExit) as error:  # noqa: BLE001  another's code may raise anything
            reason = f"the rule failed ({type(error).__name__}: {error}{_place(error, row)})"
            day = encounter.date_of_service
            found.append(NotChecked(row.id, row.name, encounter.claim, lines, day, reason))
        return found

    return judged


def _place(error: BaseException, row: RuleRow) -> str:
    """Where in the rule's package it was raised: the innermost file and line; empty when nowhere there."""
    top, told = row.path.partition(".")[0], ""
    for frame, number in walk_tb(error.__traceback__):
        if str(frame.f_globals.get("__name__")).partition(".")[0] == top:
            told = f"; {PurePath(frame.f_code.co_filename).name}, line {number}"
    return told


def _wrong_with(entry: object, row: RuleRow, encounter: Encounter, lines: tuple[str, ...]) -> str:
    """Why an entry is no answer of the rule about the encounter; empty when it is one."""
    if not isinstance(entry, Finding | NotChecked):
        return f"a {type(entry).__name__}, which is no Finding and no NotChecked"
    what = "a finding" if isinstance(entry, Finding) else "a NotChecked"
    if (entry.rule, entry.name) != (row.id, row.name):
        own = entry.rule == row.id
        return f"{what} of {entry.name if own else entry.rule}, not {row.name if own else row.id}"
    wrong = _misplaced(entry, encounter, lines) or (_untold(entry) if isinstance(entry, Finding) else "")
    text = "message" if isinstance(entry, Finding) else "reason"
    if not wrong and not isinstance(said := getattr(entry, text), str):
        wrong = f"with a {text} of type {type(said).__name__}, not a text"
    if not wrong and isinstance(entry, Finding):
        others = [fix.line for fix in entry.fixes if fix.line not in lines]
        wrong = f"with a fix for line {others[0]!r}, which it was not given" if others else ""
    wrong = wrong or _unwritable(entry)
    return f"{what} {wrong}" if wrong else ""


def _misplaced(entry: Finding | NotChecked, encounter: Encounter, lines: tuple[str, ...]) -> str:
    given: object = entry.lines
    if not isinstance(given, tuple):
        return f"with lines of type {type(given).__name__}, not a tuple of line ids"
    if not given:
        return "without lines"
    unknown = [line for line in given if line not in lines]
    if unknown:
        return f"on line {unknown[0]!r}, which it was not given"
    if entry.claim != encounter.claim:
        return f"on claim {entry.claim!r}, not {encounter.claim!r}"
    if entry.date_of_service != encounter.date_of_service:
        return f"of {entry.date_of_service}, not {encounter.date_of_service}"
    return ""


def _untold(entry: Finding) -> str:
    outcome: object = entry.outcome
    if not (isinstance(outcome, Outcome) and outcome in (Outcome.FAIL, Outcome.BYPASSED)):
        return f"with outcome {outcome!r}, not Outcome.FAIL or Outcome.BYPASSED"
    severity: object = entry.severity
    if not isinstance(severity, Severity):
        return f"with severity {severity!r}, not a cptkit.Severity"
    return ""


def _unwritable(entry: Finding | NotChecked) -> str:
    """Why a report that holds the entry could not be written and read back."""
    from cptkit.rules.written import BYPASSED, FINDING, NOT_CHECKED

    shape = NOT_CHECKED
    if isinstance(entry, Finding):
        shape = FINDING if entry.outcome is Outcome.FAIL else BYPASSED
    try:
        same = shape.read(shape.write(entry)) == entry
    except Exception as error:  # noqa: BLE001  a value of any type may stand there
        return f"that no report can hold ({error})"
    return "" if same else "that no report can hold: a part is of another type than it says"
