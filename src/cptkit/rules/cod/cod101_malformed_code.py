"""The code cannot be a CPT or HCPCS code.

A code is five characters: digits, with one letter behind for some CPT categories or in front for
HCPCS Level II. Anything else is rejected before a payer reads further.

**Fails**: ``9083`` (four characters), ``A012T`` (a letter on both ends), ``9O834`` (a letter O).

**Passes**: ``90834``, ``G2212``, ``0373T``.

**Cure**: correct the code. The rule never guesses which code was meant.

**Limits**: shape only. Whether the code exists on the date is COD102.
"""

from collections.abc import Iterator

from cptkit.claims import Encounter
from cptkit.codes import parse
from cptkit.errors import InvalidCode
from cptkit.rules.context import Context
from cptkit.rules.emit import finding
from cptkit.rules.findings import Finding, Fix, FixKind

RULE = ("COD101", "malformed-code")


def check(encounter: Encounter, context: Context) -> Iterator[Finding]:
    """One finding for every line whose code has no code's shape."""
    for line in encounter.lines:
        if context.record(line.code) is not None:
            continue
        try:
            parse(line.code)
        except InvalidCode as error:
            yield finding(
                RULE,
                encounter,
                context,
                (line,),
                f"{line.code!r} is not a code: {error.message}",
                denial=context.denial("code-syntax"),
                fixes=(Fix(FixKind.ASK, line.id, None, "enter the code that was documented"),),
            )
