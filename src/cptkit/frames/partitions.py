"""One partition of a table within an engine that spreads it: what goes to a worker, and what comes back.

All of it is plain Arrow, so that nothing here needs the engine. What comes back is one table, in which ``kind`` says
what a row is: a finding, lines that a rule did not check, a rejected row, or a total.
"""

import os
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

import cptkit
from cptkit.codesets import Catalog, Codeset, Pin, codeset
from cptkit.edits import attach
from cptkit.errors import BrokenEdition, DigestMismatch, NotInstalled, UnknownEdition
from cptkit.frames.arrow import Array, RecordBatch, Schema, Table, pa
from cptkit.frames.running import check as check_table
from cptkit.rules.judged import Judge
from cptkit.rules.profiles.profile import Profile

if TYPE_CHECKING:
    from cptkit.frames.columns import ColumnMap
    from cptkit.frames.findings import FindingsTable

__all__ = [
    "FINDING",
    "NOT_CHECKED",
    "REJECT",
    "TEXTS",
    "TOTAL",
    "TOTALS",
    "Pinned",
    "Plan",
    "Work",
    "catalog_of",
    "pinned",
    "told_schema",
]

TEXTS = ("rule", "outcome", "severity", "evidence", "group", "carc", "reason")
TOTALS = ("rows", "cells", "lines", "rejected")
FINDING, NOT_CHECKED, REJECT, TOTAL = "finding", "not_checked", "reject", "total"
_CATALOGS = 4  # that one worker keeps


@attrs.frozen(slots=True)
class Pinned:
    """What a worker makes a catalog of: editions by name and digest, those that have no name, and edit tables."""

    editions: tuple[Pin, ...]
    own: tuple[Codeset, ...]
    tables: Pin | None


@attrs.frozen(slots=True, eq=False)
class Plan:
    """What goes to the workers.

    ``names``: of the columns, whatever the engine calls them. ``by`` judges. ``ids``: the columns of claim and line, where there are. ``wide``:
    how many lines a row may hold, where it is no line itself. ``version``: cptkit's, here. ``kept``: where workers keep
    what rules said.
    """

    pinned: Pinned
    names: tuple[str, ...]
    columns: "ColumnMap"
    by: Judge
    select: tuple[str, ...]
    ignore: tuple[str, ...]
    setting: str
    ids: tuple[str | None, str | None]
    wide: int
    version: str
    kept: str | None = None


def pinned(catalog: Catalog, tables: str | os.PathLike[str] | None) -> Pinned:
    """What a worker makes this catalog of; ``tables``: where it finds the edit tables, if not where they lie here."""
    named, own = [], []
    for edition in catalog.editions:
        try:
            codeset(edition.edition, digest=edition.digest)
        except (UnknownEdition, DigestMismatch, BrokenEdition):
            own.append(edition)  # read from a folder: no name finds it elsewhere
        else:
            named.append(Pin(edition.edition, edition.digest))
    if catalog.tables is None:
        return Pinned(tuple(named), tuple(own), None)
    folder = Path(catalog.tables.folder).resolve() if tables is None else os.fspath(tables)
    return Pinned(tuple(named), tuple(own), Pin(str(folder), catalog.tables.digest))


@lru_cache(_CATALOGS)
def catalog_of(pinned: Pinned) -> Catalog:
    """The catalog, made once by each worker."""
    named = [codeset(pin.name, digest=pin.digest) for pin in pinned.editions]
    at = pinned.tables
    tables = None if at is None else attach(at.name, digest=at.digest)
    return Catalog.from_editions(*named, *pinned.own, tables=tables)


