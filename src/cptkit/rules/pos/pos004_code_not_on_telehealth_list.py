"""A line says telehealth, and its code is not on Medicare's list of telehealth services.

Medicare pays by telehealth what is on its list, which holds for a calendar year. A line says telehealth by its
place (``02``, ``10``) or by a modifier (``95``, ``93``, ``GT``, ``GQ``, ``FQ``). Which codes the list of the year
leaves out is told by the list that was imported; what it says of a code besides is read where it takes nothing back.

**Fails**: under the basis ``medicare``, ``97010-GP-95`` at ``10`` where the list of the year does not have ``97010``.

**Passes**: ``90834-95`` at ``10`` where the list has it; both under the basis ``cpt``, as other payers have lists of
their own; ``97010`` at ``11``.

**Bypassed**: ``97010-95-GY``; with GA, GX, GY or GZ the line is billed in order to be denied.

**Cure**: the place where the patient was and no modifier of telehealth, where the visit was in person. Where it was
telehealth Medicare does not pay the code so.

**Not checked**: years of which no list is there; a code of which the list says that it goes, or counts from a day; a
code that the list leaves out where a row of the list could not be read; one of HCPCS Level II that may only count,
where the fee schedule of the day is not there.

**Limits**: practitioners' claims under Medicare; a warning where only a fact that was not read says that the line is
telehealth. Codes that only count (Category II, status M) stand beside any visit.
The list is taken as it was imported: CMS may add to it within the year. Digital treatment at a place of telehealth is
POS003, a code that is not in force COD102.
"""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from cptkit.claims import Encounter, Line
from cptkit.codes import Category, category_of
from cptkit.rules.context import Context
from cptkit.rules.emit import SURE, finding, fix
from cptkit.rules.findings import Finding, FixKind, NotChecked, Outcome, Severity
from cptkit.rules.modifiers import expected_unpaid
from cptkit.rules.pfs.rows import Unjudged
from cptkit.rules.pos.places import misfit, telehealth_modifiers, telehealth_places, told, written
from cptkit.setting import Setting
from cptkit.sources import Basis

if TYPE_CHECKING:
    from cptkit.edits import PfsAnswer, TelehealthAnswer

RULE = ("POS004", "code-not-on-telehealth-list")

_MEASURE = "measure"
_WAY_OUT = (
    "if the visit was in person, enter the place where the patient was, and no modifier of telehealth; "
    "if it was telehealth, Medicare does not pay this code for it"
)


def check(encounter: Encounter, context: Context) -> Iterable[Finding | NotChecked]:
    """One finding for every line that says telehealth with a code that is not on the list of the year."""
    if context.basis is not Basis.MEDICARE or encounter.setting is not Setting.PRACTITIONER:
        return ()
    places, modes = telehealth_places(context), telehealth_modifiers(context)
    said = [
        line for line in encounter.lines if not modes.isdisjoint(line.modifiers) or written(line) in places
    ]
    return _check(encounter, context, said) if said else ()


def _check(encounter: Encounter, context: Context, said: list[Line]) -> Iterator[Finding | NotChecked]:
    unjudged = Unjudged()
    for line in said:
        answer = context.edits.telehealth(line.code)
        if answer is None or _is_judged_elsewhere(context, line):
            continue
        reason = answer.not_checked or _why_unjudged(context, answer)
        if reason:
            unjudged.add(line, reason)
        elif not answer.is_listed and not _only_counts(context, line.code):
            yield _found(encounter, context, line, answer)
    yield from unjudged.entries(RULE, encounter)


def _is_judged_elsewhere(context: Context, line: Line) -> bool:
    """Whether nothing is asked here: a measure, a code not in force (COD102), or at a wrong place anyway (POS003)."""
    if category_of(line.code) is Category.II:
        return True
    status = context.standing(line.code)
    if status is not None and status.in_force is False:
        return True
    place = written(line)
    return place in telehealth_places(context) and misfit(context, line.code, place) is not None


def _why_unjudged(context: Context, answer: "TelehealthAnswer") -> str:
    row = answer.row
    if row is None:
        fee = _fee_row(context, answer.code)
        return "" if fee is None else fee.not_checked
    reason = f"whether {row.code} is on the telehealth list of {row.year} rests on a remark: {row.remark!r}"
    return "" if row.counts else reason


def _fee_row(context: Context, code: str) -> "PfsAnswer | None":
    """The fee schedule's row of a code that may be there for a measure alone; None of any other."""
    return context.edits.fee_row(code) if category_of(code) is Category.HCPCS_II else None


def _only_counts(context: Context, code: str) -> bool:
    """Whether a code tells what was done for a measure, and is never paid: it goes with any visit."""
    answer = _fee_row(context, code)
    if answer is None or answer.row is None:
        return False
    status = context.convention(f"pfs-status/{answer.row.status}")
    return status is not None and status.value == _MEASURE


def _found(encounter: Encounter, context: Context, line: Line, answer: "TelehealthAnswer") -> Finding:
    modes = sorted(telehealth_modifiers(context).intersection(line.modifiers))
    records = [record for mode in modes if (record := context.modifier(mode)) is not None]
    evidence = [record.history[-1].citation for record in records]
    said = list(modes)
    place = written(line)
    marks = context.convention("telehealth-places") if place in telehealth_places(context) else None
    if marks is not None:
        said.append(f"place {told(context, place)}")
        evidence.append(marks.citation)
    message = (
        f"{answer.code} is not on Medicare's telehealth list of {answer.year} ({answer.file}), "
        f"and {' and '.join(said)} {'say' if len(said) > 1 else 'says'} telehealth"
    )
    record = expected_unpaid(line, context)
    if record is not None:
        return finding(
            RULE,
            encounter,
            context,
            (line,),
            f"{message}; with {record.code} the line expects that",
            outcome=Outcome.BYPASSED,
            severity=Severity.REVIEW,
            evidence=(*evidence, record.history[-1].citation),
        )
    sure = tuple(citation for citation in evidence if citation.confidence in SURE)
    return finding(
        RULE,
        encounter,
        context,
        (line,),
        message,
        severity=Severity.ERROR if sure else Severity.WARNING,
        evidence=sure or tuple(evidence),
        denial=context.denial("modifier-inconsistent" if marks is None else "pos-mismatch"),
        fixes=(fix(FixKind.ASK, line, None, _WAY_OUT),),
    )
