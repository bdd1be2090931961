"""The rules of a check, and which of them may say something of given lines."""

from collections.abc import Iterable

import attrs

from cptkit.claims import Line
from cptkit.rules.registry import Rule

__all__ = ["Run"]

_KINDS = ({""}, {"", "modifiers"}, {"", "places"}, {"", "modifiers", "places"})


def _ids(run: "Run") -> tuple[str, ...]:
    return tuple(rule.row.id for rule in run.rules)


def _fitting(run: "Run") -> tuple[tuple[Rule, ...], ...]:
    return tuple(tuple(rule for rule in run.rules if rule.row.looks_at in kind) for kind in _KINDS)


@attrs.frozen(slots=True, eq=False)
class Run:
    """Rules that run, their ids, and the ids of those left out for want of what they answer from.

    ``fitting``: the rules of lines without modifiers and places, with modifiers, with places, and with both.
    """

    rules: tuple[Rule, ...]
    left_out: tuple[str, ...]
    ids: tuple[str, ...] = attrs.field(default=attrs.Factory(_ids, takes_self=True), init=False)
    fitting: tuple[tuple[Rule, ...], ...] = attrs.field(
        default=attrs.Factory(_fitting, takes_self=True), init=False
    )

    def of(self, lines: Iterable[Line]) -> tuple[Rule, ...]:
        """The rules that may say something of such lines."""
        place = 0
        for line in lines:
            if line.modifiers:
                place |= 1
            if line.place_of_service is not None:
                place |= 2
        return self.fitting[place]
