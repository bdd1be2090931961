"""A time bar written as SVG: the same bar gives the same text, byte by byte."""

import hashlib
from collections.abc import Sequence
from xml.etree import ElementTree as ET

from cptkit.timerule.pictures.layout import (
    LINE,
    NOSE,
    PAD,
    SIZE,
    Bar,
    Plan,
    arranged,
    clean,
    flag_end,
    label_room,
    text_width,
    wrapped,
)

__all__ = ["draw"]

_INK, _PALE, _SHADE = "#111111", "#ffffff", "#e6ecf3"


def draw(bar: Bar, width: int) -> str:
    """The picture as SVG text, ``width`` wide; what needs more room is drawn larger and scaled down."""
    plan = arranged(bar, width)
    # The ids of two pictures on one page must differ, and those of the same picture must not change.
    told = ET.tostring(_picture(bar, plan, width, ""), encoding="unicode")
    root = _picture(bar, plan, width, f"timebar-{hashlib.sha256(told.encode()).hexdigest()[:12]}")
    ET.indent(root)
    return ET.tostring(root, encoding="unicode") + "\n"


def _picture(bar: Bar, plan: Plan, width: int, uid: str) -> ET.Element:
    """The tree of the picture, from the title downwards."""
    room = plan.canvas - 2 * PAD
    root = ET.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "role": "img",
            "aria-labelledby": f"{uid}-title {uid}-desc",
            "style": "max-width:100%",
            "font-family": "Helvetica, Arial, sans-serif",
        },
    )
    ET.SubElement(root, "title", {"id": f"{uid}-title"}).text = clean(bar.title)
    ET.SubElement(root, "desc", {"id": f"{uid}-desc"}).text = clean(bar.described)
    _patterns(root, {each.look for each in bar.stretches}, uid)
    ground = ET.SubElement(root, "rect", {"fill": _PALE})
    y = float(PAD)
    for line in wrapped(bar.title, room, 16, bold=True):
        y += 20
        _write(root, PAD, y - 5, line, 16, bold=True)
    for line in wrapped(bar.caption, room, 12):
        y += LINE
        _write(root, PAD, y - 3, line, 12)
    y = _bar(root, bar, plan, _flags(root, plan, y + 8), uid)
    y = _axis(root, bar, plan, y)
    for note in bar.notes:
        y += 6
        for line in wrapped(note, room, 12):
            y += LINE
            _write(root, PAD, y - 4, line, 12)
    if bar.doubt:
        y += 10
        top = y
        for line in wrapped(bar.doubt, room - 12, 12, bold=True):
            y += LINE
            _write(root, PAD + 12, y - 4, line, 12, bold=True)
        _line(root, PAD + 2, top, PAD + 2, y, 3)
    high = round(y + PAD * 0.8)
    root.set("viewBox", f"0 0 {plan.canvas} {high}")
    root.set("width", str(width))
    root.set("height", str(round(high * width / plan.canvas)))
    ground.attrib |= {"width": str(plan.canvas), "height": str(high)}
    return root


def _patterns(root: ET.Element, looks: set[str], uid: str) -> None:
    """Hatching for nothing, rules for equally right answers, dots for what is not settled."""
    defs = ET.SubElement(root, "defs")
    for look, size, path in (
        ("nothing", 8, "M-2,2 L2,-2 M0,8 L8,0 M6,10 L10,6"),
        ("tie", 6, "M0,3 L6,3"),
        ("unsettled", 6, "M2,3 L4,3 M3,2 L3,4"),
    ):
        if look in looks:
            box = {"id": f"{uid}-{look}", "patternUnits": "userSpaceOnUse"}
            pattern = ET.SubElement(defs, "pattern", box | {"width": str(size), "height": str(size)})
            ET.SubElement(pattern, "rect", {"width": str(size), "height": str(size), "fill": _PALE})
            ET.SubElement(pattern, "path", {"d": path, "stroke": "#767676", "fill": "none"})


def _flags(root: ET.Element, plan: Plan, y: float) -> float:
    """The flags above the bar; answers the top of the bar."""
    rows = range(1 + max((flag.row for flag in plan.flags), default=-1))
    highs = [max(len(flag.lines) for flag in plan.flags if flag.row == row) * LINE + 4 for row in rows]
    top = y + sum(highs) + (14 if highs else 4)
    for flag in plan.flags:
        ceiling = top - 14 - sum(highs[: flag.row + 1])
        for place, line in enumerate(flag.lines, 1):
            _write(root, flag.text, ceiling + place * LINE - 2, line, bold=flag.bold)
        over = flag.text < flag.pole < flag_end(flag)
        start = ceiling + (len(flag.lines) * LINE + 3 if over else 2)
        _line(root, flag.pole, start, flag.pole, top, 2 if flag.is_pin else 1)
        if flag.is_pin:
            x = flag.pole
            _shape(root, [(x - 6, top - 11), (x + 6, top - 11), (x, top - 1)], fill=_INK)
    return top


