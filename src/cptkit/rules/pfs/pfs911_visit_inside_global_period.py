"""A visit stands inside the global period of a procedure of another day, and no modifier takes it out.

Medicare's fee schedule pays a procedure together with the visits of its global days: ten or ninety days
after it, and for ninety also the day before.

**Fails**: ``99213`` ten days after ``10060`` (10 global days) by the same clinician; ``99213`` on the day
before ``27447`` (90).

**Passes**: ``99213-24`` within the days; ``99213-57`` on the day before ``27447``; ``99213`` on the
eleventh and on the ninety-first day.

**Bypassed**: by a modifier for a visit about something else (24; FT from 2022 on), and on the day before by
the one for the visit that decided on the procedure (57).

**Cure**: no charge for what belongs to the procedure; the modifier where the record shows the other.

**Not checked**: no history, or one that begins less than ninety days before; a row of the claim that could
not be read; a procedure of a colleague of the same billing provider, as claims carry no specialty, or of
another clinician where a side names no billing provider; one of which one side names no clinician; one that
the fee schedule of its day does not tell of, or whose days the contractor sets, or maternity's; one whose care
is shared or another's by its modifiers (54, 55, 56, 78, and those of assistants and teams); a code of
evaluation and management that is no visit of those whose payment the period holds, such as care management.

**Limits**: practitioners' claims and Medicare's days. Visits alone: other procedures within the days are not
judged. A procedure of the day after that is not yet billed is not known to anyone, and not told.
"""

import datetime as dt
from collections.abc import Iterator

from cptkit.claims import Encounter, Line
from cptkit.codes import category_of
from cptkit.rules.context import Context
from cptkit.rules.emit import SURE, finding, fix, not_checked
from cptkit.rules.findings import Finding, Fix, FixKind, NotChecked, Outcome, Severity
from cptkit.rules.modifiers import has_room, named
from cptkit.rules.pfs.around import AFTER, BEFORE, Around, around, longest
from cptkit.rules.ptp.places import is_visit
from cptkit.rules.whose import Whose, earlier, told, uncertain, unknown_days, whose
from cptkit.setting import Setting
from cptkit.sources import Basis, Citation, weakest

RULE = ("PFS911", "visit-inside-global-period")

_OTHER, _DECIDED = ("global-days-visit-apart",), ("pfs-modifiers/visit-with-major",)


def concerns(alone: Encounter, context: Context) -> bool:
    """Whether a line is a visit."""
    (line,) = alone.lines
    return category_of(line.code) is not None and bool(is_visit(line.code, context))


def check(encounter: Encounter, context: Context) -> Iterator[Finding | NotChecked]:
    """One finding for every visit inside the global days of a procedure of another day."""
    if encounter.setting is not Setting.PRACTITIONER:
        return
    for line in encounter.lines:
        if category_of(line.code) is not None and is_visit(line.code, context):
            yield from _judge(encounter, context, line)


def _judge(encounter: Encounter, context: Context, line: Line) -> Iterator[Finding | NotChecked]:
    past, day = encounter.past, encounter.date_of_service
    if past is None:
        yield not_checked(RULE, encounter, (line,), unknown_days(encounter, day))
        return
    most, ahead = longest(context, AFTER), longest(context, BEFORE)
    if not most:
        reason = f"how many days a global period has is not on record for {day}"
        yield not_checked(RULE, encounter, (line,), reason)
        return
    first = day - dt.timedelta(most)
    is_told = False
    unclear = ""
    for each in earlier(past, first, day + dt.timedelta(ahead)):
        if each.line.date_of_service == day:
            continue
        found = around(context, each, day)
        if isinstance(found, str):
            unclear = unclear or found
        elif found is not None:
            who = whose(encounter, past.claim, each)
            if who is Whose.SAME and not _is_paid_with_it(context, line.code):
                reason = f"whether {line.code} is paid with a procedure is not on record; {told(each)}"
                unclear = unclear or reason
            elif who is Whose.SAME:
                is_told = True
                yield _finding(encounter, context, line, found)
            else:
                unclear = unclear or uncertain(each, who)
    reason = unclear or unknown_days(encounter, first)
    if reason and not is_told:
        yield not_checked(RULE, encounter, (line,), reason)


def _is_paid_with_it(context: Context, code: str) -> bool:
    """Whether the code is one of the visits whose payment a global period holds."""
    record = context.record(code)
    family = "" if record is None else (record.family or "").replace(" ", "-")
    return bool(family) and context.convention(f"global-visits/{family}") is not None


def _finding(encounter: Encounter, context: Context, line: Line, found: Around) -> Finding:
    roles = _DECIDED + _OTHER if found.is_before else _OTHER
    apart = named(roles, context) or ()
    code, done = found.past.line.code, found.past.line.date_of_service
    days = abs((encounter.date_of_service - done).days)
    where = f"{days} day{'s' * (days > 1)} {'before' if found.is_before else 'after'}"
    said = (
        f"{line.code} is {where} {code} of {done} ({found.past.name}), "
        f"global days {found.row.global_days} in Medicare's fee schedule ({found.row.release})"
    )
    evidence = (found.days.citation, *_citations(context, roles))
    by = [modifier for modifier in apart if modifier in line.modifiers]
    if by:
        return finding(
            RULE,
            encounter,
            context,
            (line,),
            f"{said}: bypassed by {', '.join(by)}; the record must show what it says",
            severity=Severity.REVIEW,
            outcome=Outcome.BYPASSED,
            evidence=evidence,
            edits=(found.row,),
        )
    says = "it decided on the procedure" if found.is_before else "the visit was about something else"
    sure = weakest(citation.confidence for citation in evidence) in SURE
    is_error = sure and context.basis is Basis.MEDICARE
    return finding(
        RULE,
        encounter,
        context,
        (line,),
        f"{said}, and is paid with it",
        severity=Severity.ERROR if is_error else Severity.WARNING,
        evidence=evidence,
        denial=context.denial("global-period"),
        fixes=(
            *_apart(context, line, apart[:1], f"{says}, and the record shows it"),
            fix(FixKind.DROP_LINE, line, None, f"drop {line.code}", "the visit belonged to the procedure"),
        ),
        edits=(found.row,),
    )


def _apart(context: Context, line: Line, modifiers: tuple[str, ...], provided: str) -> tuple[Fix, ...]:
    """The modifier that takes the visit out; a question where the line has no place for one more."""
    room = has_room(line, context)
    return tuple(
        fix(FixKind.ADD_MODIFIER, line, modifier, f"add {modifier}", provided)
        if room
        else fix(FixKind.ASK, line, None, f"see which modifier could give its place to {modifier}", provided)
        for modifier in modifiers
    )


def _citations(context: Context, roles: tuple[str, ...]) -> tuple[Citation, ...]:
    found = (context.convention(role) for role in roles)
    return tuple(convention.citation for convention in found if convention is not None)
