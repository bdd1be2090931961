"""Charts: what the artists hold, and that nothing needs a display."""

import math
import os
import subprocess
import sys

import pytest

pytest.importorskip("pyarrow", reason="pyarrow is not installed: pip install cptkit[frames]")

import pyarrow as pa

from cptkit import Catalog
from cptkit.errors import InvalidChoice, InvalidReport, NotInstalled
from cptkit.frames import check, plots, research

DRAWN = sorted(set(plots.__all__) - {"Axes"})


@pytest.fixture
def matplotlib():
    pytest.importorskip("matplotlib.figure", reason="matplotlib is not installed: pip install cptkit[plots]")
    return sys.modules["matplotlib"]


@pytest.fixture(scope="module")
def told(paths):
    """A table of each function of ``research``."""
    catalog = Catalog.from_editions("2025.1", "2026.1")
    table = paths.table(paths.drawing.rows(5, 300, providers=("Ann", "Bob", None)))
    found = check(table, catalog)
    return {
        "by_family": research.by_family(found, table, catalog),
        "by_month": research.by_month(found, table),
        "by_provider": research.by_provider(found, table),
        "by_rule": research.by_rule(found),
        "coverage": research.coverage(table, catalog),
        "minutes": research.minutes(table, catalog, "psychotherapy"),
        "thresholds": research.thresholds(table, catalog, "psychotherapy", within=7),
        "time_codes": research.time_codes(table, catalog, "psychotherapy"),
        "uncovered": research.uncovered(table, catalog),
    }


def below(axes):
    """The line below a chart, which is no label of a bar."""
    return [text.get_text().replace("\n", " ") for text in axes.texts if "Editions" in text.get_text()]


def widths(axes):
    return [bar.get_width() for bar in axes.patches]


def heights(axes):
    return [bar.get_height() for bar in axes.patches]


def labels(axis):
    return [each.get_text() for each in axis.get_ticklabels()]


def test_there_is_one_for_each_table(told) -> None:
    assert sorted(told) == DRAWN == sorted(research.__all__)


