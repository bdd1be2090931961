"""A modifier is not in force on the date of service.

**Fails**: ``90837-SZ`` on 2026-03-02 (last day 2017-12-31); ``90837-93`` on 2021-12-31.

**Passes**: ``90837-93`` on 2022-01-01.

**Cure**: remove it, or use the modifier that the payer expects on that date.

**Not checked**: days before the record of a modifier begins.

**Limits**: dates only. Whether the modifier fits the code is another question.
"""

from collections.abc import Iterator

from cptkit.claims import Encounter, Line
from cptkit.rules.context import Context
from cptkit.rules.emit import finding, not_checked, removal
from cptkit.rules.findings import Finding, NotChecked

RULE = ("MOD203", "modifier-not-in-force")


def check(encounter: Encounter, context: Context) -> Iterator[Finding | NotChecked]:
    """One finding for every listed modifier that has ended or not yet begun."""
    for line in encounter.lines:
        for modifier in dict.fromkeys(line.modifiers):
            yield from _judge(encounter, context, line, modifier)


def _judge(
    encounter: Encounter, context: Context, line: Line, modifier: str
) -> Iterator[Finding | NotChecked]:
    status = context.modifier_standing(modifier)
    if status is None:
        return
    if status.in_force is None:
        yield not_checked(RULE, encounter, (line,), status.reason)
    elif not status.in_force:
        ended = status.last_day is not None and status.last_day < encounter.date_of_service
        when = f"its last day was {status.last_day}" if ended else f"it starts on {status.first_day}"
        yield finding(
            RULE,
            encounter,
            context,
            (line,),
            f"modifier {modifier} is not in force on {encounter.date_of_service}: {when}",
            evidence=(status.citation,),
            denial=context.denial("modifier-invalid-on-date"),
            fixes=(removal(line, modifier),),
        )
