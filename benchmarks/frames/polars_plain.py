"""The job in Polars as one would say it: text and dates, lazy, with the streaming engine.

python benchmarks/frames/polars_plain.py LINES.parquet TABLES OUT.parquet
"""

import sys
from pathlib import Path

import polars as pl
import pyarrow as pa

MODIFIERS = ("modifier1", "modifier2", "modifier3", "modifier4")
WHO = ("patient_id", "rendering_provider", "day")
FAIL = pl.lit("fail").alias("outcome")


def _told(frame: pl.LazyFrame, line: str | pl.Expr, rule: pl.Expr, outcome: pl.Expr = FAIL) -> pl.LazyFrame:
    line = pl.col(line) if isinstance(line, str) else line
    return frame.select(line.alias("line"), rule.alias("rule"), outcome.alias("outcome"))


def query(lines_file: Path, tables: Path) -> pl.LazyFrame:
    """All findings."""

    def table(name: str) -> pl.LazyFrame:
        return pl.scan_parquet(tables / "sql" / "plain" / f"{name}.parquet")

    on_day = pl.col("day").is_between("first_day", "last_day")
    in_quarter = pl.col("quarter").is_between("first_quarter", "last_quarter")
    lines = pl.scan_parquet(lines_file).with_columns(
        pl.col("code").str.strip_chars().str.to_uppercase(),
        pl.col("date_of_service").alias("day"),
        (pl.col("date_of_service").dt.year() * 4 + pl.col("date_of_service").dt.quarter() - 1)
        .cast(pl.Int32)
        .alias("quarter"),
    )
    # what the modifiers of a line do
    each = pl.concat(
        [
            lines.filter(pl.col(name).is_not_null()).select(
                "line_id", "code", "day", pl.col(name).alias("modifier")
            )
            for name in MODIFIERS
        ]
    ).join(table("modifiers"), on="modifier")
    astray = (
        each.join(table("misplaced"), on=["code", "modifier"])
        .filter(on_day)
        .select("line_id", "modifier", astray=pl.lit(True))
        .unique()
    )
    stands = pl.col("bypass") & pl.col("astray").is_null()
    worked = (
        each.join(astray, on=["line_id", "modifier"], how="left")
        .group_by("line_id")
        .agg(
            tried=pl.col("bypass").any(),
            works=(stands & ~pl.col("site")).any(),
            sites=pl.col("modifier").filter(stands & pl.col("site")),
            separate=pl.col("separate").any(),
        )
    )
    served = lines.filter(pl.col("units") > 0)
    side = served.select("line_id", *WHO, "code", "quarter")
    pairs = (
        side.join(side, on=WHO, suffix="_first")
        .filter(pl.col("code") != pl.col("code_first"))
        .join(
            table("ptp").filter(pl.col("indicator") != 9),
            left_on=["code_first", "code"],
            right_on=["column1", "column2"],
        )
        .filter(on_day & in_quarter)
        .join(worked, on="line_id", how="left")
        .join(worked, left_on="line_id_first", right_on="line_id", how="left", suffix="_first")
    )
    apart = (
        (pl.col("sites").list.len().fill_null(0) > 0)
        & (pl.col("sites_first").list.len().fill_null(0) > 0)
        & (pl.col("sites").list.set_intersection("sites_first").list.len() == 0)
    ).fill_null(value=False)
    helps = pl.col("works").fill_null(value=False) | pl.col("works_first").fill_null(value=False) | apart
    any_tried = pl.col("tried").fill_null(value=False) | pl.col("tried_first").fill_null(value=False)
    judged = (
        pairs.group_by("line_id", "code_first")
        .agg(
            line=pl.min_horizontal(pl.col("line_id").first(), pl.col("line_id_first").min()),
            exclusive=pl.col("exclusive").first(),
            tried=any_tried.any(),
            bypassed=(pl.col("indicator").first() == 1) & helps.all(),
        )
        .filter(pl.col("bypassed") | ~pl.col("tried"))
    )
    exclusive = pl.when("exclusive").then(pl.lit("PTP702")).otherwise(pl.lit("PTP701"))
    bypassed = pl.when("bypassed").then(pl.lit("bypassed")).otherwise(pl.lit("fail"))
    limited = served.join(table("mue"), on=["code", "quarter"])
    group = [*WHO, "code", "mai", "value"]
    of_day = (
        limited.filter(pl.col("mai") != 1).group_by(group).agg(pl.col("line_id").min(), pl.col("units").sum())
    )
    of_line = limited.filter(pl.col("mai") == 1)
    together = (
        of_line.join(worked.filter("separate"), on="line_id", how="anti")
        .group_by(group)
        .agg(pl.col("line_id").min(), pl.col("units").sum(), count=pl.len())
        .filter((pl.col("count") > 1) & (pl.col("units") > pl.col("value")))
    )
    by_mai = pl.when(pl.col("mai") == 2).then(pl.lit("MUE802")).otherwise(pl.lit("MUE803"))
    asked = lines.join(table("addons"), left_on="code", right_on="addon").filter(on_day & in_quarter)
    beside = lines.select(*WHO, pl.col("code").alias("primary")).unique()
    with_primary = asked.filter(pl.col("counts").fill_null(value=True)).join(
        beside, on=[*WHO, "primary"], how="semi"
    )
    known = lines.join(table("edition_addons"), left_on="code", right_on="addon").filter(
        on_day & ~pl.col("unjudged")
    )
    accepted = (
        known.select("line_id", *WHO, "code")
        .join(table("edition_primaries"), left_on="code", right_on="addon")
        .filter(on_day)
        .join(beside, on=[*WHO, "primary"], how="semi")
    )
    said_before = known.join(accepted, on="line_id", how="anti")
    alone = (
        asked.group_by("line_id")
        .agg(pl.col("is_open").any())
        .filter(~pl.col("is_open"))
        .join(with_primary, on="line_id", how="anti")
        .join(said_before, on="line_id", how="anti")
    )
    gone = lines.join(table("not_in_force"), on="code").filter(on_day)
    return pl.concat(
        [
            _told(gone, "line_id", pl.lit("COD102")),
            _told(judged, "line", exclusive, bypassed),
            _told(of_line.filter(pl.col("units") > pl.col("value")), "line_id", pl.lit("MUE801")),
            _told(together, "line_id", pl.lit("MUE801")),
            _told(of_day.filter(pl.col("units") > pl.col("value")), "line_id", by_mai),
            _told(alone, "line_id", pl.lit("ADD302")),
        ]
    )


def findings(lines: Path, tables: Path) -> pa.Table:
    return query(lines, tables).collect(engine="streaming").to_arrow()


if __name__ == "__main__":
    _lines, _tables, _out = map(Path, sys.argv[1:4])
    query(_lines, _tables).sink_parquet(_out, engine="streaming")
