"""From the files of an import to the tables they become: what belongs together, what is missing, what is left out.

Everything is judged by the beginnings of the files, before a row is read: two files for one table,
or a part of the pair edits that is not there, end the import at once.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath

import attrs

from cptkit.edits.quarter import Quarter
from cptkit.edits.records import Setting
from cptkit.errors import ContradictoryFile, UnknownLayout, UnreadableFile
from cptkit.importers.layouts import Kind, Recognised
from cptkit.importers.names import Programme, claims_of
from cptkit.importers.opening import Member
from cptkit.importers.reading import Skipped, Table, survey

__all__ = ["PARTS", "TABLES", "Group", "Plan", "plan"]

PARTS = 4
"""In how many files CMS publishes the pair edits of a setting and quarter."""

TABLES: Mapping[Kind, str] = {
    Kind.PTP: "ptp",
    Kind.MUE: "mue",
    Kind.AOC: "addons",
    Kind.PFS: "pfs",
    Kind.TELEHEALTH: "telehealth",
}
"""The edit table that a kind goes into; the others have none."""

_FORMS = {".zip", ".txt", ".csv", ".tsv", ".tab", ".xlsx", ".xlsm", ""}
_WORKBOOKS = {".xlsx", ".xlsm"}
_BUFFER = 1024**2


@attrs.frozen(slots=True)
class Group:
    """What becomes one table: one file, or the parts of the pair edits in their order."""

    recognised: Recognised
    tables: tuple[Table, ...]

    @property
    def has_place(self) -> bool:
        """Whether the edit tables have a place for it: Medicare's five kinds."""
        return self.recognised.kind in TABLES and self.recognised.programme is Programme.MEDICARE

    @property
    def shown(self) -> str:
        """Its files, as errors name them."""
        if len(self.tables) == 1:
            return self.tables[0].member.shown
        return _brief(self.tables)


@attrs.frozen(slots=True)
class Plan:
    """What an import will read, in the order in which it is read, and what it leaves out."""

    groups: tuple[Group, ...]
    skipped: tuple[Skipped, ...]


def plan(
    paths: Iterable[Path | str] | Path | str,
    *,
    setting: Setting | str | None = None,
    quarter: Quarter | str | None = None,
    qpp: bool | None = None,
    parts: int = PARTS,
) -> Plan:
    """What these files hold, and which of them make one table.

    A folder stands for the files in it; those that are no table are skipped there, and are an error
    where they are named themselves.

    :param parts: in how many files the pair edits of a setting and quarter come.
    :raises UnknownLayout: when a file holds no table that cptkit reads.
    :raises ContradictoryFile: when content, name and what you say disagree, or two files are one table.
    :raises UnreadableFile: when a file cannot be read, or a part of the pair edits is missing.
    :raises NotInstalled: for a workbook, when python-calamine is not there.

    >>> plan([])
    Traceback (most recent call last):
    ...
    cptkit.errors.UnreadableFile: there is no file to import
    """
    found: list[Table] = []
    skipped: list[Skipped] = []
    for path, is_named in _files([paths] if isinstance(paths, str | Path) else paths, skipped):
        try:
            seen = survey(path, setting=setting, quarter=quarter, qpp=qpp)
        except UnknownLayout as error:
            if is_named:
                raise
            skipped.append(Skipped(_whole(path), error.message.partition(" (")[0]))
            continue
        found += seen.tables
        skipped += seen.skipped
    if not found:
        told = "; ".join(f"{one.member.shown}: {one.reason}" for one in skipped[:5])
        raise UnreadableFile(f"there is no file to import{f' ({told})' if told else ''}")
    grouped: dict[Recognised, list[Table]] = {}
    others: list[Table] = []
    for table in found:
        if table.recognised.kind in TABLES:
            grouped.setdefault(_key(table.recognised), []).append(table)
        else:
            others.append(table)
    groups = [_group(tables, parts, skipped) for tables in grouped.values()]
    groups += [Group(table.recognised, (table,)) for table in _different(others, skipped)]
    return Plan(tuple(sorted(groups, key=_order)), tuple(skipped))


def _files(paths: Iterable[Path | str], skipped: list[Skipped]) -> Iterator[tuple[Path, bool]]:
    """Each file once, and whether it was named itself."""
    met: set[Path] = set()
    for given in paths:
        path = Path(given)
        inside = [path]
        is_folder = path.is_dir()
        if is_folder:
            try:
                inside = sorted(one for one in path.iterdir() if not one.name.startswith("."))
            except OSError as error:
                message = f"the folder cannot be read: {error.strerror or error}"
                raise UnreadableFile(message, where=str(path)) from error
        for one in inside:
            if is_folder and one.is_dir():
                skipped.append(Skipped(_whole(one), "a folder within the folder: name it too"))
            elif is_folder and one.suffix.lower() not in _FORMS:
                skipped.append(Skipped(_whole(one), f"tables are not published as {one.suffix}"))
            elif one.absolute() in met:
                skipped.append(Skipped(_whole(one), "the file is named twice"))
            else:
                met.add(one.absolute())
                yield one, not is_folder


