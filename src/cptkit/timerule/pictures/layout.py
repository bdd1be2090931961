"""Where everything on a time bar goes, so that no text touches another.

Nothing here knows a code or a rule, nor how a picture is written. A bar is a row of stretches; a label
that does not fit into its stretch flies above it as a flag on a pole.
"""

import unicodedata
from collections.abc import Sequence

import attrs

__all__ = [
    "LINE",
    "NOSE",
    "PAD",
    "SIZE",
    "Bar",
    "Flag",
    "Label",
    "Plan",
    "Stretch",
    "arranged",
    "clean",
    "flag_end",
    "label_room",
    "text_width",
    "wrapped",
]

PAD, LINE, SIZE = 20, 16, 13
"""The margin, the height of a line and the size of the text, in pixels."""

NOSE = 14
"""The length of the arrow head of an open end, in pixels."""

_GAP, _MOST_LINES = 34, 5
_WIDE, _NARROW = frozenset("mwMW@%&"), frozenset("ijlftIr.,:;'|!()[] -")


@attrs.frozen(slots=True)
class Stretch:
    """A stretch of the bar: a band, or a place where the bar is cut (``length`` 0).

    ``labels`` are ways to break its label into lines, the widest first; ``flags`` are those to use
    outside the bar. ``look`` names the pattern. ``length`` is in minutes; the last stretch is open and
    may be ``broken``, with the session behind the break.
    """

    first: int
    length: int
    labels: tuple[tuple[str, ...], ...]
    flags: tuple[tuple[str, ...], ...] = ()
    look: str = "plain"
    is_here: bool = False
    is_open: bool = False
    is_broken: bool = False


@attrs.frozen(slots=True)
class Bar:
    """All that is written on a picture; ``at`` is the minute of the session, ``pin`` what stands there."""

    title: str
    described: str
    caption: str
    axis: str
    stretches: tuple[Stretch, ...]
    notes: tuple[str, ...] = ()
    doubt: str = ""
    at: int | None = None
    pin: str = ""


@attrs.frozen(slots=True)
class Label:
    """A label within its stretch, in lines."""

    lines: tuple[str, ...]
    bold: bool = False


@attrs.frozen(slots=True)
class Flag:
    """A label above the bar: its pole, its lines, where its text starts, its row counted upwards."""

    pole: float
    text: float
    lines: tuple[str, ...]
    is_pin: bool
    bold: bool
    row: int = 0


@attrs.frozen(slots=True)
class Plan:
    """Where everything goes: the edges of the stretches, the label in each, the flags above."""

    canvas: int
    edges: tuple[tuple[float, float], ...]
    inside: tuple[Label, ...]
    flags: tuple[Flag, ...]


def text_width(text: str, size: float = SIZE, *, bold: bool = False) -> float:
    """The width of a text, rather too wide than too narrow: fonts differ from reader to reader."""
    return sum(map(_em, text)) * size * (1.1 if bold else 1.0)


def _em(char: str) -> float:
    if char in _WIDE or unicodedata.east_asian_width(char) in "WF":
        return 1.0
    return 0.42 if char in _NARROW else 0.64


def clean(text: str) -> str:
    """The text on one line, without what XML cannot hold."""
    return "".join(
        "\ufffd" if unicodedata.category(char) in {"Cc", "Cs"} or char in "\ufffe\uffff" else char
        for char in " ".join(text.split())
    )


def wrapped(text: str, room: float, size: float = SIZE, *, bold: bool = False) -> tuple[str, ...]:
    """The text in lines no wider than the room; a word that is wider alone is cut."""
    lines = [""]
    for word in clean(text).split():
        joined = f"{lines[-1]} {word}".strip()
        if text_width(joined, size, bold=bold) <= room:
            lines[-1] = joined
            continue
        lines.append("")
        for char in word:
            if text_width(lines[-1] + char, size, bold=bold) > room:
                lines.append("")
            lines[-1] += char
    return tuple(line for line in lines if line)


def arranged(bar: Bar, width: int) -> Plan:
    """The places of everything on a canvas of that width, or of the next wider one that has room."""
    canvas = max(width, 2 * PAD + 200)
    while True:
        for tail in (96, 140, 180):
            if (plan := _plan(bar, canvas, tail)) is not None:
                return plan
        canvas = canvas * 9 // 8


