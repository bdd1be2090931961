"""One plain chart for each table of ``cptkit.frames.research`` (the extra ``plots``: matplotlib).

Each function takes the table and, if you like, the axes to draw on, and answers with the axes; nothing is shown or
saved. Greys and hatches, so that a print without colour is read as well; under each chart stands what it was counted
by: the editions with the first digits of their digests, and how many rows were rejected.

>>> import cptkit, pyarrow
>>> from cptkit.frames import plots, research
>>> rows = {"patient": ["A", "B"], "dos": ["2026-03-02"] * 2, "cpt": ["90834", "90837"], "minutes": [45, 53]}
>>> told = research.time_codes(pyarrow.table(rows), cptkit.codeset("2026.1"), "psychotherapy")
>>> axes = plots.time_codes(told)
>>> axes.get_title(), axes.get_ylabel()
('Codes of psychotherapy', 'share of lines (%)')
>>> plots.time_codes(told.drop_columns(["share"]))
Traceback (most recent call last):
...
cptkit.errors.InvalidReport: this table is not one of research.time_codes: no column share...
"""

from collections import Counter

from cptkit.frames.arrow import Table
from cptkit.frames.counts import count
from cptkit.frames.drawing import (
    DARK,
    FILLS,
    LIGHT,
    PALE,
    Axes,
    axes_or_new,
    finished,
    height_of,
    left_out,
    lying,
    months_between,
    rows_of,
    said,
    shares,
    standing,
)

__all__ = [
    "Axes",
    "by_family",
    "by_month",
    "by_provider",
    "by_rule",
    "coverage",
    "minutes",
    "thresholds",
    "time_codes",
    "uncovered",
]

_SHARE_OF = "share of lines (%)"


def by_rule(table: Table, axes: Axes | None = None, *, most: int = 20) -> Axes:
    """The findings of each rule as a bar: those that fail, then those that are bypassed.

    :param table: of ``research.by_rule``.
    :param most: how many rules are drawn; how many are left out is said.
    :raises NotInstalled: matplotlib is not installed.
    :raises InvalidReport: the table is another one, or the axes are none.
    :raises InvalidChoice: ``most`` is no count.

    >>> import pyarrow
    >>> counts = {"rule": ["TIM402", "ADD301"], "lines": [5, 3], "failed": [4, 3], "bypassed": [1, 0]}
    >>> axes = by_rule(pyarrow.table(counts))
    >>> [int(bar.get_width()) for bar in axes.patches], axes.get_xlabel()
    ([4, 3, 1, 0], 'findings')
    >>> by_rule(pyarrow.table({"rule": ["TIM402"]}))
    Traceback (most recent call last):
    ...
    cptkit.errors.InvalidReport: this table is not one of research.by_rule: no column failed, bypassed...
    """
    most = count("most", most)
    rows = rows_of(table, "by_rule", "rule", "failed", "bypassed")
    shown = [row for row in rows if row["failed"] or row["bypassed"]]
    chart = axes_or_new(axes, height=height_of(len(shown[:most])))
    parts = [
        (label, [row[field] for row in shown[:most]])
        for field, label in (("failed", "fail"), ("bypassed",) * 2)
    ]
    parts = [part for part in parts if any(part[1])]
    lying(chart, [row["rule"] for row in shown[:most]], parts)
    chart.set_ylabel("rule")
    chart.set_xlim(left=0)
    more = left_out("rules", shown, most)
    return finished(chart, table, "Findings by rule", x="findings", left_out=more, none="no findings")


