r"""Codes of the AMA's or CMS's files as tables that ``cptkit codeset build`` makes an edition of.

The AMA's files say which codes there are in a coding year, not since when: the history says *in force
on the first day of that year, and before*. CMS's HCPCS file has the days. Texts stand in
``descriptors.tsv``, and only where the rows have them.

>>> import datetime as dt
>>> from cptkit.importers.rows import CptRow
>>> tables = cpt_tables([CptRow(9, "0001F", None)], first_day=dt.date(2026, 1, 1),
...                     checked=dt.date(2026, 1, 5), where="our licensed files of 2026")
>>> for line in tables["code-history.tsv"].splitlines():
...     print(line.split("\t"))
['code', 'from', 'status', 'earlier', 'sources', 'confidence', 'checked']
['0001F', '2026-01-01', 'in-force', 'yes', 'CPT-FILES', 'verified', '2026-01-05']
"""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

from cptkit.codes import Category, category_of
from cptkit.errors import BrokenTables
from cptkit.importers.rows import CptRow, HcpcsRow

__all__ = ["cpt_tables", "hcpcs_tables", "write_tables"]

_ONE_DAY = dt.timedelta(days=1)
_EVIDENCE = ("sources", "confidence", "checked")
_TEXTS = ("long", "medium", "short")


def cpt_tables(
    rows: Iterable[CptRow],
    *,
    first_day: dt.date,
    checked: dt.date,
    where: str,
    source: str = "CPT-FILES",
    known: Collection[str] = (),
) -> Mapping[str, str]:
    r"""The tables, by file name, of the codes in licensed CPT files.

    :param rows: of one file or several: the same code in two of them is one code with the texts of both.
    :param first_day: the first day of the coding year of the files.
    :param checked: the day on which the files were read.
    :param where: where the files are from, in your words; it becomes the source of every row.
    :param known: codes of the edition that is extended; only their texts are given.

    >>> tables = cpt_tables([CptRow(9, "0001F", None)], first_day=dt.date(2026, 1, 1),
    ...                     checked=dt.date(2026, 1, 5), where="our files", known={"0001F"})
    >>> tables["codes.tsv"].count("\n"), "descriptors.tsv" in tables
    (1, False)
    """
    texts: dict[str, dict[str, str]] = {}
    for row in rows:
        known_texts = texts.setdefault(row.code, {})
        known_texts.update((kind, text) for kind in _TEXTS if (text := getattr(row, kind)))
    evidence = (source, "verified", checked.isoformat())
    new = sorted(code for code in texts if code not in known)
    best = {
        code: next((found[kind] for kind in _TEXTS if kind in found), "") for code, found in texts.items()
    }
    return _tables(
        [(code, *evidence) for code in new],
        [(code, first_day.isoformat(), "in-force", "yes", *evidence) for code in new],
        best,
        (source, "A", where),
    )


def hcpcs_tables(
    rows: Iterable[HcpcsRow],
    *,
    checked: dt.date,
    where: str,
    source: str = "HCPCS-FILE",
    known: Collection[str] = (),
    keep_descriptors: bool = False,
) -> Mapping[str, str]:
    r"""The tables, by file name, of the codes in a HCPCS Level II file; its modifiers are left out.

    :param known: codes of the edition that is extended; only their texts are given.
    :param keep_descriptors: also give CMS's long texts.

    >>> hcpcs_tables([], checked=dt.date(2026, 1, 5), where="HCPC2026_JAN_ANWEB.csv")["codes.tsv"]
    'code\tsources\tconfidence\tchecked\n'
    """
    evidence = (source, "verified", checked.isoformat())
    codes: list[Sequence[str]] = []
    history: list[Sequence[str]] = []
    texts: dict[str, str] = {}
    for row in rows:
        if row.is_modifier or category_of(row.code) is not Category.HCPCS_II:
            continue
        texts[row.code] = (row.long or "") if keep_descriptors else ""
        if row.code in known:
            continue
        codes.append((row.code, *evidence))
        history.append((row.code, row.first_day.isoformat(), "in-force", "no", *evidence))
        if row.last_day is not None:
            history.append((row.code, (row.last_day + _ONE_DAY).isoformat(), "ended", "no", *evidence))
    return _tables(codes, history, texts, (source, "A", where))


def write_tables(tables: Mapping[str, str], folder: Path | str) -> Path:
    """Write tables into a new or empty folder, for ``cptkit codeset build``; the folder.

    :raises BrokenTables: when something stands in the folder already: nothing of it is mixed in.
    :raises OSError: when it cannot be written.

    >>> write_tables({"codes.tsv": ""}, ".")
    Traceback (most recent call last):
    ...
    cptkit.errors.BrokenTables: the folder of tables is not empty...
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    there = next(folder.iterdir(), None)
    if there is not None:
        raise BrokenTables(
            "the folder of tables is not empty", given=there.name, expected="a new folder", where=str(folder)
        )
    for name, text in tables.items():
        (folder / name).write_bytes(text.encode("utf-8"))
    return folder


def _tables(
    codes: Iterable[Sequence[str]],
    history: Iterable[Sequence[str]],
    texts: Mapping[str, str],
    source: Sequence[str],
) -> Mapping[str, str]:
    rows: dict[str, tuple[Sequence[str], Iterable[Sequence[str]]]] = {
        "codes.tsv": (("code", *_EVIDENCE), codes),
        "code-history.tsv": (("code", "from", "status", "earlier", *_EVIDENCE), history),
        "sources.tsv": (("key", "grade", "where"), [source]),
    }
    kept = [(code, text) for code, text in sorted(texts.items()) if text]
    if kept:
        rows["descriptors.tsv"] = (("code", "descriptor"), kept)
    return {name: "".join(map(_line, [header, *body])) for name, (header, body) in rows.items()}


def _line(cells: Sequence[str]) -> str:
    return "\t".join(" ".join(cell.split()) for cell in cells) + "\n"
