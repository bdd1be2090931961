"""Checks a folder of edit tables byte by byte, and says everything that is wrong with it."""

from collections.abc import Iterator
from pathlib import Path

from cptkit.edits.doubts import contradictions
from cptkit.edits.listed import table_of
from cptkit.edits.manifest import Manifest, Part, digest_of, read_file, read_manifest
from cptkit.edits.marks import read_marks
from cptkit.edits.merging import only
from cptkit.edits.pairs import PairTable
from cptkit.errors import BrokenEdits, DigestMismatch

__all__ = ["verify"]


def verify(folder: Path | str) -> tuple[str, ...]:
    """What is wrong with the edit tables of a folder; nothing where they are whole.

    Every file against its digest, every number of the pair edits, every line of the other tables,
    and each quarter of the pair edits, taken out of the union, against the digest it had alone. Rows
    of a pair that contradict each other are told too, though they are as they were imported.

    :raises BrokenEdits: when there are no tables, or no manifest can be read.

    >>> import tempfile
    >>> from cptkit.edits import Writer
    >>> with tempfile.TemporaryDirectory() as folder, Writer(folder) as writer:
    ...     _ = writer.commit()
    ...     verify(folder)
    ()
    >>> verify("nowhere")
    Traceback (most recent call last):
    ...
    cptkit.errors.BrokenEdits: no edit tables can be read here: No such file or directory; see nowhere/manifest.json
    """
    folder = Path(folder)
    return tuple(_problems(folder, read_manifest(folder)))


def _problems(folder: Path, manifest: Manifest) -> Iterator[str]:
    whole: dict[str, bytes] = {}
    for name, (_, size) in sorted(manifest.files.items()):
        try:
            whole[name] = read_file(folder, name, manifest)
        except (BrokenEdits, DigestMismatch) as error:
            yield error.message
        else:
            if len(whole[name]) != size:
                yield f"{name} has {len(whole[name]):,} bytes, the manifest says {size:,}"
    pair_parts: dict[str, list[Part]] = {}
    for part in manifest.parts():
        if part.table == "ptp":
            pair_parts.setdefault(part.file, []).append(part)
        try:
            if part.marks in whole:
                read_marks(whole[part.marks], part.marks)
            if part.table != "ptp" and part.file in whole:
                yield from _listed_problems(part, whole[part.file])
        except BrokenEdits as error:
            yield f"{part.name}: {error}"
    for name, parts in pair_parts.items():
        if name in whole:
            try:
                yield from _pair_problems(whole[name], name, parts)
            except BrokenEdits as error:
                yield str(error)


def _listed_problems(part: Part, data: bytes) -> Iterator[str]:
    table = table_of(part, data, part.file)
    rows = sum(1 for _ in table)  # makes every row
    if rows != part.rows:
        yield f"{part.name}: {rows:,} rows, the manifest says {part.rows:,}"
    lines = data.split(b"\n")[1:-1]
    if lines != sorted(set(lines)):
        yield f"{part.name}: the rows are not in order, or one comes twice"
    if digest_of(data) != part.digest:
        yield f"{part.name}: its digest is not that of {part.file}"


def _pair_problems(data: bytes, name: str, parts: list[Part]) -> Iterator[str]:
    table = PairTable.from_bytes(data, name)
    if table.canonical().to_bytes() != data:
        yield f"{name} is not written as it must be: its rows are in another order"
    said = sorted(part.quarter.index for part in parts)
    if table.quarters != said or any(part.setting != table.setting for part in parts):
        yield f"{name} holds other quarters, or another setting, than the manifest says"
        return
    for part in parts:
        alone = only(table, [part.quarter.index])
        counts = alone.counts()
        if digest_of(alone.to_bytes()) != part.digest:
            yield f"{part.name}: its rows are others than those that were imported"
        elif counts.pop("rows") != part.rows or any(part.counts.get(key) != counts[key] for key in counts):
            yield f"{part.name}: the manifest says other figures than the table"
        clashing, first = contradictions(alone)
        if clashing:
            what = "are in force on one day, or end before they begin"
            yield f"{part.name}: rows that contradict each other: {clashing:,} of its pairs ({first}) {what}"