def _whole(path: Path) -> Member:
    """A file as a member of itself, for the list of what is not read."""
    return Member(path.name, None, 0, path)


def _key(recognised: Recognised) -> Recognised:
    """What tables of one group have in common."""
    return attrs.evolve(recognised, released=None, notes=())


def _order(group: Group) -> tuple[int, str, int, str, str]:
    """By kind; the quarters of a setting in their order, for each is made from the one before."""
    said = group.recognised
    return (
        list(Kind).index(said.kind),
        said.setting or "",
        said.quarter.index if said.quarter else 0,
        said.release or "",
        group.shown,
    )


def _group(tables: Sequence[Table], parts: int, skipped: list[Skipped]) -> Group:
    slots: dict[int | None, list[Table]] = {}
    for table in tables:
        slots.setdefault(_part(table), []).append(table)
    kept = {number: _one(slot, skipped) for number, slot in slots.items()}
    first = tables[0].recognised
    if set(kept) != {None} and first.programme is Programme.MEDICARE:
        _check_parts(first, kept, parts)
    chosen = [kept[number] for number in sorted(kept, key=lambda number: number or 0)]
    notes = tuple(dict.fromkeys(note for table in chosen for note in table.recognised.notes))
    is_pairs = first.kind is Kind.PTP and first.programme is Programme.MEDICARE
    if is_pairs and set(kept) == {None} and parts != 1:
        notes += (f"one file without a part (f1) in its name was taken as all pair edits of {first.quarter}",)
    return Group(attrs.evolve(first, notes=notes), tuple(chosen))


def _part(table: Table) -> int | None:
    """Which of several files it is, by its name; only the pair edits come in several."""
    if table.recognised.kind is not Kind.PTP:
        return None
    member = table.member
    return claims_of(*([member.archive] if member.archive else []), member.name).part


def _check_parts(recognised: Recognised, kept: Mapping[int | None, Table], parts: int) -> None:
    """All parts, and nothing else: a pair of a part that is missing would look like no edit."""
    where = _brief(kept.values())
    what = f"the pair edits of {recognised.setting} {recognised.quarter}"
    numbers = {number for number in kept if number is not None}
    expected = f"f1 to f{parts} in one import; where CMS made another number of parts, say so (--parts)"
    if None in kept:
        message = f"{what} are in a file without a number, and in numbered parts besides"
        raise ContradictoryFile(message, expected="the one or the others", where=where)
    missing = sorted(set(range(1, parts + 1)) - numbers)
    if missing:
        told = ", ".join(f"f{number}" for number in missing)
        is_missing = f"{told} {'are' if len(missing) > 1 else 'is'} missing"
        raise UnreadableFile(f"{what} are not complete: {is_missing}", expected=expected, where=where)
    if max(numbers) > parts:
        message = f"{what} have more parts than {parts}"
        raise ContradictoryFile(message, given=f"f{max(numbers)}", expected=expected, where=where)


def _brief(tables: Iterable[Table]) -> str:
    """Several files, each by the name of what was downloaded."""
    return ", ".join(dict.fromkeys(table.member.archive or table.member.name for table in tables))


def _one(tables: Sequence[Table], skipped: list[Skipped]) -> Table:
    """The one of several tables that is read: of the same content the first, of two forms the text."""
    different = _different(tables, skipped)
    texts = [table for table in different if not _is_workbook(table.member)]
    if len(different) > 1 and len(texts) == 1:
        for table in different:
            if table is not texts[0]:
                reason = f"the same table in another form: {texts[0].member.shown} is read"
                skipped.append(Skipped(table.member, reason))
        return texts[0]
    if len(different) > 1:
        shown = " and ".join(table.member.shown for table in different)
        raise ContradictoryFile(
            f"two files for one table ({different[0].recognised})",
            given=shown,
            expected="the one that CMS published last",
        )
    return different[0]


def _different(tables: Sequence[Table], skipped: list[Skipped]) -> list[Table]:
    """The tables without those whose bytes are those of an earlier one, as of a zip that was unpacked beside it."""
    kept: list[Table] = []
    for table in tables:
        same = next((one for one in kept if _is_same(one.member, table.member)), None)
        if same is None:
            kept.append(table)
        else:
            skipped.append(Skipped(table.member, f"the same file as {same.member.shown}"))
    return kept


def _is_same(one: Member, other: Member) -> bool:
    return one.size == other.size and _digest(one) == _digest(other)


def _digest(member: Member) -> bytes:
    digest = hashlib.sha256()
    with member.open() as stream:
        while data := stream.read(_BUFFER):
            digest.update(data)
    return digest.digest()


def _is_workbook(member: Member) -> bool:
    return PurePosixPath(member.name.lower()).suffix in _WORKBOOKS
