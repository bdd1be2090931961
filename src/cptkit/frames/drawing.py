"""What the charts of ``cptkit.frames.plots`` are drawn with: axes, bars in greys, and the line below a chart."""

import re
import textwrap
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any, TypeAlias

from cptkit.errors import InvalidReport, NotInstalled
from cptkit.frames.arrow import Table, pa

__all__ = [
    "DARK",
    "FILLS",
    "LIGHT",
    "PALE",
    "Axes",
    "axes_or_new",
    "finished",
    "height_of",
    "left_out",
    "lying",
    "months_between",
    "rows_of",
    "said",
    "shares",
    "standing",
]

Axes: TypeAlias = Any
"""The axes of matplotlib."""

DARK, MIDDLE, LIGHT, PALE = "0.25", "0.55", "0.78", "0.92"
FILLS = ((DARK, ""), (LIGHT, "///"), (PALE, ""), (MIDDLE, "..."), (PALE, "xxx"), (LIGHT, ""))
_DIGEST = re.compile(r"(\S+) sha256:([0-9a-f]{8})[0-9a-f]*")
_BAR = 0.75
_WHOLE = 100.0  # per cent
_LONGEST = 46  # characters of a label: a family and its section


def matplotlib(module: str) -> Any:
    try:
        return import_module(f"matplotlib.{module}")
    except ImportError as error:
        raise NotInstalled(
            "cptkit.frames.plots needs matplotlib, which is not installed",
            given="matplotlib",
            expected="the extra plots: pip install cptkit[plots]",
        ) from error


def axes_or_new(axes: Axes | None, height: float = 4.2) -> Axes:
    """The axes given, or new ones; those need no window, and nothing keeps them once they are let go."""
    if axes is not None:
        if not hasattr(axes, "barh"):
            raise InvalidReport(
                "these are no axes of matplotlib",
                given=type(axes).__name__,
                expected="such as figure.add_subplot() gives",
            )
        return axes
    figure = matplotlib("figure").Figure(figsize=(7.2, height), layout="constrained")
    matplotlib("backends.backend_agg").FigureCanvasAgg(figure)
    figure.get_layout_engine().set(w_pad=0.1, h_pad=0.1)
    return figure.add_subplot()


def height_of(bars: int) -> float:
    """How high a figure of so many lying bars is, in inches."""
    return 1.7 + 0.26 * max(bars, 3)


def rows_of(table: Table, function: str, *names: str) -> list[dict[str, Any]]:
    """The rows of a table that a function of ``research`` answered, with these columns.

    :raises InvalidReport: it is another table, or none of pyarrow.
    """
    if not isinstance(table, pa.Table):
        raise InvalidReport(
            f"this is no table of research.{function}",
            given=type(table).__name__,
            expected=f"what research.{function} answers",
        )
    if missing := [name for name in names if name not in table.column_names]:
        message = f"this table is not one of research.{function}: no column {', '.join(missing)}"
        raise InvalidReport(message, expected=f"what research.{function} answers")
    rows: list[dict[str, Any]] = table.select(list(names)).to_pylist()
    return rows


def said(table: Table, name: str) -> str:
    """What the metadata of a table says, empty where it says nothing."""
    told = (table.schema.metadata or {}).get(name.encode())
    return "" if told is None else str(told.decode())


def left_out(what: str, rows: Sequence[Any], most: int) -> str:
    """How many rows are not drawn, in words; empty where all are."""
    return f"{len(rows) - most:,} more {what} are left out" if len(rows) > most else ""


def months_between(first: str, last: str) -> list[str]:
    """Every month from one to another."""
    begin, end = (12 * int(month[:4]) + int(month[5:]) - 1 for month in (first, last))
    return [f"{month // 12:04}-{month % 12 + 1:02}" for month in range(begin, end + 1)]


