"""A modifier of global periods stands on a code, or beside a procedure, whose global days it does not fit.

Medicare's fee schedule gives a procedure 0, 10 or 90 global days, in which what belongs to it is not paid
again. 24, 25 and 57 take a visit out of them, 58, 78 and 79 another procedure.

**Fails**: ``11042-25`` (24, 25 and 57 are for visits, and this is a procedure); ``97110-25`` (no
procedure, and no visit or eye exam either); ``99213-57`` beside ``17110`` alone (57 is for a procedure of
90 days, 25 for one of 0 or 10); ``99213-25`` beside ``27447`` alone (there 57 is the fit); ``71046-79``
(58, 78 and 79 are for procedures, and this has no global period).

**Passes**: ``99213-25`` and ``17110``; ``99213-57`` and ``27447``; ``99213-25`` beside any code without
global days, as other edits may ask for it.

**Cure**: the modifier that the documentation supports, or none.

**Not checked**: 24, 58, 78 and 79 that fit their code, unless a history shows a procedure of the clinician
whose period was running; 57 without a procedure of 90 days on its own day, unless a history shows one of the
next; days without a release of the fee schedule; codes that it does not list.

**Limits**: without a history a rule sees one day of one clinician, even where both days stand on one
claim. A visit without 24 or 57 within the global days of a procedure of another day is PFS911's.
Practitioners' claims; the days are Medicare's. That a code outside the sections of visits and
procedures is no visit is read from its section and from what the modifier is for in our own words: a
warning, which PTP703 gives instead where the modifier stands on a pair in vain. The days of maternity
codes, and days that the contractor sets, decide nothing. 58 and 78 pass on procedures of no days,
although one source names them for 10 and 90 alone. What the modifiers are for was in part read in one
source, and is a warning then.
"""

import datetime as dt
from collections.abc import Iterable, Iterator

from cptkit.claims import Encounter, Line
from cptkit.history import Past
from cptkit.rules.context import Context
from cptkit.rules.emit import fix, removal, unnamed
from cptkit.rules.findings import Finding, FixKind, NotChecked, Severity
from cptkit.rules.modifiers import named
from cptkit.rules.pfs.around import AFTER, BEFORE, Around, around, longest
from cptkit.rules.pfs.parting import is_tried_in_vain, parts_now
from cptkit.rules.pfs.rows import Told, Unjudged, found, is_outside, told
from cptkit.rules.pfs.seen import Marks, by_modifier
from cptkit.rules.ptp.places import is_no_visit
from cptkit.rules.whose import Whose, colleagues, earlier, unknown_days, unnamed_side, whose
from cptkit.sources import Citation

RULE = ("PFS906", "global-period-modifier-not-valid")

_DAY = dt.timedelta(days=1)

_MAJOR, _MINOR = ("pfs-modifiers/visit-with-major",), ("pfs-modifiers/visit-with-minor",)
_VISITS = ("pfs-modifiers/visit-unrelated", *_MINOR, *_MAJOR)
_ALL = (*_VISITS, "pfs-modifiers/procedure-within")
_NONE, _OPEN = "none", ("contractor", "maternity")


def check(encounter: Encounter, context: Context) -> Iterable[Finding | NotChecked]:
    """One finding for every modifier of a global period that does not fit the global days."""
    return by_modifier(RULE, encounter, context, _ALL, _judge)


def _judge(encounter: Encounter, context: Context, marks: Marks) -> Iterator[Finding | NotChecked]:
    unjudged = Unjudged()
    visits, majors, minors = (named(roles, context) or () for roles in (_VISITS, _MAJOR, _MINOR))
    for line, modifier in marks:
        said = told(context, line, "global", unjudged)
        if said is None:
            continue
        if modifier in visits and _is_procedure(said):
            yield _misplaced(encounter, context, line, modifier, said, "is for visits")
        elif modifier in visits and _is_no_visit(context, line, visits):
            if not is_tried_in_vain(encounter, context, line, modifier):
                yield _on_no_visit(encounter, context, line, modifier, said)
        elif modifier not in visits and _is_none(context, said):
            yield _misplaced(encounter, context, line, modifier, said, "is for procedures in a global period")
        elif modifier in majors:
            yield from _decision(encounter, context, line, modifier, unjudged)
        elif modifier in minors:
            yield from _same_day(encounter, context, line, modifier)
        else:
            reason = _why_not_running(encounter, context)
            if reason:
                unjudged.add(line, reason)
    yield from unjudged.entries(RULE, encounter)


def _misplaced(
    encounter: Encounter, context: Context, line: Line, modifier: str, said: Told, use: str
) -> Finding:
    why = f"{modifier} {use}; {said.schedule} gives {line.code} {_days(said)}"
    return _to_remove(encounter, context, line, modifier, said, why)


def _on_no_visit(encounter: Encounter, context: Context, line: Line, modifier: str, said: Told) -> Finding:
    why = (
        f"{modifier} is for visits and eye exams, and {line.code} of the section "
        f"{context.codeset.section_of(line.code)} is neither"
    )
    return _to_remove(encounter, context, line, modifier, said, why, severity=Severity.WARNING)


def _to_remove(
    encounter: Encounter,
    context: Context,
    line: Line,
    modifier: str,
    said: Told,
    message: str,
    *,
    severity: Severity | None = None,
) -> Finding:
    provided = "nothing else was meant by it" + parts_now(encounter, context, line, modifier)
    return found(
        RULE,
        encounter,
        context,
        (line,),
        said,
        message,
        severity=severity,
        also=_cited(context, modifier),
        denial=context.denial("modifier-inconsistent"),
        fixes=(
            fix(FixKind.ASK, line, None, "enter the modifier that the documentation supports, or none"),
            removal(line, modifier, provided),
        ),
    )


