"""Writing to a folder of edit tables: many readers, one writer, and no moment at which it is not whole.

New files are written under names of their own, which say their digest, and brought to the disk. Then
the manifest takes the place of the old one in one step. Files that neither manifest names are
removed. A process that is killed at any point leaves the old manifest with all its files, or the new
one with all of its own. Readers that have an old file open keep it; files of the manifest that was
replaced stay until the next write, for readers that have still to open them.
"""

import datetime as dt
import os
import re
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

import attrs

from cptkit.edits import listed
from cptkit.edits.building import Base, PairBuilder
from cptkit.edits.disk import sync_folder
from cptkit.edits.doubts import contradictions
from cptkit.edits.locking import WriteLock
from cptkit.edits.manifest import (
    MANIFEST,
    Manifest,
    Origin,
    Part,
    digest_of,
    manifest_bytes,
    read_file,
    read_manifest,
)
from cptkit.edits.marks import marks_bytes, read_marks
from cptkit.edits.merging import only
from cptkit.edits.pairs import PairTable, code_number
from cptkit.edits.quarter import Quarter
from cptkit.edits.records import AddOnEdit, Mue, PfsRow, Setting, TelehealthService
from cptkit.errors import BrokenEdits, DigestMismatch, EditsInUse, UnknownTable

__all__ = ["Writer"]

_OURS = re.compile(r"(?:ptp|mue|addons|pfs|telehealth)-[a-z0-9-]+\.(?:bin|tsv|marks)|\.new-[a-z0-9.-]+")
_MOST_REJECTED = 5_000  # codes of rejected rows that a part names
_SHORT = 16  # hexadecimal digits of a digest in the name of a file


