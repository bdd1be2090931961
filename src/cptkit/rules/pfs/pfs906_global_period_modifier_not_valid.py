"""A modifier of global periods stands on a code, or beside a procedure, whose global days it does not fit.

Medicare's fee schedule gives a procedure 0, 10 or 90 global days, in which what belongs to it is not paid
again. 24, 25 and 57 take a visit out of them, 58, 78 and 79 another procedure.

**Fails**: ``11042-25`` (24, 25 and 57 are for visits, and this is a procedure); ``97110-25`` (no
procedure, and no visit or eye exam either); ``99213-57`` beside ``17110`` alone (57 is for a procedure of
90 days, 25 for one of 0 or 10); ``99213-25`` beside ``27447`` alone (there 57 is the fit); ``71046-79``
(58, 78 and 79 are for procedures, and this has no global period). A review: ``99213-24``, ``99213-57`` or a
procedure with 58, 78 or 79 where a complete history holds no procedure whose period it could be.

**Passes**: ``99213-25`` and ``17110``; ``99213-57`` and ``27447``; ``99213-25`` beside any code without
global days, as other edits may ask for it.

**Cure**: the modifier that the documentation supports, or none.

**Not checked**: 24, 58, 78 and 79 that fit their code, unless a history shows a procedure of the clinician
whose period was running, or is complete for the ninety days before and shows none; 57 without a procedure of
90 days on its own day, unless a history shows one of the next, or is complete, holds lines of that day or later
and shows none; 58, 78 and 79 beside another procedure of the day where no earlier one is seen; days without a
release of the fee schedule; codes that it does not list.

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
from cptkit.rules.pfs.around import AFTER, BEFORE, around, longest
from cptkit.rules.pfs.parting import is_tried_in_vain, parts_now
from cptkit.rules.pfs.rows import Told, Unjudged, found, is_outside, told
from cptkit.rules.pfs.seen import Marks, bears, by_modifier
from cptkit.rules.ptp.places import is_no_visit
from cptkit.rules.whose import Whose, earlier, uncertain, unknown_days, whose
from cptkit.sources import Citation

RULE = ("PFS906", "global-period-modifier-not-valid")

_DAY = dt.timedelta(days=1)

_MAJOR, _MINOR = ("pfs-modifiers/visit-with-major",), ("pfs-modifiers/visit-with-minor",)
_VISITS = ("pfs-modifiers/visit-unrelated", *_MINOR, *_MAJOR)
_ALL = (*_VISITS, "pfs-modifiers/procedure-within")
_RUNNING = "no procedure of a global period that was running"
_FOLLOWS = "no procedure whose global period begins the day before it, neither of the day nor of the next,"
_NONE, _OPEN = "none", ("contractor", "maternity")


def concerns(alone: Encounter, context: Context) -> bool:
    """Whether a line has one of the modifiers that this is about."""
    return bears(_ALL, alone, context)


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
            yield from _decision(encounter, context, line, modifier, said, unjudged)
        elif modifier in minors:
            yield from _same_day(encounter, context, line, modifier)
        else:
            running = _running(encounter, context)
            if isinstance(running, str):
                unjudged.add(line, running)
            elif not running and modifier not in visits and _is_after_one(encounter, context, line):
                unjudged.add(line, "which of two procedures of a day came first is not on a claim")
            elif not running:
                yield _not_on_record(encounter, context, line, modifier, said, _RUNNING)
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
    encounter: Encounter, context: Context, line: Line, modifier: str, own: Told, unjudged: Unjudged
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
        return
    follows = _follows(encounter, context, encounter.past)
    if isinstance(follows, str):
        unjudged.add(line, f"{seen}; {follows}")
    elif not follows and any(each is None or each.meaning.value in _OPEN for _, each in beside):
        unjudged.add(line, f"{seen}; the global days of what stands beside it are not known")
    elif not follows:
        yield _not_on_record(encounter, context, line, modifier, own, _FOLLOWS)


def _running(encounter: Encounter, context: Context) -> bool | str:
    """Whether a global period of the clinician's procedure of an earlier day holds the day; why nobody knows."""
    past, day = encounter.past, encounter.date_of_service
    if past is None:
        return "whether the global period of an earlier procedure was running is not seen here"
    first = day - dt.timedelta(longest(context, AFTER))
    found = _procedure(encounter, context, past, first, day - _DAY)
    return found or unknown_days(encounter, first) or False


def _follows(encounter: Encounter, context: Context, past: Past) -> bool | str:
    """Whether the clinician's procedure of a day after has a global period that begins before it; as above."""
    first = encounter.date_of_service + _DAY
    last = encounter.date_of_service + dt.timedelta(longest(context, BEFORE))
    found = _procedure(encounter, context, past, first, last)
    if found or past.reaches(last):
        return found or unknown_days(encounter, first) or False
    return f"whether the history reaches to {last}, when it may be, is not known"


def _procedure(
    encounter: Encounter, context: Context, past: Past, first_day: dt.date, last_day: dt.date
) -> bool | str:
    """Whether the clinician's procedure of these days has a global period that holds the day; why one may."""
    unclear = ""
    for each in earlier(past, first_day, last_day):
        hit = around(context, each, encounter.date_of_service)
        if isinstance(hit, str):
            unclear = unclear or hit
        elif hit is not None:
            who = whose(encounter, past.claim, each)
            if who is Whose.SAME:
                return True
            unclear = unclear or uncertain(each, who)
    return unclear or False


def _is_after_one(encounter: Encounter, context: Context, line: Line) -> bool:
    """Whether another procedure of the day, or one that is not seen, may have opened a global period."""
    beside = _beside(encounter, context, line)
    return any(said is None or _is_procedure(said) or said.meaning.value in _OPEN for _, said in beside)


def _not_on_record(
    encounter: Encounter, context: Context, line: Line, modifier: str, said: Told, what: str
) -> Finding:
    since = encounter.past and encounter.past.since
    why = f"{modifier} on {line.code}: {what} is on record in the history that is complete since {since}"
    return _to_remove(encounter, context, line, modifier, said, why, severity=Severity.REVIEW)


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
