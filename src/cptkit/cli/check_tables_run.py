"""A check of a table under way: as one, or file by file, with what an earlier run has done left as it is."""

import contextlib
import hashlib
import json
import sys
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from cptkit import __version__
from cptkit.cli.check_findings import REJECTS, are_of, earlier, stamp_of, write_findings
from cptkit.cli.check_tables_text import Told
from cptkit.cli.check_tally import Tally, tally_of
from cptkit.cli.screen import is_terminal
from cptkit.codesets import Catalog
from cptkit.errors import UnreadableClaims
from cptkit.rules import Profile
from cptkit.rules.choosing import chosen
from cptkit.rules.judged import basis_of, judge
from cptkit.sources import Basis

if TYPE_CHECKING:
    from cptkit.frames import ColumnMap, FindingsTable

__all__ = ["FINDINGS", "TableRun", "check_each_file", "check_whole"]

OnRows = Callable[[int], None]

FINDINGS = ".findings.parquet"
"""What the findings of a file are named by, behind its own name."""


@attrs.frozen(slots=True)
class TableRun:
    """What a check of a table was asked.

    ``columns``: None to find them out. ``basis``: None for that of the profile, or cpt. ``more``: arguments of
    ``cptkit.frames.check`` that change how it works and not what it finds.
    """

    source: Path
    catalog: Catalog
    columns: "ColumnMap | None"
    basis: Basis | None
    profile: Profile | None
    select: tuple[str, ...]
    ignore: tuple[str, ...]
    setting: str
    more: Mapping[str, Any]

    def check(self, path: Path, on_rows: OnRows) -> "FindingsTable":
        """The findings of a file or folder.

        :raises UnreadableClaims: as ``cptkit.frames.check``, and for what Arrow or Python cannot read besides.
        """
        from cptkit import frames
        from cptkit.frames.arrow import pa

        try:
            return frames.check(
                path,
                self.catalog,
                columns=self.columns,
                basis=self.basis,
                profile=self.profile,
                select=self.select,
                ignore=self.ignore,
                setting=self.setting,
                on_rows=on_rows,
                **self.more,
            )
        except (pa.ArrowException, UnicodeError) as error:
            why = (str(error).splitlines() or [type(error).__name__])[0]
            raise UnreadableClaims(f"the file cannot be read ({why})", given=str(path)) from error
        except UnreadableClaims as error:
            if error.expected is not None:  # an argument of Python is an option here
                told = error.expected.replace("grouped=False", "none of --grouped")
                error.expected = told.replace("grouped=True", "--grouped")
            raise

    def rules(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The ids of the rules that run, and of those that lack what they answer from.

        :raises UnknownRule: there is no such rule, or none is left.
        """
        run = chosen(self.select, self.ignore, self.catalog, None, judge(self.basis, self.profile))
        return run.ids, run.left_out

    def digest(self) -> str:
        """What tells runs apart that may find other things."""
        told = {
            "cptkit": __version__,
            "pins": [[pin.name, pin.digest] for pin in self.catalog.pins],
            "rules": self.rules(),
            "basis": basis_of(judge(self.basis, self.profile)),
            "profile": None if self.profile is None else self.profile.digest,
            "setting": self.setting,
            "columns": repr(self.columns),
        }
        return f"sha256:{hashlib.sha256(json.dumps(told).encode()).hexdigest()}"

    def told(self, tally: Tally, out: Path | None, files: int, **more: Any) -> Told:
        """The summary of what was counted; ``more``: fields of ``Told``."""
        rules, left_out = self.rules()
        return Told(
            tally,
            rules,
            left_out,
            self.catalog.pins,
            basis_of(judge(self.basis, self.profile)),
            None if self.profile is None else self.profile.pin,
            self.setting,
            out,
            files,
            **more,
        )


def check_whole(run: TableRun, out: Path | None, rejects: Path | None = None) -> Told:
    """Check a file, or a folder as one table, and write the findings and the rejected rows into one file each.

    :raises UnreadableClaims: nothing of it can be read.
    :raises OSError: the findings cannot be written.
    """
    files = _files(run.source) if run.source.is_dir() else []
    with _progress(files or [run.source]) as on_rows:
        found = run.check(run.source, on_rows)
    tally = tally_of(found)
    tally.done = max(len(files), 1) - len(tally.broken)
    counted = {"run": run.digest(), "input": None, "counts": tally.record()}
    for table, path in ((found.table, out), (found.rejects.select(list(REJECTS)), rejects)):
        if path is not None:
            write_findings(table, path, counted)
    return run.told(tally, out, len(files), rejects=rejects, kept=found.kept)


def _files(folder: Path) -> list[Path]:
    from cptkit.frames.folders import files_of

    found = list(files_of(folder))
    if not found:
        raise UnreadableClaims("the folder holds no files", given=str(folder))
    return found


def check_each_file(run: TableRun, out: Path) -> Told:
    """Check the files of a folder one by one, into a folder; what an earlier run did is not done again.

    :raises UnreadableClaims: no file of it can be read.
    :raises OSError: findings cannot be written; those of the files before stand.
    """
    from cptkit.frames import BrokenFile

    files, digest, tally, kept = _files(run.source), run.digest(), Tally(), ""
    targets = {path: out / path.relative_to(run.source).parent / f"{path.name}{FINDINGS}" for path in files}
    with _progress(files) as on_rows:
        for path, target in targets.items():
            try:
                stamp = stamp_of(path)
            except OSError as error:
                tally.broken.append(BrokenFile(str(path), f"the file cannot be read ({error.strerror})", 0))
                continue
            known = earlier(target, digest, stamp)
            if known is not None:
                tally.skipped += 1
                tally.add(known, str(path))
                on_rows(known.rows)
                continue
            try:
                found = run.check(path, on_rows)
            except UnreadableClaims as error:
                error.given = None if error.given == str(path) else error.given
                stands = _forget(target, stamp)
                tally.broken.append(BrokenFile(str(path), f"{error}{stands}", 0))
                continue
            counts = tally_of(found)
            target.parent.mkdir(parents=True, exist_ok=True)
            write_findings(found.table, target, {"run": digest, "input": stamp, "counts": counts.record()})
            tally.done += 1
            tally.add(counts, str(path))
            kept = found.kept
    if len(tally.broken) == len(files):
        each = tally.broken[0]
        raise UnreadableClaims(
            f"no file of the folder can be read; of the first, {each.reason}", given=each.path
        )
    return run.told(
        tally, out, len(files), stray=_stray(out, set(targets.values())), is_by_file=True, kept=kept
    )


def _forget(target: Path, stamp: Mapping[str, int]) -> str:
    """Remove findings of what the file was before: they would be taken for its own.

    Those of the file as it is now, by other options, stand; that is told.
    """
    if are_of(target, stamp):
        return f"; what an earlier run found in it stands: {target}"
    with contextlib.suppress(FileNotFoundError):
        target.unlink()
    return ""


def _stray(out: Path, targets: set[Path]) -> list[str]:
    return sorted(str(each) for each in out.rglob(f"*{FINDINGS}") if each not in targets)


@contextmanager
def _progress(files: Sequence[Path]) -> Generator[OnRows, None, None]:
    """A bar of rows on standard error, with their rate and the time that is left, where someone looks."""
    if not is_terminal(sys.stderr):
        yield lambda _rows: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    total = _total(files)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("rows, {task.fields[rate]:,} a second"),
        TimeRemainingColumn(),
    )
    begun = time.monotonic()
    with Progress(*columns, console=Console(stderr=True, force_terminal=True), transient=True) as progress:
        task = progress.add_task("reading", total=total, rate=0)
        done = 0

        def told(rows: int) -> None:
            nonlocal done
            done += rows
            rate = int(done / max(time.monotonic() - begun, 1e-3))
            # the last rows are read before the lines that were kept are judged
            what = "judging" if done == total else "reading"
            progress.update(task, completed=done, description=what, rate=rate)

        yield told


def _total(files: Sequence[Path]) -> int | None:
    """The rows of files, where each says so at its end, as Parquet does; None where one does not."""
    from cptkit.frames.arrow import pa, pa_parquet

    total = 0
    for path in files:
        try:
            with path.open("rb") as file:
                if file.read(4) != b"PAR1":
                    return None
            total += pa_parquet.read_metadata(str(path)).num_rows
        except (OSError, ValueError, pa.ArrowException):
            continue  # a broken file has none
    return total
