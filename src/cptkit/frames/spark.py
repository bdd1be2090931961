"""Tables of claim lines within Spark: the lines of a patient together, each partition checked where it lies.

``check`` brings the rows of a patient into one partition, sorts them, and gives each partition to
``cptkit.frames.check`` as a stream of Arrow batches. What comes out of that is kept, so that findings, what was not
checked, rejected rows and totals are taken from one run:

>>> import cptkit
>>> from pyspark.sql import SparkSession
>>> spark = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
>>> rows = [("P-1", "1", "2026-03-02", "90837-95", 50), ("P-1", "2", "2026-03-02", "90785", None)]
>>> names = "patient string, line string, dos string, cpt string, minutes int, modifiers string"
>>> lines = spark.createDataFrame([(*row, None) for row in rows], names)
>>> found = check(lines, cptkit.Catalog.from_editions("2026.1"), partitions=2)
>>> [(each.line, each.rule, each.outcome) for each in found.findings.collect()]
[('1', 'TIM402', 'fail')]
>>> found.totals()
{'rows': 2, 'cells': 2, 'lines': 2, 'rejected': 0}
>>> found.unpersist()

A worker needs cptkit with the extra ``frames``, of the same version. It makes the catalog once, from the names and
digests of the editions and the path and digest of the edit tables, and keeps it for all its partitions; where a
digest is another one there, it refuses.
"""

import os
from collections.abc import Iterable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

import cptkit
from cptkit.codesets import Catalog, Codeset, Pin
from cptkit.errors import NotInstalled, UnreadableClaims
from cptkit.frames.arrow import DataType, pa
from cptkit.frames.in_short import in_short
from cptkit.frames.kinds import unfit
from cptkit.frames.maps import column_map, detect
from cptkit.frames.partitions import FINDING, NOT_CHECKED, REJECT, TEXTS, TOTAL, TOTALS, Plan, Work, pinned
from cptkit.rules.choosing import chosen, selectors
from cptkit.rules.judged import basis_of, judge
from cptkit.setting import Setting
from cptkit.sources import Basis

if TYPE_CHECKING:
    from cptkit.frames.columns import ColumnMap, Columns
    from cptkit.rules.profiles.profile import Profile

__all__ = ["DataFrame", "SparkFindings", "check"]

DataFrame: TypeAlias = Any
"""A DataFrame of Spark, which is not needed to read this module."""

