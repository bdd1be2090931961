"""From downloads to a folder of edit tables: everything is read first, and put in place in one step, or not at all."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory
from typing import Any

import attrs

from cptkit.edits.manifest import MANIFEST, Origin, Part, read_manifest
from cptkit.edits.ptp import MappedPairs
from cptkit.edits.quarter import Quarter
from cptkit.edits.records import Setting
from cptkit.edits.store import Writer
from cptkit.errors import ContradictoryFile, CptkitError, UnreadableFile
from cptkit.importers import ptp_loading
from cptkit.importers.as_edits import addon_edit, fee_row, first_day_of, telehealth_service, unit_limit
from cptkit.importers.layouts import Kind, Recognised
from cptkit.importers.names import Programme
from cptkit.importers.opening import digest_of
from cptkit.importers.planning import PARTS, TABLES, Group, Plan, plan
from cptkit.importers.reading import Table, read
from cptkit.importers.report import Became, Imported, ImportReport
from cptkit.importers.rows import Rejected
from cptkit.importers.summary import Summary, Tally
from cptkit.importers.watching import Watched

__all__ = ["import_files"]

Progress = Callable[[str, int, int], object]

_LOCK = ".lock"
_ADVICE = {
    Kind.HCPCS: "cptkit codeset build --from-file makes an edition of it",
    Kind.CPT_LIST: "cptkit codeset build --from-file makes an edition of it",
    Kind.CPT_DESCRIPTIONS: "cptkit codeset build --from-file makes an edition of it",
    Kind.PTP_CHANGES: "import the full tables of both quarters: cptkit edits diff shows what changed",
    Kind.POS: "no table holds this list yet; cptkit.importers.read_all gives a program its rows",
}
_OF_MEDICAID = "these are edits of Medicaid: they do not go into the tables of Medicare"


def import_files(
    paths: Iterable[Path | str] | Path | str,
    into: Path | str,
    *,
    dry_run: bool = False,
    quarter: Quarter | str | None = None,
    setting: Setting | str | None = None,
    qpp: bool | None = None,
    first_day: dt.date | None = None,
    parts: int = PARTS,
    progress: Progress = lambda _what, _done, _total: None,
) -> ImportReport:
    r"""Read files of CMS as downloaded, and put their rows into a folder of edit tables.

    A quarter that is there already is replaced; the others stay. A row that cannot be read is not in
    the tables, and is in the report. Whatever is raised, the tables are as they were before.

    :param paths: files, or folders of files. The parts of the pair edits (f1 to f4) belong together.
    :param into: the folder of tables; it is made when it is not there.
    :param dry_run: read everything and report it; write nothing but a copy of the tables that is
        thrown away.
    :param quarter: which quarter the files are of, where neither content nor name says it.
    :param setting: whose tables they are, where neither says it.
    :param qpp: whether relative values are those for qualifying participants, where the name does not
        say it.
    :param first_day: from which day a release of the fee schedule holds that CMS revised (``24AR``).
    :param parts: in how many files the pair edits of a setting and quarter come.
    :param progress: is told what is done, how many bytes were read, and how many there are.
    :raises UnreadableFile: when a file cannot be read; it says what the file looks like. Its children:
        ``UnknownLayout`` when it holds no table, ``ContradictoryFile`` when content, name and what you
        say disagree.
    :raises NotInstalled: for a workbook, when python-calamine is not there.
    :raises BrokenEdits: when the tables of the folder are damaged.
    :raises EditsInUse: when another process is writing to them.
    :raises OSError: when they cannot be written.

    >>> import tempfile
    >>> from cptkit.edits import attach
    >>> home = tempfile.TemporaryDirectory()
    >>> table = Path(home.name, "MCR_MUE_DMESupplierServices_Eff_07-01-2026.csv")
    >>> names = "HCPCS/CPT Code,DME Supplier Services MUE Values,MUE Adjudication Indicator,MUE Rationale"
    >>> _ = table.write_text(names + "\nW9901,2,1 Line Edit,own words\nW99O2,1,1 Line Edit,own words\n")
    >>> report = import_files([table], Path(home.name, "tables"))
    >>> report.rows_read, report.rows_kept, report.rows_rejected
    (2, 1, 1)
    >>> with attach(Path(home.name, "tables"), digest=report.digest) as edits:
    ...     print(edits.mue("W9901", date_of_service=dt.date(2026, 8, 1), setting="dme").mue)
    W9901 at most 2 MAI 1 (dme 2026q3)
    >>> home.cleanup()
    >>> import_files(["nowhere.zip"], "tables")
    Traceback (most recent call last):
    ...
    cptkit.errors.UnreadableFile: the file cannot be read: No such file or directory; see nowhere.zip
    """
    into = Path(into)
    found = plan(paths, setting=setting, quarter=quarter, qpp=qpp, parts=parts)
    _check_first_day(found, first_day)
    before = _digest_of_tables(into)
    reading = _Reading(found, first_day, progress)
    if not any(group.has_place for group in found.groups):
        tables = [reading.counted(group) for group in found.groups]
        return ImportReport(into, dry_run, before, before, tuple(tables), found.skipped)
    with _target(into, dry_run=dry_run) as target, Writer(target) as writer:
        there = {part.name: part for part in writer.parts}
        tables = [
            reading.put(group, writer, there) if group.has_place else reading.counted(group)
            for group in found.groups
        ]
        progress("writing", reading.total, reading.total)
        digest = writer.commit()
        now = {part.name: part for part in writer.parts}
        tables = [_dated(table, target, now) for table in tables]
    return ImportReport(into, dry_run, before, digest, tuple(tables), found.skipped)


def _check_first_day(found: Plan, first_day: dt.date | None) -> None:
    """The day of a revised release is within its quarter, and only one release has one."""
    releases = [group.recognised for group in found.groups if group.recognised.kind is Kind.PFS]
    revised = [release for release in releases if "R" in (release.release or "")]
    if first_day is None:
        for release in revised:
            first_day_of(release)
        return
    names = {release.release for release in revised}
    if len(names) != 1:
        given = ", ".join(sorted(filter(None, names))) or "none"
        message = "a first day is that of one revised release of the fee schedule"
        raise ContradictoryFile(message, given=given, expected="one such as 24AR")
    if Quarter.of(first_day) != revised[0].quarter:
        message = f"the first day of {revised[0].release} is not in its quarter"
        raise ContradictoryFile(message, given=str(first_day), expected=f"a day of {revised[0].quarter}")


def _digest_of_tables(folder: Path) -> str | None:
    """The digest of the tables that are there; a damaged file of theirs may be what the import mends."""
    return read_manifest(folder).digest if (folder / MANIFEST).exists() else None


# ---- where it is written -----------------------------------------------------------------------


@contextmanager
def _target(into: Path, *, dry_run: bool) -> Generator[Path, None, None]:
    """The folder to write to: for a dry run a copy; otherwise, where nothing came of it, no trace is left."""
    if dry_run:
        with TemporaryDirectory(prefix="cptkit-") as scratch:
            copy = Path(scratch)
            _copy_tables(into, copy)
            try:
                yield copy
            except CptkitError as error:
                if error.where:
                    error.where = error.where.replace(scratch, str(into))
                raise
        return
    made = [folder for folder in (into, *into.parents) if not folder.exists()]
    had_lock = (into / _LOCK).exists()
    try:
        yield into
    except BaseException:
        if not had_lock and not (into / MANIFEST).exists():
            with suppress(OSError):
                (into / _LOCK).unlink(missing_ok=True)
                for folder in made:
                    folder.rmdir()
        raise


def _copy_tables(folder: Path, copy: Path) -> None:
    if (folder / MANIFEST).exists():
        copyfile(folder / MANIFEST, copy / MANIFEST)
        for name in read_manifest(copy).files:
            with suppress(FileNotFoundError):  # what needs it says that it is gone
                copyfile(folder / name, copy / name)


# ---- reading -----------------------------------------------------------------------------------


class _Reading:
    """Reads the groups of a plan one after the other, and tells how far it is."""

    def __init__(self, found: Plan, first_day: dt.date | None, progress: Progress) -> None:
        self.total = sum(table.member.size for group in found.groups for table in group.tables)
        self._first_day = first_day
        self._progress = progress
        self._done = 0
        self._digests: dict[Path, str] = {}

    def put(self, group: Group, writer: Writer, there: Mapping[str, Part]) -> Imported:
        """Put the rows of a group in place of those of its quarter."""
        said = group.recognised
        if said.kind is Kind.PTP:
            return self._put_pairs(group, writer, there)
        rows, file, lost = self._rows(group.tables[0])
        origin = Origin(file.member.name, file.member.archive, file.digest, len(rows))
        name = file.member.shown
        if said.setting and said.quarter and said.kind is Kind.MUE:
            limits = [unit_limit(row, said, name) for row in rows]
            part = writer.put_mue(limits, said.setting, said.quarter, [origin], rejected=lost)
        elif said.quarter and said.kind is Kind.AOC:
            addons = [addon_edit(row, said, name) for row in rows]
            part = writer.put_addons(addons, said.quarter, [origin], rejected=lost)
        elif said.year is not None and said.kind is Kind.TELEHEALTH:
            services = [telehealth_service(row, said, name) for row in rows]
            part = writer.put_telehealth(services, said.year, [origin], rejected=lost)
        else:
            starts = first_day_of(said, first_day=self._first_day_of(said))
            fees = [fee_row(row, said, name, first_day=starts) for row in rows]
            qpp = bool(said.qpp)
            part = writer.put_pfs(fees, said.release or "", starts, [origin], qpp=qpp, rejected=lost)
        became = _became(part, there, writer)
        return Imported(said, became, part, (file,), file.counts, file.first_day, file.last_day)

    def counted(self, group: Group) -> Imported:
        """Read a group that has no place in the tables; its rows are not kept."""
        files = []
        counts: Counter[str] = Counter()
        for table in group.tables:
            tally = Tally()
            for _ in read(self._watched(table), tally):
                pass
            files.append(tally.summary(table.member, table.recognised, self._digest(table)))
            counts.update(tally.counts)
        is_medicaid = group.recognised.programme is Programme.MEDICAID
        days = [day for file in files for day in (file.first_day, file.last_day) if day is not None]
        return Imported(
            group.recognised,
            Became.COUNTED,
            None,
            tuple(files),
            dict(sorted(counts.items())),
            min(days, default=None),
            max(days, default=None),
            _OF_MEDICAID if is_medicaid else _ADVICE[group.recognised.kind],
        )

    def _rows(self, table: Table) -> tuple[list[Any], Summary, list[str]]:
        """The rows of a table, and the codes of those that were rejected."""
        tally = Tally()
        rows: list[Any] = []
        lost: list[str] = []
        for row in read(self._watched(table), tally):
            if isinstance(row, Rejected):
                lost.append(_lost_code(row, table.recognised.kind))
            else:
                rows.append(row)
        file = tally.summary(table.member, table.recognised, self._digest(table))
        _check_kept((file,))
        return rows, file, lost

    def _first_day_of(self, said: Recognised) -> dt.date | None:
        return self._first_day if "R" in (said.release or "") else None

    def _put_pairs(self, group: Group, writer: Writer, there: Mapping[str, Part]) -> Imported:
        said = group.recognised
        if said.setting is None or said.quarter is None:
            raise UnreadableFile("a table of pair edits has a setting and a quarter", where=group.shown)
        builder = writer.pairs(said.setting, said.quarter)
        files: list[Summary] = []
        origins: list[Origin] = []
        for table in group.tables:
            tally = Tally()
            loaded = ptp_loading.load(self._watched(table).member, builder, rejected=tally.take)
            tally.kept = loaded.kept
            digest = self._digest(table)
            files.append(tally.summary(table.member, table.recognised, digest))
            member = table.member
            origins.append(
                Origin(member.name, member.archive, digest, loaded.kept, loaded.first, loaded.last)
            )
        _check_kept(files)
        _check_ends(origins, group)
        try:
            ptp_loading.check_quarter(builder)
        except ContradictoryFile as error:
            error.where = group.shown
            raise
        self._progress(f"sorting ptp {said.setting} {said.quarter}", self._done, self.total)
        part = writer.put_pairs(builder, origins, rejected=sum(file.rows_rejected for file in files))
        counts = {name: count for name, count in part.counts.items() if count and name != "rejected"}
        if "contradictory" in counts:
            said = attrs.evolve(said, notes=(*said.notes, _contradictory(counts["contradictory"])))
        return Imported(said, _became(part, there, writer), part, tuple(files), counts)

    def _digest(self, table: Table) -> str:
        """The digest of what was downloaded; many members may lie in one archive."""
        path = table.member.path
        if path not in self._digests:
            self._digests[path] = digest_of(path)
        return self._digests[path]

    def _watched(self, table: Table) -> Table:
        """The table, telling how far it is read."""
        before = self._done
        self._done += table.member.size
        said = table.recognised
        words = (TABLES.get(said.kind, said.kind), said.setting, said.release or said.quarter)
        name = " ".join(str(word) for word in words if word)

        def tell(at: int) -> None:
            self._progress(f"reading {name}", min(before + at, self._done), self.total)

        return attrs.evolve(table, member=Watched.of(table.member, tell))


def _lost_code(row: Rejected, kind: Kind) -> str:
    """The code of a row that was rejected; of a list that says by leaving out only where it has a cell of its own."""
    code = row.code_at_start
    return code if kind is not Kind.TELEHEALTH or row.text_start.strip().upper() == code else ""


def _became(part: Part, there: Mapping[str, Part], writer: Writer) -> Became:
    if part.name not in there:
        return Became.NEW
    is_same = there[part.name] == part and part.name not in writer.mended
    return Became.UNCHANGED if is_same else Became.REPLACED


def _contradictory(count: int) -> str:
    rows = f"{count:,} pair has rows" if count == 1 else f"{count:,} pairs have rows"
    return f"{rows} that contradict each other: in force on one day, or ended before they begin"


def _check_kept(files: Sequence[Summary]) -> None:
    """Refuse a table of which no row could be read: it is another one than it looks like."""
    if not any(file.rows_kept for file in files):
        first = files[0]
        message = f"none of its {first.rows_read:,} rows can be read; {first.rejected[0]}"
        raise UnreadableFile(message, where=first.member.shown)


def _check_ends(origins: Sequence[Origin], group: Group) -> None:
    """Refuse two parts with the same rows: one part saved under the names of two hides another."""
    seen: dict[tuple[str | None, str | None, int], str] = {}
    for origin in origins:
        ends = (origin.first, origin.last, origin.rows)
        other = seen.setdefault(ends, origin.name)
        if other != origin.name and origin.first is not None:
            message = f"two parts of the pair edits hold the same rows: {other} and {origin.name}"
            raise ContradictoryFile(message, where=group.shown)


def _dated(table: Imported, folder: Path, now: Mapping[str, Part]) -> Imported:
    """A table; of pair edits with the days on which their rows begin, out of what was written."""
    if table.part is None or table.recognised.kind is not Kind.PTP:
        return table
    part = now[table.part.name]
    pairs = MappedPairs(folder / part.file)
    bit = 1 << pairs.quarters.index(part.quarter.index)
    rows = (row for number in range(pairs.class_count) for row in pairs.rows_of(number))
    days = [row.first_day for row in rows if row.seen & bit and row.first_day is not None]
    pairs.close()
    return attrs.evolve(table, first_day=min(days, default=None), last_day=max(days, default=None))