def _bar(root: ET.Element, bar: Bar, plan: Plan, top: float, uid: str) -> float:
    """The stretches with their labels; answers the foot of the bar."""
    foot = top + max(46, max(len(label.lines) for label in plan.inside) * LINE + 16)
    here: list[tuple[float, float]] = []
    for place, (each, (left, right)) in enumerate(zip(bar.stretches, plan.edges, strict=True)):
        if each.look == "cut":
            _cut(root, left, right, top, foot)
        else:
            corners = [(left, top), (right, top), (right, foot), (left, foot)]
            if each.is_open:
                nose = (right, (top + foot) / 2)
                corners[1:3] = [(right - NOSE, top), nose, (right - NOSE, foot)]
            plain = _SHADE if place % 2 and each.length else _PALE
            _shape(root, corners, fill=plain if each.look == "plain" else f"url(#{uid}-{each.look})")
            here = corners if each.is_here else here
        if each.is_broken:
            x = left + 0.6 * (right - left)
            slant = [(x + 3, top - 4), (x + 11, top - 4), (x + 3, foot + 4), (x - 5, foot + 4)]
            ET.SubElement(root, "polygon", {"points": _points(slant), "fill": _PALE})
            _line(root, *slant[0], *slant[3], 1)
            _line(root, *slant[1], *slant[2], 1)
    if here:
        _shape(root, here, fill="none", stroke=4)
    for each, (left, right), label in zip(bar.stretches, plan.edges, plan.inside, strict=True):
        middle = left + label_room(each, right - left) / 2
        y = (top + foot - len(label.lines) * LINE) / 2
        if each.look not in {"plain", "cut"} and label.lines:
            wide = max(text_width(line, bold=label.bold) for line in label.lines) + 6
            size = {"width": _number(wide), "height": _number(len(label.lines) * LINE + 2), "fill": _PALE}
            ET.SubElement(root, "rect", {"x": _number(middle - wide / 2), "y": _number(y - 1)} | size)
        for line in label.lines:
            y += LINE
            _write(root, middle, y - 3.5, line, bold=label.bold, anchor="middle")
    return foot


def _cut(root: ET.Element, left: float, right: float, top: float, foot: float) -> None:
    """A place where stretches are left out: two torn edges."""
    step = (foot - top) / 6
    for x, inward in ((left, 5), (right, -5)):
        torn = [(x + inward * (turn % 2), top + turn * step) for turn in range(7)]
        line = {"points": _points(torn), "fill": "none", "stroke": _INK}
        ET.SubElement(root, "polyline", line)


def _axis(root: ET.Element, bar: Bar, plan: Plan, foot: float) -> float:
    """The first minute of each stretch under its left edge, in rows; answers the foot of the axis."""
    ends: list[float] = []
    for each, (left, _) in zip(bar.stretches, plan.edges, strict=True):
        half = text_width(str(each.first), 12) / 2
        row = next((row for row, end in enumerate(ends) if left - half >= end + 4), len(ends))
        ends[row : row + 1] = [left + half]
        _line(root, left, foot, left, foot + 6 + row * LINE, 1)
        _write(root, left, foot + 17 + row * LINE, str(each.first), 12, anchor="middle")
    _write(root, plan.canvas - PAD, foot + 17, bar.axis, 12, anchor="end")
    return foot + 6 + len(ends) * LINE


def _write(
    root: ET.Element,
    x: float,
    y: float,
    text: str,
    size: int = SIZE,
    *,
    bold: bool = False,
    anchor: str = "start",
) -> None:
    given = {"x": _number(x), "y": _number(y), "font-size": str(size), "fill": _INK}
    given |= {"font-weight": "bold"} if bold else {}
    given |= {"text-anchor": anchor} if anchor != "start" else {}
    ET.SubElement(root, "text", given).text = text


def _line(root: ET.Element, x1: float, y1: float, x2: float, y2: float, thick: int) -> None:
    ends = {"x1": _number(x1), "y1": _number(y1), "x2": _number(x2), "y2": _number(y2)}
    ET.SubElement(root, "line", ends | {"stroke": _INK, "stroke-width": str(thick)})


def _shape(root: ET.Element, corners: Sequence[tuple[float, float]], *, fill: str, stroke: int = 1) -> None:
    given = {"points": _points(corners), "fill": fill, "stroke": _INK, "stroke-width": str(stroke)}
    ET.SubElement(root, "polygon", given)


def _points(corners: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{_number(x)},{_number(y)}" for x, y in corners)


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