_ARROW = {
    **dict.fromkeys(("string", "varchar", "char"), pa.string()),
    "binary": pa.binary(),
    "boolean": pa.bool_(),
    "byte": pa.int8(),
    "short": pa.int16(),
    "integer": pa.int32(),
    "long": pa.int64(),
    "float": pa.float32(),
    "double": pa.float64(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us", "UTC"),
    "timestamp_ntz": pa.timestamp("us"),
    "void": pa.null(),
}
_BLANKS = "".join(filter(str.isspace, map(chr, range(0x3001))))  # what ``str.strip`` sets aside


@attrs.frozen(slots=True, eq=False)
class SparkFindings:
    """What the rules found in a DataFrame of claim lines.

    ``findings``, ``not_checked`` and ``rejects`` are DataFrames out of one run, which begins with the first action
    on any of them and is kept until ``unpersist``. ``rules`` ran; of ``left_out`` what they need is not there.
    ``columns``: which column held what. ``pins``: editions and tables by digest. ``told``: all of it as one
    DataFrame, in which ``kind`` says what a row is.
    """

    told: DataFrame = attrs.field(repr=False)
    rules: tuple[str, ...]
    left_out: tuple[str, ...]
    columns: str
    pins: tuple[Pin, ...]
    basis: str
    setting: str

    @property
    def findings(self) -> DataFrame:
        """A row for each finding, as ``FindingsTable.table`` has it; ``claim`` and ``line`` say of which line."""
        return self._of(FINDING).select("claim", "line", *TEXTS[:-1])

    @property
    def not_checked(self) -> DataFrame:
        """How many lines a rule did not check, by its reason."""
        functions = _functions()
        grouped = self._of(NOT_CHECKED).groupBy("rule", "reason")
        return grouped.agg(functions.sum("number").alias("lines"))

    @property
    def rejects(self) -> DataFrame:
        """The rows that are no lines: their ``claim`` and ``line`` as far as they have them, and the reason."""
        return self._of(REJECT).select("claim", "line", "reason")

    def totals(self) -> dict[str, int]:
        """How many rows were read, and how many cells, lines and rejected ones they held.

        ``cells`` are ``lines`` plus ``rejected``; where a row holds one line, they are the ``rows``.
        """
        grouped = self._of(TOTAL).groupBy("reason").agg(_functions().sum("number").alias("number"))
        return dict.fromkeys(TOTALS, 0) | {row["reason"]: row["number"] for row in grouped.collect()}

    def summary(self) -> str:
        """What was read, checked and found, as text."""
        totals = self.totals()
        counted = self.findings.groupBy("rule", "outcome").count().collect()
        rows = sorted((-each["count"], each["rule"], each["outcome"]) for each in counted)
        return in_short(
            rows=totals["rows"],
            lines=totals["lines"],
            rejects={row["reason"]: row["count"] for row in self.rejects.groupBy("reason").count().collect()},
            findings={(rule, outcome): -count for count, rule, outcome in rows},
            unchecked=[(row["rule"], row["reason"], row["lines"]) for row in self.not_checked.collect()],
            left_out=self.left_out,
        )

    def unpersist(self) -> None:
        """Let go of what is kept; a later action checks again."""
        self.told.unpersist()

    def _of(self, kind: str) -> DataFrame:
        return self.told.where(_functions().col("kind") == kind)


def check(
    df: DataFrame,
    catalog: Catalog | Codeset,
    *,
    columns: "ColumnMap | str | os.PathLike[str] | Mapping[str, Any] | None" = None,
    basis: Basis | None = None,
    profile: "Profile | str | os.PathLike[str] | None" = None,
    select: Iterable[str] = ("ALL",),
    ignore: Iterable[str] = (),
    setting: Setting | str = Setting.PRACTITIONER,
    partitions: int | None = None,
    tables: str | os.PathLike[str] | None = None,
    kept: str | os.PathLike[str] | None = None,
) -> SparkFindings:
    """What is wrong with the lines of a DataFrame of Spark; see ``cptkit.frames.check``, which judges each partition.

    Nothing runs before the first action on what is answered. The findings are the same for any number of
    partitions. A finding is joined back by ``claim`` and ``line``, so the DataFrame needs a column of line ids;
    where a row holds several lines, ``line`` is the place in the row, from 1. A finding of several lines stands on
    the one with the lowest line id; of equal ones, with the lowest claim id.

    :param df: not a streaming one: the lines of a patient and day must all be there.
    :param columns, basis, profile, select, ignore, setting: as for ``cptkit.frames.check``.
    :param partitions: how many the lines are brought into, by patient (by claim where none is named). By default
        as many as Spark's ``spark.sql.shuffle.partitions`` says, small ones joined. A worker keeps the ids
        of a partition, and of the rest some 250,000 lines.
    :param tables: where workers find the edit tables of the catalog, if not where they lie here.
    :param kept: a folder of the workers, in which they keep what rules said, as ``cptkit.frames.check`` does.
    :raises NotInstalled: pyspark is not installed.
    :raises UnreadableClaims: this is no DataFrame, a column is missing or cannot hold its field.
    :raises AmbiguousColumns, UnknownRule, UnknownProfile, BrokenProfile: as ``cptkit.frames.check``.

    What goes wrong in a worker Spark raises there, with the words of cptkit within: ``DigestMismatch`` and
    ``UnknownEdition`` where it has other editions, ``BrokenEdits`` where it has no edit tables, ``NotInstalled``
    where it has another version of cptkit.

    >>> import cptkit
    >>> from pyspark.sql import SparkSession
    >>> spark = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
    >>> catalog = cptkit.Catalog.from_editions("2026.1")
    >>> lines = spark.createDataFrame([(7, 1, "2026-03-02", "90785")], "claim int, line int, dos string, cpt string")
    >>> found = check(lines, catalog, select=["ADD301"])
    >>> [(each.claim, each.line, each.rule) for each in found.findings.collect()]
    [(7, 1, 'ADD301')]
    >>> found.unpersist()
    >>> check(lines.drop("line"), catalog)
    Traceback (most recent call last):
    ...
    cptkit.errors.UnreadableClaims: no column holds the id of a line, by which a finding is joined back...
    """
    if not hasattr(df, "mapInArrow"):
        raise UnreadableClaims(
            "this is no DataFrame of Spark", given=df, expected="one with mapInArrow, of Spark 3.5 on"
        )
    functions = _functions()
    if df.isStreaming:
        raise UnreadableClaims("a stream has no last row", expected="a DataFrame that is whole")
    catalog = Catalog((catalog,)) if isinstance(catalog, Codeset) else catalog
    setting, by = Setting(setting), judge(basis, profile)
    selected, ignored = selectors(select), selectors(ignore)
    run = chosen(selected, ignored, catalog, None, by)
    held = detect(df.columns) if columns is None else column_map(columns).fit(df.columns)
    schema = _schema(df, held)
    ids = tuple((held.fields.get(field) or (None,))[0] for field in ("claim", "line"))
    plan = Plan(
        pinned(catalog, tables),
        held.needed,
        held.map,
        by,
        selected,
        ignored,
        str(setting),
        (ids[0], ids[1]),
        held.lines,
        cptkit.__version__,
        None if kept is None else os.fspath(kept),
    )
    # plain names: mapInArrow takes none with dots or other signs
    plain = {name: f"column{place}" for place, name in enumerate(held.needed)}
    keys = _keys(df, held, plain)
    count = [] if partitions is None else [partitions]
    lines = df.select(*(functions.col(_quoted(name)).alias(plain[name]) for name in held.needed))
    lines = lines.repartition(*count, *keys)
    order = [functions.col(plain[name]) for name in reversed(ids) if name is not None]
    told = lines.sortWithinPartitions(*keys, *order).mapInArrow(Work(plan), schema)
    return SparkFindings(
        told.persist(),
        run.ids,
        run.left_out,
        held.describe(),
        catalog.pins,
        str(basis_of(by)),
        str(setting),
    )


def _spark(module: str) -> Any:
    try:
        return import_module(f"pyspark.{module}")
    except ImportError as error:
        raise NotInstalled(
            "cptkit.frames.spark needs pyspark, which is not installed",
            given="pyspark",
            expected="the extra spark: pip install cptkit[spark]",
        ) from error


def _functions() -> Any:
    return _spark("sql.functions")


def _quoted(name: str) -> str:
    return f"`{name.replace('`', '``')}`"


def _schema(df: DataFrame, held: "Columns") -> Any:
    """The schema of what is told; the ids have the types that they have in the input."""
    kinds = _spark("sql.types")
    here = {field.name: field.dataType for field in df.schema.fields}
    if problem := unfit(held, pa.schema([(name, _arrow(here[name])) for name in held.needed])):
        raise problem
    if "line" not in held.fields and not held.lines:
        raise UnreadableClaims(
            "no column holds the id of a line, by which a finding is joined back",
            expected="a column line, such as monotonically_increasing_id() gives one to a DataFrame that is saved",
        )
    line = here[held.fields["line"][0]] if "line" in held.fields else kinds.LongType()
    claim = here[held.fields["claim"][0]] if "claim" in held.fields else kinds.StringType()
    told = [("kind", kinds.StringType()), ("claim", claim), ("line", line)]
    told += [(name, kinds.StringType()) for name in TEXTS]
    return kinds.StructType([kinds.StructField(*each) for each in (*told, ("number", kinds.LongType()))])


def _arrow(kind: Any) -> DataType:
    """The type in Arrow of a type of Spark; of what can hold nothing here, a struct."""
    name = kind.typeName()
    if name == "array":
        return pa.list_(_arrow(kind.elementType))
    if name == "decimal":
        return pa.decimal128(kind.precision, kind.scale)
    return _ARROW.get(name, pa.struct([]))


def _keys(df: DataFrame, held: "Columns", plain: Mapping[str, str]) -> list[Any]:
    """What the lines of a patient have in common: the patient, or the claim where no patient is named.

    Ids that differ in blanks around them are one id, as everywhere in ``cptkit.frames``.
    """
    here = {field.name: field.dataType.typeName() for field in df.schema.fields}
    functions = _functions()
    found: list[Any] = []
    for field in ("patient", "claim"):
        if field not in held.fields:
            continue
        name = held.fields[field][0]
        key, kind = functions.col(plain[name]), here[name]
        if kind in {"float", "double"}:
            key = functions.when(
                ~functions.isnan(key), key + functions.lit(0.0)
            )  # NaN is no id, and -0.0 is 0.0
        elif kind in {"string", "binary", "varchar", "char"}:
            text = functions.btrim(key.cast("string"), functions.lit(_BLANKS))
            key = functions.when(text != "", text)
        found.append(functions.when(found[0].isNull(), key) if found else key)
    return found
