"""Licensed CPT files and HCPCS files as the tables of an edition: what ``cptkit codeset build --from-file`` reads.

Every code gets the file's name and digest as its source. Texts are dropped while they are read,
unless they are asked for.
"""

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

import attrs

from cptkit.codes import Category, category_of
from cptkit.edits.quarter import Quarter
from cptkit.errors import ContradictoryFile, UnknownLayout, UnreadableFile
from cptkit.importers.layouts import Kind
from cptkit.importers.names import claims_of
from cptkit.importers.own_tables import cpt_tables, hcpcs_tables
from cptkit.importers.reading import Skipped, Table, read_all, survey
from cptkit.importers.rows import CptRow, HcpcsRow
from cptkit.importers.summary import Summary

__all__ = ["CodeTables", "code_tables", "joined"]

_OF_THE_AMA = {Kind.CPT_LIST, Kind.CPT_DESCRIPTIONS}


@attrs.frozen(slots=True)
class CodeTables:
    """Tables of an edition by their file names, the files they were read from, and what was not read.

    ``left_out``: how many rows that could be read are not in the tables, by the reason.

    >>> CodeTables({}, (), (), {"modifiers": 360}).left_out
    {'modifiers': 360}
    >>> CodeTables({})
    Traceback (most recent call last):
    ...
    TypeError: CodeTables.__init__() missing 3 required positional arguments: ...
    """

    tables: Mapping[str, str]
    files: tuple[Summary, ...]
    skipped: tuple[Skipped, ...]
    left_out: Mapping[str, int]


def code_tables(
    paths: Iterable[Path | str],
    *,
    year: int,
    checked: dt.date,
    known: Collection[str] = (),
    keep_descriptors: bool = False,
) -> CodeTables:
    r"""The tables of the codes in files of the AMA or of HCPCS Level II, all of one coding year.

    :param year: the coding year. The AMA's files do not say since when a code stands: it is in force
        on the first day of that year, and before.
    :param checked: the day on which the files were read.
    :param known: codes of the edition that is extended; they keep their history, and get texts alone.
    :param keep_descriptors: also read the texts, which stay under the licence of the file.
    :raises UnknownLayout: when a file holds no list of codes.
    :raises ContradictoryFile: when a file is of another year, or two HCPCS files are named.
    :raises UnreadableFile: when one cannot be read.
    :raises NotInstalled: for a workbook, when python-calamine is not there.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "LONGULT.txt")
    ...     _ = path.write_text("a notice\n\n0001F\ttext of the licence holder\n")
    ...     found = code_tables([path], year=2026, checked=dt.date(2026, 1, 5))
    >>> print(found.tables["codes.tsv"].replace("\t", " "), end="")
    code sources confidence checked
    0001F CPT-FILES verified 2026-01-05
    >>> code_tables(["nowhere.txt"], year=2026, checked=dt.date(2026, 1, 5))
    Traceback (most recent call last):
    ...
    cptkit.errors.UnreadableFile: the file cannot be read: No such file or directory; see nowhere.txt
    """
    cpt: list[CptRow] = []
    hcpcs: list[HcpcsRow] = []
    files: list[Summary] = []
    skipped: list[Skipped] = []
    for path in paths:
        # A HCPCS file that names no quarter is one of a whole year; where it names one, that counts.
        found = survey(path)
        skipped += found.skipped
        for table in found.tables:
            _check(table, year, files)
            rows, summary = read_all(table, keep_descriptors=keep_descriptors)
            if not rows:
                message = f"none of its {summary.rows_read:,} rows can be read; {summary.rejected[0]}"
                raise UnreadableFile(message, where=table.member.shown)
            files.append(summary)
            (cpt if table.recognised.kind in _OF_THE_AMA else hcpcs).extend(rows)
    if not files:
        raise UnreadableFile("there is no file to read codes from")
    made: list[Mapping[str, str]] = []
    if cpt:
        where = _where(files, of_the_ama=True)
        made.append(cpt_tables(cpt, first_day=dt.date(year, 1, 1), checked=checked, where=where, known=known))
    if hcpcs:
        where = _where(files, of_the_ama=False)
        made.append(
            hcpcs_tables(hcpcs, checked=checked, where=where, known=known, keep_descriptors=keep_descriptors)
        )
    tables: dict[str, str] = {}
    for part in made:
        for name, text in part.items():
            tables[name] = joined(tables[name], text) if name in tables else text
    return CodeTables(tables, tuple(files), tuple(skipped), _left_out(cpt, hcpcs, known))


def _left_out(cpt: Iterable[CptRow], hcpcs: Iterable[HcpcsRow], known: Collection[str]) -> Mapping[str, int]:
    """The rows that make no code of their own."""
    codes = {row.code for row in cpt}
    found: Counter[str] = Counter()
    for row in hcpcs:
        if row.is_modifier:
            found["modifiers"] += 1
        elif category_of(row.code) is not Category.HCPCS_II:
            found["codes that are not CMS's"] += 1
        else:
            codes.add(row.code)
    found["codes that the edition has already"] = len(codes & set(known))
    return {name: count for name, count in found.items() if count}


def _check(table: Table, year: int, before: Iterable[Summary]) -> None:
    kind, member = table.recognised.kind, table.member
    if kind not in {*_OF_THE_AMA, Kind.HCPCS}:
        message = f"this is no list of codes, but {kind.wording}: see cptkit import"
        raise UnknownLayout(message, expected="files of the AMA or of HCPCS Level II", where=member.shown)
    claims = claims_of(*([member.archive] if member.archive else []), member.name)
    quarter: Quarter | None = table.recognised.quarter or claims.quarter
    said = quarter.year if quarter else claims.year
    if said is not None and said != year:
        raise ContradictoryFile(
            f"the file is of {said}, the edition of {year}", expected=f"files of {year}", where=member.shown
        )
    if kind is Kind.HCPCS and any(file.recognised.kind is Kind.HCPCS for file in before):
        message = "two HCPCS files: the newest one holds all codes of the others"
        raise ContradictoryFile(message, expected="one of them", where=member.shown)


def _where(files: Iterable[Summary], *, of_the_ama: bool) -> str:
    """The source of the codes: the files with their digests."""
    chosen = [file for file in files if (file.recognised.kind in _OF_THE_AMA) is of_the_ama]
    return "; ".join(f"{file.member.shown} ({file.digest})" for file in chosen)


def joined(text: str, more: str) -> str:
    r"""A table with the rows of another one behind its own: but for rows about what it has rows about already.

    Columns that only one of them has are empty in the other. Lines stay where they are. A table that
    is not written as it must be stays as it is, for the build to say so.

    >>> print(joined("code\tlabel\n0001F\town\n", "code\tchecked\n0001F\tx\n0002F\ty\n").replace("\t", "|"))
    code|label|checked
    0001F|own|
    0002F||y
    <BLANKLINE>
    """
    header, *lines = text.removesuffix("\n").split("\n")
    names = header.split("\t")
    more_names, *more_rows = [line.split("\t") for line in more.removesuffix("\n").split("\n")]
    if more_names[0] not in names or "\r" in text:
        return text
    about = names.index(more_names[0])
    there = {line.split("\t")[about] for line in lines if line.count("\t") >= about}
    added = [name for name in more_names if name not in names]
    whole = ["\t".join([*names, *added])]
    whole += [line + "\t" * len(added) if line.strip() else line for line in lines]
    for cells in more_rows:
        if cells[0] not in there:
            said = dict(zip(more_names, cells, strict=True))
            whole.append("\t".join(said.get(name, "") for name in [*names, *added]))
    return "\n".join(whole) + "\n"