def _label(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def lying(axes: Axes, names: Sequence[str], parts: Sequence[tuple[str, Sequence[float]]]) -> None:
    """Bars that lie, the first on top; the parts of each one after another."""
    places = range(len(names))
    left = [0.0] * len(names)
    for (label, widths), (colour, hatch) in zip(parts, FILLS, strict=False):
        axes.barh(
            places,
            widths,
            _BAR,
            left,
            color=colour,
            hatch=hatch,
            edgecolor="black",
            linewidth=0.6,
            label=label,
        )
        left = [low + width for low, width in zip(left, widths, strict=True)]
    axes.set_yticks(places, [_label(name) for name in names])
    axes.margins(x=0.05, y=0.02)
    axes.invert_yaxis()


def standing(axes: Axes, names: Sequence[str], parts: Sequence[tuple[str, Sequence[float]]]) -> list[float]:
    """Bars that stand, the parts of each one above another; how high they are."""
    places = range(len(names))
    top = [0.0] * len(names)
    for number, (label, heights) in enumerate(parts):
        colour, hatch = FILLS[number % len(FILLS)]
        axes.bar(
            places,
            heights,
            _BAR,
            top,
            color=colour,
            hatch=hatch,
            edgecolor="black",
            linewidth=0.6,
            label=label,
        )
        top = [low + height for low, height in zip(top, heights, strict=True)]
    axes.set_xticks(places, names)
    return top


def shares(axes: Axes | None, names: Sequence[str], rows: Sequence[Any]) -> Axes:
    """Shares as bars that lie, each with its number of lines."""
    chart = axes_or_new(axes, height=height_of(len(rows)))
    widths = [100 * row["share"] for row in rows]
    lying(chart, names, [("", widths)])
    for place, (row, width) in enumerate(zip(rows, widths, strict=True)):
        told = f"{width:.1f} % of {row['lines']:,}"
        chart.annotate(told, (width, place), (4, 0), textcoords="offset points", va="center", fontsize=8)
    chart.set_xlim(0, 1.35 * max(widths, default=0) or 1)
    chart.set_xticks([tick for tick in chart.get_xticks() if tick <= _WHOLE])
    return chart


def finished(
    axes: Axes,
    table: Table,
    title: str,
    *,
    x: str,
    y: str = "",
    left_out: str = "",
    beside: bool = False,
    none: str = "no lines",
) -> Axes:
    """Title, labels, legend, and the line that says what the chart rests on; ``none``: what rows say that draw nothing.

    The legend stands where no bar can: beside the axes, or between them and the title.
    """
    ticker = matplotlib("ticker")
    handles, labels = axes.get_legend_handles_labels()
    is_legend_above = len(labels) > 1 and not beside
    axes.set_title(title, loc="center", fontsize=11, pad=24 if is_legend_above else None)
    count: Callable[..., str] = "{x:,.0f}".format
    for name, label in (("x", x), ("y", y)):
        axis = getattr(axes, f"{name}axis")
        if label in {"lines", "findings"}:
            axis.set_major_locator(ticker.MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
            axis.set_major_formatter(ticker.FuncFormatter(lambda value, _place: count(x=value)))
            if max(axis.get_view_interval()) < 1:  # all are 0
                getattr(axes, f"set_{name}lim")(0, 1)
    if not table.num_rows or not axes.has_data():
        told_none = none if table.num_rows else "no lines"
        axes.text(0.5, 0.5, told_none, transform=axes.transAxes, ha="center", va="center")
        axes.set_xticks([])
        axes.set_yticks([])
    source = _DIGEST.sub(r"\1 (\2)", said(table, "source"))
    told = [f"Editions and tables: {source}" if source else "", left_out]
    for name, words in (
        ("rejected", "rows rejected"),
        ("not_counted", "lines on days without a rule, not counted"),
    ):
        many = said(table, name)
        told.append(f"{int(many):,} {words}" if many and many != "0" else "")
    below = textwrap.fill("; ".join(filter(None, told)), 100)
    axes.set_xlabel(x)
    if y:
        axes.set_ylabel(y)
    if below:
        # part of the label, so that whatever lays the figure out keeps room for it
        axes.annotate(
            below,
            (1, 0),
            (0, -6),
            xycoords=("axes fraction", axes.xaxis.label),
            textcoords="offset points",
            ha="right",
            multialignment="left",
            va="top",
            fontsize=7,
            color="0.3",
        )
    axes.spines[["top", "right"]].set_visible(False)
    if is_legend_above:
        where = {"loc": "lower center", "bbox_to_anchor": (0.5, 1), "ncols": len(labels)}
        axes.legend(handles, labels, frameon=False, fontsize=8, **where)
    elif len(labels) > 1:  # as the parts of a bar stand, the topmost first
        where = {"loc": "upper left", "bbox_to_anchor": (1.01, 1)}
        axes.legend(handles[::-1], labels[::-1], frameon=False, fontsize=8, **where)
    return axes