class Writer:
    """The one writer to a folder of edit tables; nothing is changed before ``commit``.

    :raises EditsInUse: when another process is writing to it.
    :raises BrokenEdits: when what stands there is damaged.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder, Writer(folder) as writer:
    ...     builder = writer.pairs(Setting.HOSPITAL, Quarter(2024, 3))
    ...     one, other = builder.code("W9901"), builder.code("W9902")
    ...     says = builder.row(None, None, 1, prior_to_1996=False, rationale="own words")
    ...     builder.extend([one], [other], [says])
    ...     part = writer.put_pairs(builder, [])
    ...     _ = writer.commit()
    ...     print(part.name, part.rows)
    ptp hospital 2024q3 1
    >>> with tempfile.TemporaryDirectory() as folder, Writer(folder), Writer(folder):
    ...     pass
    Traceback (most recent call last):
    ...
    cptkit.errors.EditsInUse: another process is writing to these edit tables; see ...
    """

    def __init__(self, folder: Path | str) -> None:
        self.folder: Path = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self._lock = WriteLock(self.folder / ".lock")
        if not self._lock.taken:
            raise EditsInUse("another process is writing to these edit tables", where=str(self.folder))
        try:
            exists = (self.folder / MANIFEST).exists()
            self._before = read_manifest(self.folder) if exists else Manifest({}, {}, "", "")
            self._parts = {part.name: part for part in self._before.parts()}
        except BaseException:
            self._lock.release()
            raise
        self._unions: dict[Setting, PairTable] = {}
        self._contents: dict[str, bytes] = {}
        self._whole: dict[str, bool] = {}
        self._lost: set[str] = set()
        self.mended: set[str] = set()
        """Names of parts whose rows were put again because a file of theirs was found damaged."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._lock.release()

    @property
    def parts(self) -> tuple[Part, ...]:
        """What the folder will hold after ``commit``."""
        return tuple(sorted(self._parts.values(), key=lambda part: part.order))

    # ---- pair edits ------------------------------------------------------------------------

    def pairs(self, setting: Setting, quarter: Quarter) -> PairBuilder:
        """A builder for the pair edits of a quarter, which knows what is already there."""
        union = self._union(setting)
        others = [
            part
            for part in self._pair_parts(setting)
            if part.quarter != quarter and part.name not in self._lost and self._has(part.marks or "")
        ]
        base = None
        if others:
            near = min(others, key=lambda part: abs(part.quarter.index - quarter.index))
            base = Base(near.quarter, read_marks(self._bytes(near.marks or ""), near.name))
        return PairBuilder(setting, quarter, union=union, base=base)

    def put_pairs(self, builder: PairBuilder, origins: Sequence[Origin], *, rejected: int = 0) -> Part:
        """Put the quarter of a builder in place of what was there of it; the same rows change nothing.

        :param rejected: how many rows could not be read; the part says it.
        :raises BrokenEdits: when it has no rows: a table without any would look like a pass.
        """
        built = builder.finish()
        if not len(built.alone):
            raise BrokenEdits(
                "there are no rows to put in place", given=f"{builder.setting} {builder.quarter}"
            )
        setting, quarter = Setting(builder.setting), builder.quarter
        counts = built.alone.counts()
        clashing, _ = contradictions(built.alone)
        if clashing:
            counts["contradictory"] = clashing
        if rejected:
            counts["rejected"] = rejected
        alone = built.alone.to_bytes()
        digest = digest_of(alone)
        marks = marks_bytes(built.marks)
        part = Part(
            "ptp",
            setting,
            quarter,
            "",
            digest,
            counts.pop("rows"),
            tuple(origins),
            {**counts, "repeated": built.repeated},
            _name(f"ptp-{setting}-{quarter}", "marks", digest_of(marks)),
        )
        same = self._parts.get(part.name)
        if same is not None and (same.digest, same.counts.get("rejected", 0)) == (digest, rejected):
            if part.name not in self._lost and self._are_whole(same):
                return same
            self.mended.add(part.name)
            part = attrs.evolve(same, marks=part.marks)
        self._lost.discard(part.name)
        self._contents[part.marks or ""] = marks
        self._parts[part.name] = part
        self._unions[setting] = built.table
        self._name_pairs(setting, alone if built.table is built.alone else built.table.to_bytes())
        return self._parts[part.name]

    def _pair_parts(self, setting: Setting) -> list[Part]:
        return [part for part in self._parts.values() if part.table == "ptp" and part.setting == setting]

    def _union(self, setting: Setting) -> PairTable:
        if setting not in self._unions:
            parts = self._pair_parts(setting)
            self._unions[setting] = PairTable.empty(setting)
            if parts and self._is_whole(parts[0].file):
                self._unions[setting] = PairTable.from_bytes(self._bytes(parts[0].file), parts[0].file)
            else:
                self._lost |= {part.name for part in parts}
        return self._unions[setting]

    def _name_pairs(self, setting: Setting, data: bytes) -> None:
        """Let all parts of a setting name the file that holds the union of their quarters."""
        name = _name(f"ptp-{setting}", "bin", digest_of(data))
        for part in self._pair_parts(setting):
            self._contents.pop(part.file, None)
            self._parts[part.name] = attrs.evolve(part, file=name)
        self._contents[name] = data

    # ---- other tables ----------------------------------------------------------------------

    def put_mue(
        self,
        rows: Iterable[Mue],
        setting: Setting,
        quarter: Quarter,
        origins: Sequence[Origin],
        *,
        rejected: Sequence[str] = (),
    ) -> Part:
        """Put the unit limits of a quarter in place of what was there of them.

        Setting, quarter and file are those given here, not those that the rows name.

        :param rejected: for each row that could not be read its code, or "" where that could not be
            read either. A look-up of such a code, if no other row has it, is not checked.
        """
        made = partial(Part, "mue", setting, quarter)
        return self._put_listed(listed.mue_bytes(rows), f"mue-{setting}-{quarter}", made, origins, rejected)

    def put_addons(
        self,
        rows: Iterable[AddOnEdit],
        quarter: Quarter,
        origins: Sequence[Origin],
        *,
        rejected: Sequence[str] = (),
    ) -> Part:
        """Put the add-on edits of a quarter in place of what was there of them; see ``put_mue``."""
        made = partial(Part, "addons", None, quarter)
        return self._put_listed(listed.addon_bytes(rows), f"addons-{quarter}", made, origins, rejected)

    def put_pfs(
        self,
        rows: Iterable[PfsRow],
        release: str,
        first_day: dt.date,
        origins: Sequence[Origin],
        *,
        qpp: bool = False,
        rejected: Sequence[str] = (),
    ) -> Part:
        """Put a release of the fee schedule's indicators, ``24AR``, in place of what was there of it; see ``put_mue``."""
        quarter = Quarter.of(first_day)
        made = partial(Part, "pfs", None, quarter, release=release, first_day=first_day, qpp=qpp)
        stem = f"pfs-{release.lower()}{'-qpp' if qpp else ''}"
        return self._put_listed(listed.pfs_bytes(rows), stem, made, origins, rejected)

    def put_telehealth(
        self,
        rows: Iterable[TelehealthService],
        year: int,
        origins: Sequence[Origin],
        *,
        rejected: Sequence[str] = (),
    ) -> Part:
        """Put Medicare's list of telehealth services of a year in place of what was there of it; see ``put_mue``."""
        made = partial(Part, "telehealth", None, Quarter(year, 1))
        return self._put_listed(listed.telehealth_bytes(rows), f"telehealth-{year}", made, origins, rejected)

    def _put_listed(
        self,
        data: bytes,
        stem: str,
        made: Callable[..., Part],
        origins: Sequence[Origin],
        rejected: Sequence[str],
    ) -> Part:
        digest = digest_of(data)
        part = made(
            file=_name(stem, "tsv", digest),
            digest=digest,
            rows=data.count(b"\n") - 1,
            origins=tuple(origins),
            counts={"rejected": len(rejected)} if rejected else {},
            rejected=tuple(sorted({code for code in rejected if code_number(code) >= 0})[:_MOST_REJECTED]),
        )
        if not part.rows:
            raise BrokenEdits("there are no rows to put in place", given=part.name)
        same = self._parts.get(part.name)
        if same is not None and _content(same) == _content(part):
            if not self._are_whole(same):
                self.mended.add(part.name)
                self._contents[same.file] = data
            return same
        self._contents[part.file] = data
        self._parts[part.name] = part
        return part

    def drop(self, name: str) -> None:
        """Take out a part, given by its name (``ptp hospital 2024q3``).

        :raises UnknownTable: when there is none of that name.
        """
        if name not in self._parts:
            known = ", ".join(part.name for part in self.parts) or "nothing"
            raise UnknownTable("no such part", given=name, expected=f"one of {known}")
        part = self._parts[name]
        if part.setting is not None and part.table == "ptp":
            union = self._union(part.setting)
            left = only(union, [index for index in union.quarters if index != part.quarter.index])
            del self._parts[name]
            self._lost.discard(name)
            self._unions[part.setting] = left
            if len(left):
                self._name_pairs(part.setting, left.to_bytes())
        else:
            del self._parts[name]

    # ---- into place ------------------------------------------------------------------------

    def commit(self) -> str:
        """Put everything in place; the digest of the tables as they now are.

        A file of what was put that is damaged on the disk is written again.

        :raises OSError: when it cannot be written; what was there stays.
        :raises BrokenEdits: when the pair edits of a setting were found damaged, and a quarter of them
            was neither put again nor dropped.
        """
        if self._lost:
            raise BrokenEdits(
                "the file of these pair edits is damaged, and holds all their quarters",
                given=", ".join(sorted(self._lost)),
                expected="all of them imported again in one go, or dropped",
                where=str(self.folder),
            )
        files: dict[str, tuple[str, int]] = {}
        for part in self._parts.values():
            for name in part.files:
                content = self._contents.get(name)
                files[name] = (
                    self._before.files[name] if content is None else (digest_of(content), len(content))
                )
        data = manifest_bytes(self._parts.values(), files)
        digest = digest_of(data)
        fresh = [name for name in files if name in self._contents and not self._is_whole(name)]
        if digest == self._before.digest and not fresh:
            return digest
        self._sweep({*files, *self._before.files})  # what a killed writer left
        for name in fresh:
            self._put(name, self._contents[name])
        sync_folder(self.folder)
        self._put(MANIFEST, data)
        sync_folder(self.folder)
        self._sweep({*files, *self._before.files})
        self._before = Manifest({}, files, digest, "")
        self._contents.clear()
        self._whole.clear()
        return digest

    def _put(self, name: str, content: bytes) -> None:
        beside = self.folder / f".new-{name}"
        try:
            with beside.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(self.folder / name)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise

    def _sweep(self, named: Iterable[str]) -> None:
        """Remove files of ours that no manifest names; a system may refuse while a reader has one open."""
        stay = set(named)
        for path in self.folder.iterdir():
            if path.name not in stay and _OURS.fullmatch(path.name):
                try:
                    path.unlink()
                except OSError:
                    continue

    def _are_whole(self, part: Part) -> bool:
        return all(map(self._has, part.files))

    def _has(self, name: str) -> bool:
        return name in self._contents or self._is_whole(name)

    def _is_whole(self, name: str) -> bool:
        """Whether a file that the manifest names lies in the folder as it says; looked at once."""
        if name not in self._whole:
            try:
                self._whole[name] = name in self._before.files and bool(
                    read_file(self.folder, name, self._before)
                )
            except (BrokenEdits, DigestMismatch):
                self._whole[name] = False
        return self._whole[name]

    def _bytes(self, name: str) -> bytes:
        """The content of a file of this folder, as its manifest says it is."""
        if name in self._contents:
            return self._contents[name]
        return read_file(self.folder, name, self._before)


def _content(part: Part) -> tuple[object, ...]:
    """What a part says, whatever the files that it was read from."""
    return part.digest, part.first_day, part.counts.get("rejected"), part.rejected


def _name(stem: str, suffix: str, digest: str) -> str:
    return f"{stem}-{digest.removeprefix('sha256:')[:_SHORT]}.{suffix}"
