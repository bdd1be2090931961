"""The same minutes are counted for two services of one clinician.

A minute belongs to one reported service. Where lines of two services have clock times that overlap, and
their minutes do not fit beside each other between the first start and the last stop, some are counted
twice. Several lines may share one clock, such as that of the whole visit, as long as their minutes fit in.

**Fails**: ``90834`` from 10:00 to 10:45 and ``96116`` from 10:30 to 11:30 (15 minutes); three services of
15 minutes each, all from 10:00 to 10:30.

**Passes**: ``90834`` from 10:00 to 10:45 and ``96116`` from 10:45 to 11:45; two services of 15 minutes, both
from 10:00 to 10:30; ``97153`` of a technician while the clinician gives ``97155``.

**Cure**: correct the times, or report the minutes once. A level that rests on decision making needs no
minutes, so those of the other service may lie within the visit.

**Limits**: a visit without minutes may be levelled otherwise: its clock counts for nothing. Only lines with a
start and a stop, of codes whose time is the reporting clinician's own; that of
staff, technicians and infusions may run beside it. Lines of one session, such as a base and its add-on,
are counted once by the other rules; the same line twice is DUP601's.
"""

from collections.abc import Iterator

from cptkit.claims import Encounter
from cptkit.rules.columns import NONE, Asked, Encounters
from cptkit.rules.context import Context
from cptkit.rules.emit import finding, fix, unnamed
from cptkit.rules.findings import Finding, FixKind, Severity
from cptkit.rules.tim.clocks import Block, between, crowded, excess
from cptkit.rules.tim.wording import counted
from cptkit.sources import Confidence

RULE = ("TIM407", "minutes-counted-twice")


def check(encounter: Encounter, context: Context) -> Iterator[Finding]:
    """One finding for every two blocks of lines that share minutes, and for several that fit in pairs only."""
    for blocks in crowded(encounter, context):
        yield _finding(encounter, context, blocks)


def _finding(encounter: Encounter, context: Context, blocks: tuple[Block, ...]) -> Finding:
    lines = tuple(line for line in encounter.lines if any(line in block.lines for block in blocks))
    start, stop = min(block.start for block in blocks), max(block.stop for block in blocks)
    over, held = excess(blocks), between(start, stop)
    *codes, last = (line.code for line in lines)
    message = (
        f"{', '.join(codes)} and {last} have {over + held} minutes between {_clock(start)} and {_clock(stop)}, "
        f"which hold {held}: {counted(over, 'minute')} twice"
    )
    levels = dict.fromkeys(
        line.code
        for block in blocks
        if block.session.rule.optional
        for line in block.lines
        if line.code in block.session.heads
    )
    if levels:
        message += f"; the level of {' and '.join(levels)} may rest on decision making, and then needs none"
    principle = context.principle("no-minute-twice")
    rules = (block.session.rule.citation for block in blocks)
    evidence = tuple(dict.fromkeys(rules)) if principle is None else (principle.citation,)
    certain = principle is not None and principle.citation.confidence is Confidence.VERIFIED
    on_time = all(block.session.rests_on_time and not block.session.rule.optional for block in blocks)
    return finding(
        RULE,
        encounter,
        context,
        lines,
        message + unnamed(encounter),
        severity=Severity.ERROR if certain and on_time else Severity.WARNING,
        evidence=evidence,
        denial=context.denial("units-not-supported-by-time"),
        fixes=(
            fix(FixKind.ASK, lines[0], None, "correct the times from the record, or count the minutes once"),
        ),
    )


def _clock(second: int) -> str:
    return f"{second // 3600 % 24:02}:{second // 60 % 60:02}"


def columns(block: Encounters) -> Asked:
    """The encounters with several lines that have a start and a stop."""
    import numpy as np

    timed = (block.start != NONE) & (block.stop != NONE)
    count = np.add.reduceat(timed, block.starts[:-1], dtype=np.int64) if len(block) else block.starts[:-1]
    return Asked(*block.whole(np.flatnonzero(count > 1)))