@pytest.mark.usefixtures("matplotlib")
@pytest.mark.parametrize("name", DRAWN)
def test_labels_title_and_source(told, name, tmp_path) -> None:
    axes = getattr(plots, name)(told[name])
    assert axes.get_title()
    assert axes.get_xlabel()
    assert axes.get_ylabel()
    pins = [part.split(" sha256:") for part in told[name].schema.metadata[b"source"].decode().split(", ")]
    (line,) = below(axes)
    assert ", ".join(f"{edition} ({digest[:8]})" for edition, digest in pins) in line
    axes.figure.savefig(tmp_path / "chart.png", dpi=40)
    assert (tmp_path / "chart.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("name", DRAWN)
def test_on_axes_that_are_given(told, name, matplotlib) -> None:
    given = matplotlib.figure.Figure().add_subplot()
    assert getattr(plots, name)(told[name], given) is given
    assert given.get_title()


@pytest.mark.usefixtures("matplotlib")
@pytest.mark.parametrize("name", DRAWN)
def test_of_no_rows(told, name) -> None:
    axes = getattr(plots, name)(told[name].slice(0, 0))
    assert "no lines" in [text.get_text() for text in axes.texts]
    axes.figure.draw_without_rendering()


@pytest.mark.parametrize("name", DRAWN)
def test_another_table_is_refused(name) -> None:
    with pytest.raises(InvalidReport, match=f"not one of research.{name}: no column"):
        getattr(plots, name)(pa.table({"other": [1]}))


def test_the_extra_is_named(told, monkeypatch) -> None:
    for module in ("matplotlib", "matplotlib.figure"):
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(NotInstalled, match=r"pip install cptkit\[plots\]"):
        plots.by_rule(told["by_rule"])


@pytest.mark.usefixtures("matplotlib")
class TestWhatIsDrawn:
    def test_rules(self, told) -> None:
        axes = plots.by_rule(told["by_rule"], most=3)
        rows = told["by_rule"].to_pylist()
        assert labels(axes.yaxis) == [row["rule"] for row in rows[:3]]
        wanted = [row[name] for name in ("failed", "bypassed") for row in rows[:3]]
        assert widths(axes) == wanted[: len(axes.patches)]
        assert sum(wanted) == sum(widths(axes))
        many = sum(row["failed"] + row["bypassed"] > 0 for row in rows)
        assert f"{many - 3} more rules are left out" in below(axes)[0]

    def test_bypassed_stands_behind_what_fails(self) -> None:
        table = pa.table({"rule": ["PTP701"], "failed": [2], "bypassed": [3]})
        axes = plots.by_rule(table)
        assert [(bar.get_x(), bar.get_width()) for bar in axes.patches] == [(0, 2), (2, 3)]
        assert [text.get_text() for text in axes.get_legend().get_texts()] == ["fail", "bypassed"]

    def test_months_without_lines_are_gaps(self) -> None:
        months = ["2024-11", "2025-02"]
        table = pa.table({"month": months, "lines": [3, 4], "share": [0.0, 0.25]})
        axes = plots.by_month(table)
        assert [None if math.isnan(y) else y for y in axes.lines[0].get_ydata()] == [0, None, None, 25]
        assert labels(axes.xaxis) == ["2024-11", "2024-12", "2025-01", "2025-02"]
        assert axes.get_ylim()[0] == 0

    def test_many_months(self) -> None:
        months = [f"{year}-{month:02}" for year in range(2021, 2026) for month in range(1, 13)]
        table = pa.table({"month": months, "lines": [1] * 60, "share": [0.1] * 60})
        assert labels(plots.by_month(table).xaxis) == months[::5]
        rows = {"period": months, "code": ["90834"] * 60, "lines": [1] * 60, "share": [1.0] * 60}
        assert labels(plots.time_codes(pa.table(rows)).xaxis) == months[::5]

    def test_providers_and_families(self, told) -> None:
        for name in ("by_provider", "by_family"):
            rows = told[name].to_pylist()[:2]
            axes = getattr(plots, name)(told[name], most=2)
            assert widths(axes) == [100 * row["share"] for row in rows]
            assert f"{100 * rows[0]['share']:.1f} % of {rows[0]['lines']:,}" in [
                text.get_text() for text in axes.texts
            ]
            assert max(axes.get_xticks()) <= 100

    def test_a_long_name_is_cut(self) -> None:
        table = pa.table({"provider": ["x" * 60], "lines": [1], "share": [1.0]})
        assert labels(plots.by_provider(table).yaxis) == ["x" * 43 + "..."]

    def test_families_of_one_name_are_told_with_their_sections(self) -> None:
        rows = {
            "section": ["evaluation-management", "other", "medicine", "medicine", "surgery", None],
            "family": ["telephone and digital"] * 2 + ["psychiatry"] + [None] * 3,
            "lines": [6, 5, 4, 3, 2, 1],
            "share": [0.5] * 6,
        }
        for most, told in (
            (6, ["not covered: medicine", "not covered: surgery", "not covered: no section"]),
            (3, []),
        ):
            axes = plots.by_family(pa.table(rows), most=most)
            assert labels(axes.yaxis) == [
                "telephone and digital, evaluation-management",
                "telephone and digital, other",
                "psychiatry",
                *told,
            ]

    @pytest.mark.parametrize("name", ["by_rule", "coverage", "thresholds", "time_codes", "minutes"])
    def test_no_legend_lies_on_a_bar(self, told, name) -> None:
        axes = getattr(plots, name)(told[name])
        axes.figure.draw_without_rendering()
        legend = axes.get_legend().get_window_extent()
        assert not any(legend.overlaps(bar.get_window_extent()) for bar in axes.patches)
        assert not legend.overlaps(axes.title.get_window_extent())

    def test_lines_without_minutes(self, told) -> None:
        table = pa.table({"minutes": pa.nulls(2, pa.int64()), "code": ["90834", "90837"], "lines": [3, 4]})
        for marks in (None, told["thresholds"]):
            axes = plots.minutes(table.replace_schema_metadata({"source": "2026.1 sha256:01"}), marks=marks)
            assert "no minutes" in [text.get_text() for text in axes.texts]
            assert "7 lines without minutes are left out" in below(axes)[0]
            assert (labels(axes.yaxis), axes.get_legend(), len(axes.lines)) == ([], None, 0)

    def test_rules_without_findings(self) -> None:
        axes = plots.by_rule(pa.table({"rule": ["TIM402"], "failed": [0], "bypassed": [0]}))
        assert [text.get_text() for text in axes.texts] == ["no findings"]

    def test_nothing_around_a_threshold(self) -> None:
        rows = {"minutes": [16], "services": ["90832"], "just_under": [0], "at": [0], "just_over": [0]}
        axes = plots.thresholds(pa.table(rows))
        axes.figure.draw_without_rendering()
        assert labels(axes.yaxis) == ["0", "1"]

    def test_coverage(self, told) -> None:
        rows = told["coverage"].to_pylist()
        axes = plots.coverage(told["coverage"])
        known = [row["lines_known"] for row in rows]
        assert heights(axes) == known + [row["lines"] - row["lines_known"] for row in rows]
        assert [bar.get_y() for bar in axes.patches] == [0] * len(rows) + known
        assert labels(axes.xaxis) == [f"{row['year']}\n{row['edition'] or 'no edition'}" for row in rows]

    def test_uncovered(self, told) -> None:
        rows = told["uncovered"].to_pylist()
        axes = plots.uncovered(told["uncovered"], most=4)
        assert widths(axes) == [row["lines"] for row in rows[:4]]
        assert labels(axes.yaxis)[0] == f"{rows[0]['code']}, {rows[0]['year']}"

    def test_time_codes(self, told) -> None:
        rows = told["time_codes"].to_pylist()
        axes = plots.time_codes(told["time_codes"])
        by_code = sorted(rows, key=lambda row: (row["code"], row["period"]))
        assert heights(axes) == pytest.approx([100 * row["share"] for row in by_code])
        assert [text.get_text() for text in axes.get_legend().get_texts()] == ["90837", "90834", "90832"]
        assert (axes.get_ylim(), axes.get_xlabel()) == ((0, 100), "year of service")

    def test_minutes_and_their_marks(self, told) -> None:
        axes = plots.minutes(told["minutes"], marks=told["thresholds"])
        drawn = {}
        for bar in axes.patches:
            at = round(bar.get_x() + bar.get_width() / 2)
            drawn[at] = drawn.get(at, 0) + bar.get_height()
        wanted: dict[int, int] = {}
        for row in told["minutes"].to_pylist():
            if row["minutes"] is not None:
                wanted[row["minutes"]] = wanted.get(row["minutes"], 0) + row["lines"]
        assert drawn == wanted
        marks = told["thresholds"].to_pylist()
        assert [line.get_xdata()[0] for line in axes.lines] == [row["minutes"] - 0.5 for row in marks]
        assert f" {marks[0]['services']} from {marks[0]['minutes']}" in [
            text.get_text() for text in axes.texts
        ]
        without = sum(row["lines"] for row in told["minutes"].to_pylist() if row["minutes"] is None)
        assert f"{without:,} lines without minutes are left out" in below(axes)[0]

    def test_thresholds(self, told) -> None:
        rows = told["thresholds"].to_pylist()
        axes = plots.thresholds(told["thresholds"])
        assert heights(axes) == [row[name] for name in ("just_under", "at", "just_over") for row in rows]
        told_there = [text.get_text() for text in axes.get_legend().get_texts()]
        assert told_there == ["up to 7 minutes under", "at the threshold", "up to 7 minutes over"]

    def test_rejected_rows_are_said(self, told) -> None:
        table = told["by_rule"].replace_schema_metadata(
            {"source": "2026.1 sha256:0123456789", "rejected": "1200"}
        )
        assert "1,200 rows rejected" in below(plots.by_rule(table))[0]


@pytest.mark.parametrize("most", [0, -1, 2.5, "x", None])
def test_what_is_no_count_of_bars(most) -> None:
    counts = pa.table({"rule": ["TIM402"], "lines": [5], "failed": [4], "bypassed": [1]})
    with pytest.raises(InvalidChoice, match="most is no count"):
        plots.by_rule(counts, most=most)


def test_what_is_no_table_and_no_axes() -> None:
    counts = pa.table({"rule": ["TIM402"], "lines": [5], "failed": [4], "bypassed": [1]})
    with pytest.raises(InvalidReport, match=r"no table of research\.by_rule: 'list'"):
        plots.by_rule(counts.to_pylist())
    with pytest.raises(InvalidReport, match="no axes of matplotlib: 'Table'"):
        plots.by_rule(counts, counts)


@pytest.mark.usefixtures("matplotlib")
def test_without_a_display() -> None:
    """With a backend that has no display to open, and without pyplot, which would keep each figure."""
    program = (
        "import sys, pyarrow; from cptkit.frames import plots;"
        "axes = plots.uncovered(pyarrow.table({'code': ['W9901'], 'year': [2026], 'lines': [3]}));"
        "axes.figure.canvas.draw(); print('matplotlib.pyplot' in sys.modules)"
    )
    environment = {name: value for name, value in os.environ.items() if name != "DISPLAY"}
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment | {"MPLBACKEND": "TkAgg"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "False\n"), done.stderr
