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
from cptkit.errors import CptkitError, InvalidCode
from cptkit.modifiers import parse_service
from cptkit.rules.context import Context
from cptkit.rules.emit import by_shape, finding, fix
from cptkit.rules.findings import Finding, FixKind

RULE = ("COD101", "malformed-code")


def check(encounter: Encounter, context: Context) -> Iterator[Finding]:
    """One finding for every line whose code has no code's shape."""
    for line in encounter.lines:
        if context.record(line.code) is not None:
            continue
        try:
            parse(line.code)
        except InvalidCode as error:
            evidence, severity = by_shape(context, "code")
            yield finding(
                RULE,
                encounter,
                context,
                (line,),
                f"{line.code!r} is not a code: {_told(line.code, error)}",
                severity=severity,
                evidence=evidence,
                denial=context.denial("code-syntax"),
                fixes=(fix(FixKind.ASK, line, None, "enter the code that was documented"),),
            )


def _told(text: str, error: InvalidCode) -> str:
    try:
        service = parse_service(text)
    except CptkitError:
        return error.message
    if not service.modifiers:
        return error.message
    return f"it holds modifiers; the code is {service.code}, its modifiers {' '.join(service.modifiers)}"
