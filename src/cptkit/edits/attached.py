"""A folder of edit tables, attached: look-ups by code and date of service.

Attaching reads the manifest, compares the size of every file and maps the tables, which all processes
of a machine share. Pair edits are read where they are asked, other tables when they are first asked.
Nothing is locked: a writer may put newer tables in place, however often, and this one goes on to
answer as it was.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from cptkit import codes as code_shapes
from cptkit.edits.answers import PtpAnswer, PtpSetAnswer
from cptkit.edits.held import HeldFiles, check_content, check_sizes, read_whole
from cptkit.edits.lookups import ListedTables, asked_quarter
from cptkit.edits.manifest import Manifest, Origin, read_manifest
from cptkit.edits.ptp import MappedPairs, QuarterOfPairs
from cptkit.edits.quarter import Quarter
from cptkit.edits.records import PtpEdit, Setting
from cptkit.errors import BrokenEdits, DigestMismatch, UnknownTable

__all__ = ["Edits", "attach"]

_TRIES = 3


def attach(folder: Path | str, *, digest: str | None = None) -> "Edits":
    """The edit tables of a folder.

    :param digest: what the tables must be; see ``Edits.digest``. With it, the digest of every file is
        compared too, which takes some milliseconds for each 10 MB; without it, sizes alone are.
    :raises BrokenEdits: when there are none, or they are damaged; it names the file.
    :raises DigestMismatch: when they are others than those pinned; both digests are named.

    >>> import tempfile
    >>> from cptkit.edits import Writer
    >>> with tempfile.TemporaryDirectory() as folder, Writer(folder) as writer:
    ...     digest = writer.commit()
    ...     attach(folder, digest=digest).parts
    ()
    >>> attach("nowhere")
    Traceback (most recent call last):
    ...
    cptkit.errors.BrokenEdits: no edit tables can be read here: No such file or directory; see nowhere/manifest.json
    """
    folder = Path(folder)
    manifest = _pinned(folder, digest)
    for _ in range(_TRIES):
        try:
            return Edits(folder, manifest, whole=digest is not None)
        except BrokenEdits:
            # A writer may have put newer tables in place between the two steps.
            newer = _pinned(folder, digest)
            if newer.digest == manifest.digest:
                raise
            manifest = newer
    return Edits(folder, manifest, whole=False)  # tables that are pinned never become others


def _pinned(folder: Path, digest: str | None) -> Manifest:
    manifest = read_manifest(folder)
    if digest is not None and digest != manifest.digest:
        message = f"the edit tables have the digest {manifest.digest}, not the one pinned"
        raise DigestMismatch(message, given=digest, expected=manifest.digest, where=str(folder))
    return manifest


class Edits(ListedTables):
    """The tables of a folder; made by ``attach``.

    ``digest`` pins every byte of them. Use it as a context manager, or ``close`` it.

    >>> import tempfile
    >>> from cptkit.edits import AddOnEdit, Writer
    >>> row = AddOnEdit("W9911", "W9901", 1, None, None, None, None, "", Quarter(2024, 3), "aoc.txt")
    >>> with tempfile.TemporaryDirectory() as folder, Writer(folder) as writer:
    ...     _ = writer.put_addons([row], Quarter(2024, 3), [])
    ...     _ = writer.commit()
    ...     edits = attach(folder)
    ...     edits.addon("W9911", date_of_service=dt.date(2024, 8, 1)).primaries
    ('W9901',)
    >>> edits.addon("W99", date_of_service=dt.date(2024, 8, 1))
    Traceback (most recent call last):
    ...
    cptkit.errors.InvalidCode: ...
    """

    def __init__(self, folder: Path, manifest: Manifest, *, whole: bool) -> None:
        super().__init__(folder, manifest)
        self._mapped: dict[str, MappedPairs] = {}
        self._pairs: dict[str, dict[int, QuarterOfPairs]] = {setting: {} for setting in Setting}
        try:
            for entry in manifest.entries.values():
                if entry["table"] == "ptp" and entry["setting"] not in self._mapped:
                    self._map(Setting(entry["setting"]), entry["file"])
            self._held = HeldFiles(folder, self._listed_files())
            mapped = {Path(pairs.where).name: pairs.size for pairs in self._mapped.values()}
            check_sizes(folder, manifest, self._held.sizes | mapped)
            if whole:
                self._check_contents()
        except (KeyError, TypeError, ValueError) as error:
            self.close()
            raise BrokenEdits(f"the manifest is damaged: {error}", where=manifest.where) from error
        except BaseException:
            self.close()
            raise

    def _map(self, setting: Setting, file: str) -> None:
        if file not in self._manifest.files:
            raise KeyError(file)
        mapped = self._mapped[setting] = MappedPairs(self.folder / file)
        if mapped.setting != setting:
            raise BrokenEdits(f"the table is not for {setting}, as the manifest says", where=mapped.where)

    def _listed_files(self) -> list[str]:
        """The files of the tables that are read when they are first asked."""
        entries = self._manifest.entries.values()
        names = dict.fromkeys(entry["file"] for entry in entries if entry["table"] != "ptp")
        return [name for name in names if name in self._manifest.files]

    def _check_contents(self) -> None:
        """Compare the digest of every file: of what is mapped, not of what its name may stand for by now."""
        mapped = {Path(pairs.where).name: pairs for pairs in self._mapped.values()}
        for name in self._manifest.files:
            pairs = mapped.get(name)
            data = self._held.bytes_of(name) if pairs is None else pairs.whole
            if data is None:
                data = read_whole(self.folder, name)
            check_content(name, data, self._manifest, self.folder)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the files; pair edits cannot be asked any more, nor other tables that writers removed."""
        self._held.close()
        for mapped in self._mapped.values():
            mapped.close()
        self._mapped.clear()
        self._pairs = {setting: {} for setting in Setting}

    @property
    def mapped_bytes(self) -> int:
        """Bytes of the mapped files."""
        return sum(mapped.size for mapped in self._mapped.values())

    # ---- pair edits ------------------------------------------------------------------------

    def ptp(
        self,
        code: str,
        other: str,
        *,
        date_of_service: dt.date,
        setting: Setting | str,
        quarter: Quarter | str | None = None,
    ) -> PtpAnswer:
        """The pair edit between two codes on a day, whichever of them comes first.

        :param quarter: whose table answers; without it, that of the date of service and no other.
        :raises InvalidCode: when one of them can be no code.
        :raises InvalidDate: when the date of service is no date.
        :raises InvalidQuarter: when the quarter is none.
        :raises ValueError: when the setting is none.
        """
        index = asked_quarter(date_of_service, quarter)
        tables = self._pairs.get(setting)
        table = tables.get(index) if tables is not None else None
        if table is None:
            table = self._quarter_of_pairs(setting, index)
            if table is None:
                return PtpAnswer(None, *self._no_pairs(setting, index, (code, other)))
        return table.find(code, other, date_of_service)

    def ptp_among(
        self,
        codes: Iterable[str],
        *,
        date_of_service: dt.date,
        setting: Setting | str,
        quarter: Quarter | str | None = None,
    ) -> PtpSetAnswer:
        """All pair edits among the codes of a claim on a day: less work than pair by pair.

        Parameters and errors are those of ``ptp``; a code that comes twice counts once.
        """
        index = asked_quarter(date_of_service, quarter)
        tables = self._pairs.get(setting)
        table = tables.get(index) if tables is not None else None
        if table is None:
            table = self._quarter_of_pairs(setting, index)
            if table is None:
                return PtpSetAnswer((), *self._no_pairs(setting, index, codes))
        return PtpSetAnswer(table.among(codes, date_of_service), table.setting, table.quarter)

    def ptp_rows(self, code: str, *, setting: Setting | str, quarter: Quarter | str) -> Iterator[PtpEdit]:
        """Every published row with a code in either column: ended ones and those never active too.

        :raises UnknownTable: when that quarter is not there.
        :raises InvalidCode: when it can be no code.
        """
        return self.pair_table(quarter, setting=setting)[1].rows(code)

    def pair_table(
        self, quarter: Quarter | str, *, setting: Setting | str
    ) -> tuple[MappedPairs, QuarterOfPairs]:
        """The mapped table of a setting and one quarter of it, for work on all of its pairs.

        :raises UnknownTable: when that quarter is not there.
        """
        where, when = Setting(setting), Quarter.parse(quarter)
        table = self._quarter_of_pairs(where, when.index)
        if table is None:
            raise UnknownTable(self._missing("ptp", where, when.index), where=str(self.folder))
        return self._mapped[where], table

    def mapped_pairs(self, setting: Setting | str) -> MappedPairs | None:
        """The mapped pair edits of a setting, with all quarters; None where there are none."""
        return self._mapped.get(Setting(setting))

    def pair_days(self) -> set[dt.date]:
        """The first day of every row of the pair edits, and the one after its last."""
        return set[dt.date]().union(*(mapped.turning_days() for mapped in self._mapped.values()))

    def _quarter_of_pairs(self, setting: Setting | str, index: int) -> QuarterOfPairs | None:
        """A quarter of a mapped table, made when it is first asked for."""
        where, quarter = Setting(setting), Quarter.from_index(index)
        table = self._pairs[where].get(index)
        if table is None and (part := self._manifest.part(f"ptp {where} {quarter}")) is not None:
            if where not in self._mapped:
                raise BrokenEdits("these edit tables were closed", where=str(self.folder))
            mapped = self._mapped[where]
            if index not in mapped.quarters:
                message = f"the table does not hold {part.name}, as the manifest says"
                raise BrokenEdits(message, where=mapped.where)
            table = self._pairs[where][index] = QuarterOfPairs(mapped, quarter, _file_of(part.origins))
        return table

    def _no_pairs(
        self, setting: Setting | str, index: int, codes: Iterable[str]
    ) -> tuple[Setting, Quarter, str]:
        for code in codes:
            code_shapes.format(code)
        where = Setting(setting)
        return where, Quarter.from_index(index), self._missing("ptp", where, index)


def _file_of(origins: tuple[Origin, ...]) -> Callable[[str, str], str]:
    """Says which of several files a pair came from: by the pairs each begins and ends with."""

    def file_of(column1: str, column2: str) -> str:
        pair = column1 + column2
        names = [
            origin.name
            for origin in origins
            if origin.first is None or origin.last is None or origin.first <= pair <= origin.last
        ]
        return " or ".join(names or [origin.name for origin in origins])

    return file_of