def by_month(table: Table, axes: Axes | None = None) -> Axes:
    """The share of lines that fail, month by month; a month without lines is a gap.

    :param table: of ``research.by_month``. The errors are those of ``by_rule``.

    >>> import pyarrow
    >>> counts = {"month": ["2026-01", "2026-03"], "lines": [10, 20], "lines_failed": [1, 4], "share": [0.1, 0.2]}
    >>> axes = by_month(pyarrow.table(counts))
    >>> [round(float(y), 1) for y in axes.lines[0].get_ydata()]
    [10.0, nan, 20.0]
    >>> by_month(pyarrow.table({"month": ["2026-01"]}))
    Traceback (most recent call last):
    ...
    cptkit.errors.InvalidReport: this table is not one of research.by_month: no column lines, share...
    """
    rows = rows_of(table, "by_month", "month", "lines", "share")
    chart = axes_or_new(axes)
    told = {row["month"]: row["share"] for row in rows}
    months = months_between(min(told), max(told)) if told else []
    heights = [100 * told.get(month, float("nan")) for month in months]
    places = range(len(months))
    chart.plot(places, heights, color=DARK, marker="o", markersize=4, linewidth=1.2)
    chart.set_ylim(0, 1.15 * max((100 * share for share in told.values()), default=0) or 1)
    step = -(-len(months) // 12) or 1
    chart.set_xticks(list(places)[::step], months[::step], rotation=45, ha="right")
    lines = f"{sum(row['lines'] for row in rows):,} lines"
    return finished(
        chart, table, f"Lines that fail, of {lines}", x="month of service", y="share of lines (%)"
    )


def by_provider(table: Table, axes: Axes | None = None, *, most: int = 20) -> Axes:
    """The share of each provider's lines that fail, those with the most such lines first, lines beside it.

    :param table: of ``research.by_provider``.
    :param most: how many providers are drawn; how many are left out is said. The errors are those of ``by_rule``.

    >>> import pyarrow
    >>> counts = {"provider": ["Ann", None], "lines": [10, 20], "lines_failed": [5, 1], "share": [0.5, 0.05]}
    >>> axes = by_provider(pyarrow.table(counts))
    >>> [round(float(bar.get_width())) for bar in axes.patches], axes.get_yticklabels()[1].get_text()
    ([50, 5], 'none named')
    >>> by_provider(pyarrow.table({"provider": ["Ann"]}))
    Traceback (most recent call last):
    ...
    cptkit.errors.InvalidReport: this table is not one of research.by_provider: no column lines, share...
    """
    most = count("most", most)
    rows = rows_of(table, "by_provider", "provider", "lines", "share")
    names = [row["provider"] or "none named" for row in rows[:most]]
    chart = shares(axes, names, rows[:most])
    chart.set_ylabel("rendering provider")
    return finished(
        chart,
        table,
        "Lines that fail, by provider: the most such lines first",
        x=_SHARE_OF,
        left_out=left_out("providers", rows, most),
    )


def by_family(table: Table, axes: Axes | None = None, *, most: int = 20) -> Axes:
    """The share of lines that fail in each family of codes, those with the most lines first, lines beside it.

    Where several sections have a family of one name, the section stands behind it.

    :param table: of ``research.by_family``.
    :param most: how many families are drawn; how many are left out is said. The errors are those of ``by_rule``.

    >>> import pyarrow
    >>> counts = {"section": ["medicine"], "family": ["psychiatry"], "lines": [8], "share": [0.25]}
    >>> by_family(pyarrow.table(counts)).texts[0].get_text()
    '25.0 % of 8'
    >>> by_family(pyarrow.table({"family": ["psychiatry"]}))
    Traceback (most recent call last):
    ...
    cptkit.errors.InvalidReport: this table is not one of research.by_family: no column section, lines, share...
    """
    most = count("most", most)
    rows = rows_of(table, "by_family", "section", "family", "lines", "share")
    several = {name for name, many in Counter(row["family"] for row in rows).items() if many > 1}
    names = [
        f"{row['family']}, {row['section']}"
        if row["family"] in several and row["family"]
        else row["family"] or f"not covered: {row['section'] or 'no section'}"
        for row in rows[:most]
    ]
    chart = shares(axes, names, rows[:most])
    chart.set_ylabel("family of codes")
    return finished(
        chart,
        table,
        "Lines that fail, by family: the largest first",
        x=_SHARE_OF,
        left_out=left_out("families", rows, most),
    )


def coverage(table: Table, axes: Axes | None = None) -> Axes:
    """The lines of each year: those whose code the edition knows, and those it does not.

    :param table: of ``research.coverage``. The errors are those of ``by_rule``.

    >>> import pyarrow
    >>> counts = {"year": [2025], "edition": ["2025.1"], "lines": [10], "lines_known": [9], "share": [0.9]}
    >>> axes = coverage(pyarrow.table(counts))
    >>> [int(bar.get_height()) for bar in axes.patches], axes.texts[0].get_text()
    ([9, 1], '90.0 %')
    >>> coverage(pyarrow.table({"year": [2025]}))
    Traceback (most recent call last):
    ...
    cptkit.errors.InvalidReport: this table is not one of research.coverage: no column edition, lines, lines_known, share...
    """
    rows = rows_of(table, "coverage", "year", "edition", "lines", "lines_known", "share")
    chart = axes_or_new(axes)
    names = [f"{row['year']}\n{row['edition'] or 'no edition'}" for row in rows]
    known = [row["lines_known"] for row in rows]
    unknown = [row["lines"] - row["lines_known"] for row in rows]
    tops = standing(chart, names, [("known to the edition", known), ("not known", unknown)])
    for place, (row, top) in enumerate(zip(rows, tops, strict=True)):
        told = f"{100 * row['share']:.1f} %"
        chart.annotate(
            told, (place, top), (0, 3), textcoords="offset points", ha="center", va="bottom", fontsize=8
        )
    chart.margins(y=0.12)
    title = "Lines whose code the edition of the year knows"
    return finished(chart, table, title, x="year of service, and edition", y="lines")


def uncovered(table: Table, axes: Axes | None = None, *, most: int = 20) -> Axes:
    """The codes that no edition of their day knows, with the most lines first, as bars.

    :param table: of ``research.uncovered``.
    :param most: how many are drawn; how many are left out is said. The errors are those of ``by_rule``.

    >>> import pyarrow
    >>> axes = uncovered(pyarrow.table({"code": ["27447"], "year": [2026], "lines": [3]}))
    >>> axes.get_yticklabels()[0].get_text(), int(axes.patches[0].get_width())
    ('27447, 2026', 3)
    >>> uncovered(pyarrow.table({"code": ["27447"]}))
    Traceback (most recent call last):
    ...
    cptkit.errors.InvalidReport: this table is not one of research.uncovered: no column year, lines...
    """
    most = count("most", most)
    rows = rows_of(table, "uncovered", "code", "year", "lines")
    chart = axes_or_new(axes, height=height_of(len(rows[:most])))
    names = [f"{row['code']}, {row['year']}" for row in rows[:most]]
    lying(chart, names, [("", [row["lines"] for row in rows[:most]])])
    chart.set_ylabel("code as billed, and year")
    title = "Codes that the edition of the year does not know"
    return finished(chart, table, title, x="lines", left_out=left_out("codes", rows, most))


def time_codes(table: Table, axes: Axes | None = None) -> Axes:
    """The share of each code of a family, period by period, as bars that add up to a hundred.

    :param table: of ``research.time_codes``. The errors are those of ``by_rule``.

    >>> import pyarrow
    >>> counts = {"period": ["2026"] * 2, "code": ["90834", "90837"], "lines": [1, 3], "share": [0.25, 0.75]}
    >>> axes = time_codes(pyarrow.table(counts))
    >>> [float(bar.get_height()) for bar in axes.patches]
    [25.0, 75.0]
    >>> time_codes(pyarrow.table({"period": ["2026"]}))
    Traceback (most recent call last):
    ...
    cptkit.errors.InvalidReport: this table is not one of research.time_codes: no column code, lines, share...
    """
    rows = rows_of(table, "time_codes", "period", "code", "lines", "share")
    chart = axes_or_new(axes)
    periods = list(dict.fromkeys(row["period"] for row in rows))
    shares = {(row["period"], row["code"]): 100 * row["share"] for row in rows}
    codes = sorted({row["code"] for row in rows})
    parts = [(code, [shares.get((period, code), 0.0) for period in periods]) for code in codes]
    standing(chart, periods, parts)
    if len(periods) > 12:
        chart.set_xticks(range(0, len(periods), -(-len(periods) // 12)), periods[:: -(-len(periods) // 12)])
    span = "month" if any(len(period) > len("2026") for period in periods) else "year"
    if span == "month":
        chart.set_xticks(
            chart.get_xticks(), [each.get_text() for each in chart.get_xticklabels()], rotation=45, ha="right"
        )
    chart.set_ylim(0, 100)
    title = f"Codes of {said(table, 'family') or 'the family'}"
    return finished(chart, table, title, x=f"{span} of service", y="share of lines (%)", beside=True)


def minutes(table: Table, axes: Axes | None = None, *, marks: Table | None = None) -> Axes:
    """How many lines have each number of minutes, as bars by code; thresholds as dashed lines.

    :param table: of ``research.minutes``.
    :param marks: of ``research.thresholds`` of the same family, to draw these. The errors are those of ``by_rule``.

    >>> import pyarrow
    >>> axes = minutes(pyarrow.table({"minutes": [53, None], "code": ["90837"] * 2, "lines": [7, 2]}))
    >>> [(float(bar.get_x() + bar.get_width() / 2), int(bar.get_height())) for bar in axes.patches]
    [(53.0, 7)]
    >>> minutes(pyarrow.table({"code": ["90837"]}))
    Traceback (most recent call last):
    ...
    cptkit.errors.InvalidReport: this table is not one of research.minutes: no column minutes, lines...
    """
    rows = rows_of(table, "minutes", "minutes", "code", "lines")
    chart = axes_or_new(axes)
    told = sorted({row["minutes"] for row in rows} - {None})
    lines = {(row["minutes"], row["code"]): row["lines"] for row in rows}
    codes = sorted({row["code"] for row in rows}) if told else []
    below = [0] * len(told)
    for number, code in enumerate(codes):
        heights = [lines.get((value, code), 0) for value in told]
        colour, hatch = FILLS[number % len(FILLS)]
        chart.bar(
            told, heights, 0.9, below, color=colour, hatch=hatch, edgecolor="black", linewidth=0.4, label=code
        )
        below = [low + height for low, height in zip(below, heights, strict=True)]
    chart.margins(y=0.15)
    if marks is not None and told:
        for row in rows_of(marks, "thresholds", "minutes", "services"):
            chart.axvline(row["minutes"] - 0.5, color="black", linestyle="--", linewidth=0.9)
            text = f" {row['services']} from {row['minutes']}"
            chart.text(
                row["minutes"] - 0.5, 0.985, text, transform=chart.get_xaxis_transform(), fontsize=7, va="top"
            )
    without = sum(row["lines"] for row in rows if row["minutes"] is None)
    title = f"Minutes on lines of {said(table, 'family') or 'the family'}"
    more = f"{without:,} lines without minutes are left out" if without else ""
    return finished(
        chart, table, title, x="minutes", y="lines", left_out=more, beside=True, none="no minutes"
    )


def thresholds(table: Table, axes: Axes | None = None) -> Axes:
    r"""For each threshold how many lines lie just under it, at it and just over it, as bars side by side.

    :param table: of ``research.thresholds``. The errors are those of ``by_rule``.

    >>> import pyarrow
    >>> counts = {"minutes": [53], "services": ["90837"], "just_under": [1], "at": [9], "just_over": [4]}
    >>> axes = thresholds(pyarrow.table(counts))
    >>> [int(bar.get_height()) for bar in axes.patches], axes.get_xticklabels()[0].get_text()
    ([1, 9, 4], '53 minutes\n90837')
    >>> thresholds(pyarrow.table({"minutes": [53]}))
    Traceback (most recent call last):
    ...
    cptkit.errors.InvalidReport: this table is not one of research.thresholds: no column services, just_under, at...
    """
    rows = rows_of(table, "thresholds", "minutes", "services", "just_under", "at", "just_over")
    chart = axes_or_new(axes)
    near = said(table, "within")
    span = f"up to {near} minutes " if near else "just "
    parts = (("just_under", f"{span}under"), ("at", "at the threshold"), ("just_over", f"{span}over"))
    for number, (field, label) in enumerate(parts):
        places = [place + (number - 1) * 0.27 for place in range(len(rows))]
        colour, hatch = ((PALE, ""), (DARK, ""), (LIGHT, "///"))[number]
        heights = [row[field] for row in rows]
        bars = chart.bar(
            places, heights, 0.25, color=colour, hatch=hatch, edgecolor="black", linewidth=0.6, label=label
        )
        chart.bar_label(bars, fmt="{:,.0f}", fontsize=7, padding=2)
    chart.set_xticks(range(len(rows)), [f"{row['minutes']} minutes\n{row['services']}" for row in rows])
    chart.margins(y=0.12)
    title = f"Minutes around the thresholds of {said(table, 'family') or 'the family'}"
    return finished(
        chart, table, title, x="first minute of a band, and what is right from there on", y="lines"
    )
