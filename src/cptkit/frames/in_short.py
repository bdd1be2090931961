"""What was read, checked and found, in short: the same text of a table and of Spark's."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from cptkit.rules.headline import is_unjudged
from cptkit.wording import counted

if TYPE_CHECKING:
    from cptkit.frames.sources import BrokenFile

__all__ = ["UNREAD", "in_short"]

UNREAD = "what was not read of a broken file may belong to patients' days that were judged: findings there may be wrong or missing"
"""Said where files of a folder are broken that are judged as one table."""

_REASONS_SHOWN = 10
_UNCHECKED_SHOWN = 5


def in_short(
    *,
    rows: int,
    lines: int,
    rejects: Mapping[str, int],
    findings: Mapping[tuple[str, str], int],
    unchecked: Sequence[tuple[str, str, int]],
    left_out: Sequence[str],
    broken: "Sequence[BrokenFile]" = (),
    kept: str = "",
) -> str:
    """The text, a thing a line.

    :param rejects: how many cells were rejected, by reason.
    :param findings: how many there are by rule and outcome, in the order in which they are told.
    :param unchecked: rules and reasons, and how many lines each did not check.

    >>> print(in_short(rows=3, lines=2, rejects={"no code": 1}, findings={}, unchecked=[], left_out=["PTP701"]))
    3 rows read: 2 lines checked, 1 rejected
    rejected 1 time: no code
    nothing was left unchecked by the rules that ran
    left out, as what they answer from is not there: PTP701
    """
    told = [
        f"{counted(rows, 'row')} read: {counted(lines, 'line')} checked, {sum(rejects.values()):,} rejected"
    ]
    reasons = sorted(rejects.items(), key=lambda each: (-each[1], each[0]))
    told += [f"rejected {counted(count, 'time')}: {reason}" for reason, count in reasons[:_REASONS_SHOWN]]
    if rest := reasons[_REASONS_SHOWN:]:
        told.append(f"rejected {counted(sum(count for _, count in rest), 'time')} for other reasons")
    told += [f"{each.path}: {each.reason}, after {counted(each.rows_read, 'row')}" for each in broken]
    told += [UNREAD] if broken else []
    if is_unjudged(lines, ((rule, count) for rule, _, count in unchecked)):
        told.append("no line could be judged")
    told += [f"{rule} {outcome:<8} {count:>12,}" for (rule, outcome), count in findings.items()]
    told += _not_checked(unchecked)
    if left_out:
        told.append(f"left out, as what they answer from is not there: {', '.join(left_out)}")
    if kept:
        told.append(kept)
    return "\n".join(told)


def _not_checked(unchecked: Sequence[tuple[str, str, int]]) -> list[str]:
    """How often, and the commonest reasons."""
    if not unchecked:
        return ["nothing was left unchecked by the rules that ran"]
    times, reasons = sum(count for *_, count in unchecked), counted(len(unchecked), "reason")
    shown = sorted(unchecked, key=lambda each: (-each[2], each[:2]))[:_UNCHECKED_SHOWN]
    told = [f"not checked: {counted(times, 'time')} a rule and a line, for {reasons}"]
    told += [f"  {rule}, {counted(count, 'line')}: {reason}" for rule, reason, count in shown]
    if rest := len(unchecked) - len(shown):
        told.append(f"  and {counted(rest, 'more reason')}")
    return told
