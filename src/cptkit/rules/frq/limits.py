"""How often a payer pays: the limits that a profile sets, and what is counted against them."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator

from cptkit.claims import Encounter, Line
from cptkit.history import PastLine
from cptkit.rules.context import Context
from cptkit.rules.emit import not_checked, number
from cptkit.rules.findings import Finding, NotChecked
from cptkit.rules.profiles.context import payer_facts
from cptkit.rules.profiles.payer_facts import PayerFact

__all__ = ["among", "called", "judged", "most_allowed", "others", "said"]

_SHOWN = 3


def _limits(
    encounter: Encounter, context: Context, names: frozenset[str]
) -> tuple[tuple[PayerFact, tuple[Line, ...]], ...] | None:
    """The payer's limits on codes of the encounter, with the lines; None where no profile sets any."""
    by_code = payer_facts(context, names)
    if by_code is None:
        return None
    found: dict[str, PayerFact] = {}
    for line in encounter.lines:
        if line.code in by_code:
            found.update((fact.convention.name, fact) for fact in by_code[line.code])
    if not found:
        return ()
    facts = (fact for _, fact in sorted(found.items()))
    told = ((fact, tuple(among(fact, encounter.lines))) for fact in facts)
    return tuple((fact, lines) for fact, lines in told if lines)


def judged(
    rule: tuple[str, str],
    names: frozenset[str],
    judge: Callable[[Encounter, Context, PayerFact, tuple[Line, ...]], Iterator[Finding | NotChecked]],
    encounter: Encounter,
    context: Context,
) -> Iterator[Finding | NotChecked]:
    """What a rule says of each limit of the names; what is not on record is *not checked*."""
    found = _limits(encounter, context, names)
    if found is None:
        yield _unknown_limit(rule, encounter, encounter.lines, None)
        return
    for fact, lines in found:
        if fact.known:
            yield from judge(encounter, context, fact, lines)
        else:
            yield _unknown_limit(rule, encounter, lines, fact)


def among(fact: PayerFact, lines: Iterable[Line]) -> Iterator[Line]:
    """The lines that count against a limit; those that take units back do not."""
    return (line for line in lines if line.code in fact.codes and line.units > 0)


def others(
    fact: PayerFact, encounter: Encounter, first_day: dt.date, last_day: dt.date
) -> list[PastLine] | None:
    """All that counts against a limit in a span of days, the encounter's own lines too; None without a history."""
    past = encounter.past
    if past is None:
        return None
    return [
        each
        for each in past.between(first_day, last_day)
        if each.claim.setting is encounter.setting and each.line.code in fact.codes and each.line.units > 0
    ]


def called(each: PastLine) -> str:
    """A line that stands elsewhere, by claim, line and day."""
    return f"{each.name} on {each.line.date_of_service}"


def said(fact: PayerFact, lines: Iterable[Line], total: int, elsewhere: Iterable[str] = ()) -> str:
    """What was counted: codes, the number, and the lines that stand elsewhere, by name."""
    codes = ", ".join(sorted({line.code for line in lines}))
    what = fact.heading.partition("-")[0]
    text = f"{codes}: {number(total)} {what if total != 1 else what.removesuffix('s')}"
    names = list(elsewhere)
    if names:
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        text += f", with {', '.join(names[:_SHOWN])}{more}"
    return text


def most_allowed(fact: PayerFact, span: str) -> str:
    """What the payer pays, in words."""
    return f"the payer {'usually ' if fact.usually else ''}pays {fact.most} {span}"


def _unknown_limit(
    rule: tuple[str, str], encounter: Encounter, lines: tuple[Line, ...], fact: PayerFact | None
) -> NotChecked:
    """Lines whose limit is not on record for the day, or under any profile."""
    if fact is None:
        return not_checked(rule, encounter, lines, "no profile says how much of a service the payer pays")
    what = fact.heading.replace("-", " ")
    reason = f"how many {what} the payer pays is not on record for {encounter.date_of_service}"
    return not_checked(rule, encounter, lines, reason)
