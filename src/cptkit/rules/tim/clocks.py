"""Clock times of one clinician that hold more minutes than there are between start and stop."""

from collections.abc import Iterable, Iterator
from itertools import combinations

import attrs

from cptkit.claims import Encounter, Line
from cptkit.rules.context import Context
from cptkit.rules.tim.sessions import Session, clock_of, documented_minutes, sessions

__all__ = ["Block", "between", "crowded", "excess"]


@attrs.frozen(slots=True)
class Block:
    """Lines of one session whose clocks hang together: first and last second, and the minutes within."""

    start: int
    stop: int
    minutes: int
    session: Session
    lines: tuple[Line, ...]


def crowded(encounter: Encounter, context: Context) -> tuple[tuple[Block, ...], ...]:
    """Every two blocks that share minutes, and those several that only fit in pairs."""
    if all(line.start is None for line in encounter.lines):
        return ()
    own = [
        session for session in sessions(encounter, context) if session.rule.family.performer == "clinician"
    ]
    if len(own) < 2:
        return ()
    blocks = sorted(
        (block for session in own for block in _blocks(session)), key=lambda block: (block.start, block.stop)
    )
    pairs = list(_pairs(blocks))
    return (*pairs, *_crowds(blocks, pairs))


def _blocks(session: Session) -> Iterator[Block]:
    """The lines of a session with clocks, those that overlap in one block."""
    # a visit without minutes may be levelled otherwise, and its clock hold other services
    free = session.rule.optional and all(line.minutes is None for line in session.lines)
    lines = () if free else session.lines
    clocked = [(clock, line) for line in lines if (clock := clock_of(line)) is not None]
    clocked.sort(key=lambda given: given[0])
    held: list[Line] = []
    start = stop = 0
    for (first, last), line in clocked:
        if held and first >= stop:
            yield _block(session, start, stop, held)
            held = []
        if not held:
            start, stop = first, last
        held.append(line)
        stop = max(stop, last)
    if held:
        yield _block(session, start, stop, held)


def _block(session: Session, start: int, stop: int, lines: list[Line]) -> Block:
    # minutes that no clock holds are those of TIM404 and TIM405, not of the service beside it
    minutes = documented_minutes(line for line in lines if line.minutes is None or line.minutes >= 0)
    return Block(start, stop, min(minutes or 0, (stop - start) // 60), session, tuple(lines))


def excess(blocks: tuple[Block, ...]) -> int:
    """The minutes that do not fit between the first start and the last stop."""
    minutes = sum(block.minutes for block in blocks)
    return minutes - between(min(block.start for block in blocks), max(block.stop for block in blocks))


def between(start: int, stop: int) -> int:
    """The minutes between two seconds, a started one for whole."""
    return -((start - stop) // 60)


def _pairs(blocks: list[Block]) -> Iterator[tuple[Block, ...]]:
    """Every two blocks whose minutes do not fit beside each other; those of one session never overlap."""
    for place, one in enumerate(blocks, start=1):
        for other in blocks[place:]:
            if other.start >= one.stop:
                break
            if not _is_repeat((one, other)) and excess((one, other)) > 0:
                yield one, other


def _is_repeat(blocks: Iterable[Block]) -> bool:
    """Whether the lines are those that DUP601 finds: one code with the same modifiers."""
    return len({(line.code, tuple(sorted(line.modifiers))) for block in blocks for line in block.lines}) == 1


def _crowds(blocks: list[Block], pairs: list[tuple[Block, ...]]) -> Iterator[tuple[Block, ...]]:
    """Blocks of which each two fit, and not all together, within the shortest span."""
    spans: list[tuple[int, int]] = []
    by_stop = sorted(blocks, key=lambda block: block.stop)
    for start in sorted({block.start for block in blocks}):
        minutes = 0
        first = by_stop[-1].stop
        for block in by_stop:
            if block.start < start:
                continue
            minutes, first = minutes + block.minutes, min(first, block.start)
            if minutes > between(first, block.stop):
                # a shorter span within says more exactly what does not fit
                spans = [span for span in spans if span[1] < block.stop]
                spans.append((start, block.stop))
                break
    told = [{id(block) for block in pair} for pair in pairs]
    for start, stop in spans:
        crowd = tuple(block for block in blocks if start <= block.start and block.stop <= stop)
        held = {id(block) for block in crowd}
        if not any(pair <= held for pair in told) and not any(map(_is_repeat, combinations(crowd, 2))):
            yield crowd
