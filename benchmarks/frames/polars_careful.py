"""The job in Polars as somebody writes it who has measured: integers, one key a pair, one pass over the pairs.

    python benchmarks/frames/polars_careful.py LINES.parquet TABLES OUT.parquet

The steps are those of ``duckdb_careful.sql``, with the streaming engine.
"""

import sys
from pathlib import Path

import polars as pl
import pyarrow as pa

MODIFIERS = ("modifier1", "modifier2", "modifier3", "modifier4")
FAIL = pl.lit("fail").alias("outcome")


def _told(frame: pl.LazyFrame, line: str, rule: pl.Expr, outcome: pl.Expr = FAIL) -> pl.LazyFrame:
    return frame.select(pl.col(line).alias("line"), rule.alias("rule"), outcome.alias("outcome"))


def _run(frame: pl.LazyFrame) -> pl.LazyFrame:
    return frame.collect(engine="streaming").lazy()


def found(lines_file: Path, tables: Path) -> pl.LazyFrame:
    """All findings."""

    def table(name: str) -> pl.LazyFrame:
        return pl.scan_parquet(tables / "sql" / "ids" / f"{name}.parquet")

    on_day = pl.col("day").is_between("first", "last")
    read = pl.scan_parquet(lines_file).with_columns(
        pl.col("date_of_service").to_physical().alias("day"),
        pl.col("code").str.strip_chars().str.to_uppercase(),
    )
    lines = _run(
        read.join(table("codes"), on="code").select(
            "line_id",
            pl.struct("patient_id", "rendering_provider", "day").hash().alias("encounter"),
            "day",
            pl.col("id").alias("code"),
            "units",
            (pl.col("units") > pl.col("least_limit")).alias("over"),
            "is_addon",
            "is_dated",
        )
    )
    worked = _run(_worked(read, table, on_day, tables))
    met = _run(_met(lines, table, on_day))
    twice = _run(
        lines.filter(pl.col("units") > 0)
        .join(
            met.filter(pl.col("what") == 8).select("encounter", "code").unique(),
            on=["encounter", "code"],
            how="semi",
        )
        .join(table("mue"), left_on="code", right_on="id")
        .filter(on_day)
        .select("line_id", "encounter", "code", "units", "value", "mai")
    )
    gone = lines.filter("is_dated").join(table("not_in_force"), left_on="code", right_on="id").filter(on_day)
    over = (
        lines.filter("over")
        .join(table("mue"), left_on="code", right_on="id")
        .filter(on_day & (pl.col("units") > pl.col("value")))
    )
    over = pl.concat(
        [
            over.filter(pl.col("mai") == 1).select("line_id", "mai"),
            over.filter(pl.col("mai") != 1)
            .join(twice, on=["encounter", "code"], how="anti")
            .select("line_id", "mai"),
        ]
    )
    group = ["encounter", "code", "mai", "value"]
    summed = [pl.col("line_id").min(), pl.col("units").sum(), pl.len().alias("count")]
    of_day = twice.filter(pl.col("mai") != 1).group_by(group).agg(summed)
    together = twice.filter(pl.col("mai") == 1).join(worked.filter("separate"), on="line_id", how="anti")
    together = together.group_by(group).agg(summed).filter(pl.col("count") > 1)
    by_mai = (
        pl.when(pl.col("mai") == 1)
        .then(pl.lit("MUE801"))
        .when(pl.col("mai") == 2)
        .then(pl.lit("MUE802"))
        .otherwise(pl.lit("MUE803"))
    )
    exclusive = pl.when(pl.col("what") & 4 == 4).then(pl.lit("PTP702")).otherwise(pl.lit("PTP701"))
    bypassed = pl.when("bypassed").then(pl.lit("bypassed")).otherwise(pl.lit("fail"))
    return pl.concat(
        [
            _told(gone, "line_id", pl.lit("COD102")),
            _told(_judged(met, worked), "line", exclusive, bypassed),
            _told(over, "line_id", by_mai),
            _told(of_day.filter(pl.col("units") > pl.col("value")), "line_id", by_mai),
            _told(together.filter(pl.col("units") > pl.col("value")), "line_id", by_mai),
            _told(_alone(lines, met, table, on_day), "line_id", pl.lit("ADD302")),
        ]
    )


def _worked(read: pl.LazyFrame, table, on_day: pl.Expr, tables: Path) -> pl.LazyFrame:
    """What the modifiers of a line do; a site is a bit."""
    said = pl.read_parquet(tables / "sql" / "plain" / "modifiers.parquet")
    bits = pl.Series("bit", [1 << place for place in range(said.height)], pl.Int64)
    facts = said.with_columns(bits).lazy()
    each = (
        read.filter(pl.col("modifier1").is_not_null())
        .join(table("codes"), on="code")
        .select("line_id", "day", "id", pl.concat_list(MODIFIERS).alias("modifier"))
        .explode("modifier")
        .filter(pl.col("modifier").is_not_null())
        .join(facts, on="modifier")
    )
    each = _run(each)
    astray = (
        each.join(table("misplaced"), on=["id", "modifier"])
        .filter(on_day)
        .select("line_id", "modifier", pl.lit(1).alias("astray"))
        .unique()
    )
    stands = pl.col("bypass") & pl.col("astray").is_null()
    return (
        each.join(astray, on=["line_id", "modifier"], how="left")
        .group_by("line_id")
        .agg(
            tried=pl.col("bypass").any(),
            works=(stands & ~pl.col("site")).any(),
            sites=pl.when(stands & pl.col("site")).then("bit").otherwise(0).bitwise_or(),
            separate=pl.col("separate").any(),
        )
    )