@attrs.frozen(slots=True, eq=False)
class Work:
    """What a worker does with a partition: batches of lines in, batches of what is told out."""

    plan: Plan

    def __call__(self, batches: Iterable[RecordBatch]) -> Iterator[RecordBatch]:
        """What is told of the lines of a partition, which hold all of their patients' days, each patient's together.

        :raises NotInstalled: this worker has another version of cptkit.
        :raises DigestMismatch, UnknownEdition, BrokenEdits: it has not the editions and tables of the driver.
        :raises UnreadableClaims: the rows of a patient do not stand together.
        """
        plan = self.plan
        if plan.version != cptkit.__version__:
            message = f"a worker has cptkit {cptkit.__version__}, not the version of the driver"
            raise NotInstalled(message, expected=f"cptkit {plan.version} on every worker")
        source = (pa.RecordBatch.from_arrays(batch.columns, names=plan.names) for batch in batches)
        first = next(source, None)
        if first is None:
            return
        kept: list[list[Array]] = []
        reader = pa.RecordBatchReader.from_batches(
            first.schema, _seen(chain([first], source), plan.ids, kept)
        )
        found = check_table(
            reader,
            catalog_of(plan.pinned),
            columns=plan.columns,
            basis=None if isinstance(plan.by, Profile) else plan.by,
            profile=plan.by if isinstance(plan.by, Profile) else None,
            select=plan.select,
            ignore=plan.ignore,
            setting=plan.setting,
            grouped=True,
            threads=1,
            kept=plan.kept,
        )
        schema = told_schema(first.schema, plan.ids)
        for table in _told(found, plan, schema, kept):
            yield from table.to_batches()


def _seen(
    batches: Iterable[RecordBatch], ids: tuple[str | None, ...], kept: list[list[Array]]
) -> Iterator[RecordBatch]:
    """The batches, and the ids of their rows kept, by which rejected rows are named."""
    for batch in batches:
        # copied: a column of a batch would keep all of it
        kept.append([None if name is None else pa.concat_arrays([batch.column(name)]) for name in ids])
        yield batch


def told_schema(lines: Schema, ids: tuple[str | None, str | None]) -> Schema:
    """The schema of what comes back; claim and line have the types that they have in the input."""
    claim, line = (None if name is None else lines.field(name).type for name in ids)
    fields = [("kind", pa.string()), ("claim", claim or pa.string()), ("line", line or pa.int64())]
    return pa.schema([*fields, *((name, pa.string()) for name in TEXTS), ("number", pa.int64())])


def _told(found: "FindingsTable", plan: Plan, schema: Schema, kept: list[list[Array]]) -> Iterator[Table]:
    table, wide = found.table, plan.wide
    is_placed = plan.ids[1] is None and wide > 0
    line = _places(table["row"], wide) if is_placed else table["line"]
    texts = {name: table[name] for name in TEXTS[:-1]}
    yield _rows(schema, FINDING, claim=table["claim"], line=line, **texts)
    unchecked = found.not_checked
    yield _rows(
        schema,
        NOT_CHECKED,
        rule=unchecked["rule"],
        reason=unchecked["reason"],
        number=unchecked["lines"],
    )
    rejects = found.rejects
    if len(rejects):
        rows = rejects["row"].to_numpy() // (wide or 1)
        claims, lines = (
            None if parts[0] is None else pa.chunked_array(parts).take(pa.array(rows))
            for parts in zip(*kept, strict=True)
        )
        lines = _places(rejects["row"], wide) if is_placed else lines
        yield _rows(schema, REJECT, claim=claims, line=lines, reason=rejects["reason"])
    totals = (found.rows, found.cells, found.lines, len(rejects))
    yield _rows(schema, TOTAL, reason=pa.array(TOTALS), number=pa.array(totals, pa.int64()))


def _places(rows: Array, wide: int) -> Array:
    """The place in its row of each line, from 1."""
    return pa.array(rows.to_numpy() % wide + 1)


def _rows(schema: Schema, kind: str, **columns: Array | None) -> Table:
    """Rows of one kind; what they do not tell is null."""
    there = {name: column for name, column in columns.items() if column is not None}
    many = len(next(iter(there.values())))
    there["kind"] = pa.array([kind] * many, pa.string())
    arrays = [
        there[field.name].cast(field.type) if field.name in there else pa.nulls(many, field.type)
        for field in schema
    ]
    return pa.table(arrays, schema=schema)
