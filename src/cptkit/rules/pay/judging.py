"""What each rule of a payer's own facts does alike: the facts of a line, and what it says without them."""

from collections.abc import Callable, Iterator

from cptkit.claims import Encounter, Line
from cptkit.rules.context import Context
from cptkit.rules.emit import not_checked
from cptkit.rules.findings import Finding, NotChecked
from cptkit.rules.profiles.context import payer_facts
from cptkit.rules.profiles.payer_facts import ALL_CODES, PayerFact

__all__ = ["judged"]


def judged(
    rule: tuple[str, str],
    heading: str,
    asked: str,
    judge: Callable[[Encounter, Context, PayerFact, Line], Iterator[Finding | NotChecked]],
    encounter: Encounter,
    context: Context,
) -> Iterator[Finding | NotChecked]:
    """What a rule says of each line and fact of a heading; what is not on record is *not checked*.

    Line by line, since lines of other claims may stand in the encounter. ``asked``: what the facts tell.
    """
    by_code = payer_facts(context, frozenset({heading}))
    if by_code is None:
        yield not_checked(rule, encounter, encounter.lines, f"no profile says {asked}")
        return
    for line in encounter.lines:
        for fact in (*by_code.get(line.code, ()), *by_code.get(ALL_CODES, ())):
            if fact.known:
                yield from judge(encounter, context, fact, line)
            else:
                told = f"{asked} is not on record for {encounter.date_of_service}"
                yield not_checked(rule, encounter, (line,), told)