def _plan(bar: Bar, canvas: int, tail: int) -> Plan | None:
    """The places of everything on a canvas; None if it is too narrow for that."""
    edges = _edges(bar.stretches, canvas, tail)
    if edges is None:
        return None
    inside: list[Label] = []
    flags: list[Flag] = []
    for each, (left, right) in zip(bar.stretches, edges, strict=True):
        label = _fitting(each, label_room(each, right - left) - 8)
        inside.append(label or Label(()))
        if label is None:
            middle = (left + right) / 2
            tried = (Flag(middle, middle + 5, lines, is_pin=False, bold=each.is_here) for lines in each.flags)
            flag = next((flag for flag in tried if flag_end(flag) <= canvas - PAD), None)
            if flag is None:
                return None
            flags.append(flag)
    flown = _flown(flags, _place(bar, edges), bar.pin, canvas - PAD)
    return None if flown is None else Plan(canvas, edges, tuple(inside), flown)


def _fitting(stretch: Stretch, room: float) -> Label | None:
    """The first of the labels that fits, in bold for the session if that fits too.

    A label of many lines flies as a flag instead, where it can.
    """
    for lines in stretch.labels:
        if len(lines) <= _MOST_LINES or not stretch.flags:
            for bold in (True, False) if stretch.is_here else (False,):
                if all(text_width(line, bold=bold) <= room for line in lines):
                    return Label(lines, bold)
    return None


def flag_end(flag: Flag) -> float:
    """Where the text of a flag ends."""
    return flag.text + max(text_width(line, bold=flag.bold) for line in flag.lines)


def label_room(stretch: Stretch, wide: float) -> float:
    """The room for a label: an open end has an arrow head, a broken one the session behind the break."""
    if stretch.is_broken:
        return wide * 0.5
    return wide - NOSE if stretch.is_open else wide


def _edges(stretches: Sequence[Stretch], canvas: int, tail: int) -> tuple[tuple[float, float], ...] | None:
    """The left and right edge of each stretch: as long as its minutes say, but never too short to see."""
    least = [_least(stretches, place, tail) for place in range(len(stretches))]
    room = canvas - 2 * PAD
    if sum(least) > room:
        return None
    free = {place for place, each in enumerate(stretches) if each.length}
    scale = _scale(stretches, least, free, room)
    while short := {place for place in free if stretches[place].length * scale < least[place] - 0.01}:
        free -= short
        scale = _scale(stretches, least, free, room)
    edges: list[tuple[float, float]] = []
    at = float(PAD)
    for place, each in enumerate(stretches):
        wide = each.length * scale if place in free else least[place]
        edges.append((at, at + wide))
        at += wide
    return tuple(edges)


def _scale(stretches: Sequence[Stretch], least: Sequence[float], free: set[int], room: float) -> float:
    """Pixels a minute for the stretches that need not be stretched to their least width."""
    taken = sum(wide for place, wide in enumerate(least) if place not in free)
    return (room - taken) / sum(stretches[place].length for place in free)


def _least(stretches: Sequence[Stretch], place: int, tail: int) -> float:
    each = stretches[place]
    if each.is_broken:
        return max(tail, 170)
    if each.is_open:
        return tail
    # Half a number reaches into its stretch from either side; a line to a lower row must pass between.
    numbers = (near.first for near in stretches[place : place + 2])
    number = max(text_width(str(first), 12) for first in numbers)
    return max(22, number / 2 + 6) if each.length else max(_GAP, number + 8)


def _place(bar: Bar, edges: Sequence[tuple[float, float]]) -> float | None:
    """Where the session stands: the middle of its minute."""
    if bar.at is None:
        return None
    place = next(place for place, each in enumerate(bar.stretches) if each.is_here)
    each, (left, right) = bar.stretches[place], edges[place]
    if each.is_broken:
        return left + 0.8 * (right - left)
    end = right - (NOSE if each.is_open else 0)
    exact = left + (bar.at - each.first + 0.5) / each.length * (end - left)
    return min(max(exact, left + 4), end - 4)


def _flown(flags: Sequence[Flag], pole: float | None, pin: str, end: float) -> tuple[Flag, ...] | None:
    """The flags and the session's pin in rows; None if there is no room for the pin."""
    if pole is None:
        return _stacked(flags)
    wide = text_width(pin, bold=True)
    for text in (min(max(pole - wide / 2, PAD), end - wide), pole + 7):
        # A pole to the left of the pin's own would run through its text.
        if text + wide <= end and not any(text - 4 < flag.pole < pole for flag in flags):
            return _stacked([*flags, Flag(pole, text, (pin,), is_pin=True, bold=True)])
    return None


def _stacked(flags: Sequence[Flag]) -> tuple[Flag, ...]:
    """The flags in rows: one that flies over the pole of another to its right stands in a higher row."""
    placed: list[Flag] = []
    for flag in sorted(flags, key=lambda flag: (-flag.pole, flag.is_pin)):
        under = [other.row for other in placed if min(other.pole, other.text) < flag_end(flag) + 8]
        placed.append(attrs.evolve(flag, row=1 + max(under, default=-1)))
    return tuple(placed)
