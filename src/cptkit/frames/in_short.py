"""What was read, checked and found, in short: the same text of a table and of Spark's."""

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cptkit.frames.sources import BrokenFile

__all__ = ["in_short", "many"]

_REASONS_SHOWN = 10


def in_short(
    *,
    rows: int,
    lines: int,
    rejects: Mapping[str, int],
    findings: Mapping[tuple[str, str], int],
    unchecked: Collection[int],
    left_out: Sequence[str],
    broken: "Sequence[BrokenFile]" = (),
    kept: str = "",
) -> str:
    """The text.

    :param rejects: how many cells were rejected, by reason.
    :param findings: how many there are by rule and outcome, in the order in which they are told.
    :param unchecked: for each reason how many lines a rule did not check.
    """
    told = [f"{many(rows, 'row')} read: {many(lines, 'line')} checked, {sum(rejects.values()):,} rejected"]
    reasons = sorted(rejects.items(), key=lambda each: (-each[1], each[0]))
    told += [f"rejected {many(count, 'time')}: {reason}" for reason, count in reasons[:_REASONS_SHOWN]]
    if rest := reasons[_REASONS_SHOWN:]:
        told.append(f"rejected {many(sum(count for _, count in rest), 'time')} for other reasons")
    told += [f"{each.path}: {each.reason}, after {many(each.rows_read, 'row')}" for each in broken]
    told += [f"{rule} {outcome:<8} {count:>12,}" for (rule, outcome), count in findings.items()]
    told.append(
        f"not checked: {many(sum(unchecked), 'time')} a rule and a line, for {many(len(unchecked), 'reason')}"
    )
    if left_out:
        told.append(f"left out, as there is nothing to answer from: {', '.join(left_out)}")
    if kept:
        told.append(kept)
    return "\n".join(told)


def many(number: int, thing: str) -> str:
    """A number of things."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"
