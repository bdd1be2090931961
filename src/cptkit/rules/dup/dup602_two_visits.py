"""One clinician bills two visits of a patient and day.

Visits of one clinician, patient and day are one visit: all the work of the day makes its level. A second one is
paid only where it was apart from the first, for another problem, and a modifier says so.

**Fails**: ``99213`` and ``99214``; ``99222`` and ``99231``.

**Passes**: ``99214`` and ``99417``; ``99213`` and ``99396-25``, which is a check-up; ``99213`` by two clinicians.

**Bypassed**: ``99213`` and ``99214-25`` or ``99214-FT``: the record must show two visits.

**Cure**: one visit with the level that all the work of the day gives. If there really were two, each with a note
of its own, the modifier says so.

**Not checked**: one visit here, where another claim of the day or a line without a clinician has one, or a row of
the claim could not be read; visits on days before the record begins.

**Limits**: practitioners' claims; visits in the office, by telemedicine, in hospital, emergency, nursing facility
and home, and consultations. Visits of two such settings are a review, as payers take some of them together,
such as leaving hospital for a nursing facility. Critical care, check-ups, care of a month and add-ons are no
visits here, nor is a line of no units; where the edition has no list of visits, nothing is said. The same line
twice is DUP601. Two visits that a pair edit of the day names are PTP701, PTP702 or PTP703, and silent here, also
when run alone; others beside them are judged. Colleagues of one specialty and group count as one clinician for
Medicare, which a claim does not show.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations

from cptkit.claims import Encounter, Line
from cptkit.codesets import Convention
from cptkit.rules.context import Context
from cptkit.rules.dup.visits import visits_of
from cptkit.rules.emit import finding, fix, not_checked, unnamed
from cptkit.rules.findings import Finding, FixKind, NotChecked, Outcome, Severity
from cptkit.rules.modifiers import named
from cptkit.rules.ptp.pairs import paired

RULE = ("DUP602", "two-visits")

_APART = ("second-visit-modifiers",)


def concerns(alone: Encounter, context: Context) -> bool:
    """Whether a line is a visit."""
    return alone.lines[0].code in visits_of(alone, context)[1]


def check(encounter: Encounter, context: Context) -> Iterable[Finding | NotChecked]:
    """One finding for the visits of an encounter, where it has several."""
    convention, codes = visits_of(encounter, context)
    visits = [line for line in encounter.lines if line.code in codes and line.units > 0]
    if not visits or (len(visits) < 2 and not encounter.elsewhere and not encounter.incomplete):
        return ()
    return _check(encounter, context, visits, convention, codes)


def _check(
    encounter: Encounter,
    context: Context,
    visits: list[Line],
    convention: Convention | None,
    codes: Mapping[str, str],
) -> Iterator[Finding | NotChecked]:
    pairs = _open_pairs(encounter, context, visits)
    unread = _unread(encounter, visits, codes)
    if convention is None:
        if pairs or unread:
            reason = f"which codes are visits, one a day, is not on record for {context.day}"
            yield not_checked(RULE, encounter, tuple(visits), reason)
    elif pairs:
        yield _judge(encounter, context, visits, pairs, convention, codes)
    elif unread:
        yield not_checked(RULE, encounter, tuple(visits), unread)


def _open_pairs(encounter: Encounter, context: Context, visits: list[Line]) -> list[tuple[str, str]]:
    """The codes of each two visits of which no pair edit speaks; none where these are the same line again."""
    lines = Counter(line.code for line in visits)
    edited = {frozenset((pair.edit.column1, pair.edit.column2)) for pair in paired(encounter, context).pairs}
    pairs = [pair for pair in combinations(lines, 2) if frozenset(pair) not in edited]
    among = {code for pair in pairs for code in pair}
    kinds = Counter(code for code, _ in {(line.code, tuple(sorted(line.modifiers))) for line in visits})
    again = [code for code, number in lines.items() if number > 1 and (code in among or kinds[code] > 1)]
    return [*pairs, *((code, code) for code in again)]


def _unread(encounter: Encounter, visits: list[Line], codes: Mapping[str, str]) -> str:
    """Why there may be a visit beside those that are seen; empty where there is none."""
    outside = ", ".join(sorted(code for code in encounter.elsewhere if code in codes))
    if outside:
        return (
            f"{outside} stands on another claim of the day or without a clinician: it may be a second visit "
            f"beside {visits[0].code}"
        )
    return "a row that could not be read may be another visit" if encounter.incomplete else ""


def _judge(
    encounter: Encounter,
    context: Context,
    visits: list[Line],
    pairs: list[tuple[str, str]],
    convention: Convention,
    codes: Mapping[str, str],
) -> Finding:
    among = {code for pair in pairs for code in pair}
    visits = [line for line in visits if line.code in among]
    said = ", ".join(dict.fromkeys(line.code for line in visits))
    apart = named(_APART, context) or ()
    telling = sorted({modifier for line in visits for modifier in line.modifiers if modifier in apart})
    plain = Counter(line.code for line in visits if set(apart).isdisjoint(line.modifiers))
    if all(min(plain[one], plain[other]) < (2 if one == other else 1) for one, other in pairs):
        return finding(
            RULE,
            encounter,
            context,
            tuple(visits),
            f"the visits {said} are told apart by {', '.join(telling)}: the record must show two visits",
            outcome=Outcome.BYPASSED,
            severity=Severity.REVIEW,
            evidence=(convention.citation,),
        )
    one_setting = len({codes[line.code] for line in visits}) == 1
    provided = "its work is part of the other visit, and makes the level of that one"
    fixes = tuple(fix(FixKind.DROP_LINE, line, None, f"drop {line.code}", provided) for line in visits)
    asked = fix(
        FixKind.ASK,
        visits[-1],
        None,
        f"if there were two visits, each with its note, add {' or '.join(apart)}",
    )
    return finding(
        RULE,
        encounter,
        context,
        tuple(visits),
        f"several visits of one clinician and day: {said}; {convention.text}{unnamed(encounter)}",
        severity=Severity.WARNING if one_setting else Severity.REVIEW,
        evidence=(convention.citation,),
        denial=context.denial("same-day-two-em"),
        fixes=(asked, *fixes),
    )