def _met(lines: pl.LazyFrame, table, on_day: pl.Expr) -> pl.LazyFrame:
    """One pass over the pairs of an encounter; ``what`` is that of ``duckdb_careful.sql``."""
    own = table("mue").group_by("id").agg(pl.col("first").min(), pl.col("last").max())

    def pairs_of(name: str, what: int) -> pl.LazyFrame:
        low, high = pl.min_horizontal("id", "carrier"), pl.max_horizontal("id", "carrier")
        turned = (pl.col("id") < pl.col("carrier")).cast(pl.Int8) + what
        return table(name).select(
            (low * 2**14 + high).alias("key"), "first", "last", turned.cast(pl.Int8).alias("what")
        )

    meeting = _run(
        pl.concat(
            [
                table("ptp"),
                own.select(
                    (pl.col("id") * (2**14 + 1)).alias("key"),
                    "first",
                    "last",
                    pl.lit(8, pl.Int8).alias("what"),
                ),
                pairs_of("primaries", 16),
                pairs_of("edition_primaries", 32),
            ]
        )
    )
    several = _run(lines.group_by("encounter").len().filter(pl.col("len") > 1).select("encounter"))
    side = _run(
        lines.join(several, on="encounter", how="semi").select("encounter", "line_id", "day", "code", "units")
    )
    code, high = pl.col("code"), pl.col("code_high")
    turned = pl.col("what") & 1 == 1
    return (
        side.join(side.select("encounter", "line_id", "code", "units"), on="encounter", suffix="_high")
        .filter((code < high) | ((code == high) & (pl.col("line_id") < pl.col("line_id_high"))))
        .with_columns((code * 2**14 + high).alias("key"))
        .join(meeting, on="key")
        .filter(on_day & ((pl.col("what") >= 16) | ((pl.col("units") > 0) & (pl.col("units_high") > 0))))
        .select(
            "key",
            "what",
            "encounter",
            "code",
            pl.when(turned).then("line_id").otherwise("line_id_high").alias("second"),
            pl.when(turned).then("line_id_high").otherwise("line_id").alias("first"),
        )
    )


def _judged(met: pl.LazyFrame, worked: pl.LazyFrame) -> pl.LazyFrame:
    sites = pl.col("sites").fill_null(0), pl.col("sites_first").fill_null(0)
    apart = (sites[0] != 0) & (sites[1] != 0) & (sites[0] & sites[1] == 0)
    helps = pl.col("works").fill_null(value=False) | pl.col("works_first").fill_null(value=False) | apart
    any_tried = pl.col("tried").fill_null(value=False) | pl.col("tried_first").fill_null(value=False)
    return (
        met.filter(pl.col("what") < 8)
        .join(worked, left_on="second", right_on="line_id", how="left")
        .join(worked, left_on="first", right_on="line_id", how="left", suffix="_first")
        .group_by("second", "key", "what")
        .agg(line=pl.col("first").min(), tried=any_tried.any(), helps=helps.all())
        .with_columns(
            pl.min_horizontal("line", "second").alias("line"),
            ((pl.col("what") & 2 == 2) & pl.col("helps")).alias("bypassed"),
        )
        .filter(pl.col("bypassed") | ~pl.col("tried"))
    )


def _alone(lines: pl.LazyFrame, met: pl.LazyFrame, table, on_day: pl.Expr) -> pl.LazyFrame:
    """Add-ons without a published primary, of which the edition's own list does not say as much."""
    asked = (
        lines.filter("is_addon")
        .join(table("addons"), left_on="code", right_on="id")
        .filter(on_day & ~pl.col("is_open"))
        .select("line_id", "code", "day")
        .join(met.filter(pl.col("what").is_in([16, 17])), left_on="line_id", right_on="second", how="anti")
    )
    known = asked.join(table("edition_addons"), left_on="code", right_on="id").filter(
        on_day & ~pl.col("unjudged")
    )
    speaks = met.filter(pl.col("what").is_in([32, 33]))
    return asked.join(
        known.join(speaks, left_on="line_id", right_on="second", how="anti"), on="line_id", how="anti"
    )


def findings(lines: Path, tables: Path) -> pa.Table:
    return found(lines, tables).collect(engine="streaming").to_arrow()


if __name__ == "__main__":
    _lines, _tables, _out = map(Path, sys.argv[1:4])
    found(_lines, _tables).sink_parquet(_out, engine="streaming")
