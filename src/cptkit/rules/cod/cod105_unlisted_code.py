"""A code stands for a service that has no code of its own.

Such an unlisted code says nothing of what was done. The claim must describe the service, and a payer asks for
the record; where a code fits, of Category III too, that one is reported instead.

**Fails**: ``97039``; ``64999``.

**Passes**: ``97032``.

**Cure**: describe the service on the claim and have the record ready, or report the code that fits.

**Not checked**: codes of the list on days before it was read.

**Limits**: a review, as a line carries no description. The unlisted codes are those that were read; of others
nothing is said, nor of any where the edition has no list. Codes of HCPCS that name no service of their own are not among them.
"""

from collections.abc import Iterable, Iterator

from cptkit.claims import Encounter, Line
from cptkit.codesets import Convention
from cptkit.rules.context import Context
from cptkit.rules.emit import finding, fix, not_checked
from cptkit.rules.findings import Finding, FixKind, NotChecked, Severity
from cptkit.rules.kinds import codes_of, codes_without_a_fact

RULE = ("COD105", "unlisted-code")

_UNLISTED = "unlisted-codes"


def check(encounter: Encounter, context: Context) -> Iterable[Finding | NotChecked]:
    """One finding for every line with an unlisted code."""
    unlisted = context.convention(_UNLISTED)
    codes = codes_without_a_fact(_UNLISTED, context) if unlisted is None else codes_of(unlisted.value)
    lines = [line for line in encounter.lines if line.code in codes]
    if not lines:
        return ()
    if unlisted is None:
        reason = f"which codes are unlisted ones is not on record for {context.day}"
        return (not_checked(RULE, encounter, tuple(lines), reason),)
    return _check(encounter, context, lines, unlisted)


def _check(
    encounter: Encounter, context: Context, lines: list[Line], unlisted: Convention
) -> Iterator[Finding]:
    for line in lines:
        yield finding(
            RULE,
            encounter,
            context,
            (line,),
            f"{line.code} stands for a service without a code of its own: the claim must describe it",
            severity=Severity.REVIEW,
            evidence=(unlisted.citation,),
            denial=context.denial("code-unlisted-no-description"),
            fixes=(
                fix(FixKind.ASK, line, None, "describe the service on the claim, and have the record ready"),
                fix(FixKind.ASK, line, None, "or report the code that fits, of Category III too"),
            ),
        )