def _decision(
    encounter: Encounter, context: Context, line: Line, modifier: str, unjudged: Unjudged
) -> Iterator[Finding]:
    beside = _beside(encounter, context, line)
    procedures = [(other, said) for other, said in beside if said is not None and _is_procedure(said)]
    if any(_is_major(said) for _, said in procedures):
        return
    if procedures and not any(said is None or said.meaning.value in _OPEN for _, said in beside):
        yield _other_fit(encounter, context, line, modifier, _MINOR, procedures)
        return
    seen = f"no procedure of 90 global days is seen beside {modifier}"
    if encounter.past is None:
        unjudged.add(line, f"{seen}; other days, on which it may be, are not looked at here")
    elif not _is_before_one(encounter, context, encounter.past):
        unjudged.add(line, f"{seen}, nor in the history on a day before which its period begins")


def _why_not_running(encounter: Encounter, context: Context) -> str:
    """Why no global period of the clinician's procedure of an earlier day is seen; empty where one is."""
    past, day = encounter.past, encounter.date_of_service
    if past is None:
        return "whether the global period of an earlier procedure was running is not seen here"
    first = day - dt.timedelta(longest(context, AFTER))
    unclear = ""
    for each in earlier(past, first, day - _DAY):
        hit = around(context, each, day)
        if isinstance(hit, str):
            unclear = unclear or hit
        elif hit is not None:
            who = whose(encounter, past.claim, each)
            if who is Whose.SAME:
                return ""
            unclear = unclear or ("" if who is Whose.OTHER else unnamed_side(each, who) or colleagues(each))
    running = "no procedure of the clinician whose global period was running is in the history"
    return unclear or unknown_days(encounter, first) or running


def _is_before_one(encounter: Encounter, context: Context, past: Past) -> bool:
    """Whether the clinician's procedure of a day after has a global period that begins before it."""
    day = encounter.date_of_service
    return any(
        isinstance(around(context, each, day), Around) and whose(encounter, past.claim, each) is Whose.SAME
        for each in past.between(day + _DAY, day + dt.timedelta(longest(context, BEFORE)))
        if each.line.units > 0
    )


def _same_day(encounter: Encounter, context: Context, line: Line, modifier: str) -> Iterator[Finding]:
    beside = _beside(encounter, context, line)
    majors = [(other, said) for other, said in beside if said is not None and _is_major(said)]
    if majors and len(majors) == len(beside) and not _fits(context, _MAJOR, line):
        yield _other_fit(encounter, context, line, modifier, _MAJOR, majors)


def _beside(encounter: Encounter, context: Context, line: Line) -> list[tuple[Line, Told | None]]:
    """The other lines with what the schedule says of them, where it does; None for one that is not seen."""
    silent = Unjudged()
    unseen: list[tuple[Line, Told | None]] = []
    if encounter.elsewhere or encounter.incomplete:
        unseen.append((line, None))
    others = (other for other in encounter.lines if other is not line)
    return [*((other, told(context, other, "global", silent)) for other in others), *unseen]


def _is_procedure(said: Told) -> bool:
    """Whether the code has global days of its own, be it none but the day."""
    return said.meaning.value[:1].isdigit()


def _fits(context: Context, roles: tuple[str, ...], line: Line) -> bool:
    """Whether the line has a modifier of that role."""
    return not set(named(roles, context) or ()).isdisjoint(line.modifiers)


def _is_no_visit(context: Context, line: Line, visits: tuple[str, ...]) -> bool:
    """Whether the code is certainly none of the visits that any of the modifiers is for."""
    records = [record for each in visits if (record := context.modifier(each)) is not None]
    return is_no_visit(line.code, records, context)


def _is_none(context: Context, said: Told) -> bool:
    """Whether the code has no global period; of a code outside the schedule that is not said."""
    return said.meaning.value == _NONE and not is_outside(context, said.row)


def _is_major(said: Told) -> bool:
    """Whether the period begins on the day before."""
    return _is_procedure(said) and not said.meaning.value.startswith("0")


def _other_fit(
    encounter: Encounter,
    context: Context,
    line: Line,
    modifier: str,
    instead: tuple[str, ...],
    procedures: list[tuple[Line, Told]],
) -> Finding:
    said = procedures[0][1]
    fit = " or ".join(named(instead, context) or ())
    codes = ", ".join(dict.fromkeys(other.code for other, _ in procedures))
    message = (
        f"{modifier} on {line.code} beside {codes}, {_days(said)} in {said.schedule}: {fit} is the fit there"
    )
    return found(
        RULE,
        encounter,
        context,
        (line, *(other for other, _ in procedures)),
        said,
        message + unnamed(encounter),
        # a procedure of the next day, or another edit, may ask for it all the same
        severity=Severity.WARNING,
        also=_cited(context, modifier),
        denial=context.denial("modifier-inconsistent"),
        fixes=(fix(FixKind.ASK, line, None, f"{fit} instead, if the record shows what it stands for"),),
    )


def _days(said: Told) -> str:
    return f"global days {said.row.global_days} ({said.meaning.text})"


def _cited(context: Context, modifier: str) -> tuple[Citation, ...]:
    record = context.modifier(modifier)
    return () if record is None else (record.history[-1].citation,)
