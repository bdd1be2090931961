"""Small tables of invented codes, and a reader of rows so plain that it can be believed."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import NamedTuple

import attrs
import pytest

from cptkit.edits import Edits, Origin, Part, PfsRow, PtpEdit, Quarter, Setting, Writer, attach
from cptkit.edits.building import PairBuilder
from cptkit.edits.pairs import EPOCH
from cptkit.errors import CptkitError

NO_DIGEST = "sha256:" + 64 * "0"
PLAIN_FEE = PfsRow(
    *("W9901", "", "A", "000", *6 * ("0",), "10", "80", "10", "", "09", "99", ""),
    *("24C", dt.date(2024, 7, 1), False, "fees.csv"),
)


class Says(NamedTuple):
    """A row as a file says it."""

    column1: str
    column2: str
    indicator: int = 1
    first: dt.date | None = None
    last: dt.date | None = None
    prior: bool = False
    rationale: str = "own words"


class MueSays(NamedTuple):
    code: str
    value: int
    mai: int | None = 2
    rationale: str = "own words"


@attrs.frozen
class AddOnSays:
    addon: str
    primary: str | None
    edit_type: int = 1
    first_day: dt.date | None = dt.date(2020, 1, 1)
    last_day: dt.date | None = None
    addon_last_day: dt.date | None = None
    primary_last_day: dt.date | None = None
    note: str = ""


def fee(code: str, modifier: str = "", **values: str) -> PfsRow:
    """A row of the fee schedule: a plain one but for what is told."""
    return attrs.evolve(PLAIN_FEE, code=code, modifier=modifier, **values)


def fill(builder: PairBuilder, rows: Iterable[Says]) -> PairBuilder:
    for row in rows:
        says = builder.row(
            None if row.first is None else row.first.toordinal() - EPOCH,
            None if row.last is None else row.last.toordinal() - EPOCH,
            row.indicator,
            prior_to_1996=row.prior,
            rationale=row.rationale,
        )
        builder.extend([builder.code(row.column1)], [builder.code(row.column2)], [says])
    return builder


def naive_edit(rows: Iterable[Says], code: str, other: str, day: dt.date) -> Says | None:
    """The row in force, found by looking at every row."""
    found = [
        row
        for row in rows
        if {row.column1, row.column2} == {code, other}
        and row.indicator != 9
        and (row.first is None or row.first <= day)
        and (row.last is None or day <= row.last)
    ]
    known = [row for row in found if row.first is not None]
    if known:
        return max(known, key=lambda row: row.first)
    return min(found, key=lambda row: row.last or dt.date.max, default=None)


def said(edit: PtpEdit | None) -> Says | None:
    """What an edit says, as the row it must have come from."""
    if edit is None:
        return None
    return Says(
        edit.column1,
        edit.column2,
        edit.indicator,
        edit.first_day,
        edit.last_day,
        edit.prior_to_1996,
        edit.rationale,
    )


@contextmanager
def raises(expected: CptkitError) -> Iterator[None]:
    """What is raised is of the type of this error, and alike in all that it says."""
    with pytest.raises(type(expected)) as caught:
        yield
    assert (type(caught.value), vars(caught.value)) == (type(expected), vars(expected))


@attrs.frozen
class Kit:
    """What tests of tables share; no module is imported between test files."""

    says: type[Says] = Says
    mue: type[MueSays] = MueSays
    addon: type[AddOnSays] = AddOnSays
    pfs: Callable[..., PfsRow] = fee
    fill: Callable[[PairBuilder, Iterable[Says]], PairBuilder] = fill
    naive_edit: Callable[..., Says | None] = naive_edit
    said: Callable[[PtpEdit | None], Says | None] = said
    raises: Callable[[CptkitError], AbstractContextManager[None]] = raises
    no_digest: str = NO_DIGEST

    def put(
        self,
        folder: Path,
        rows: Iterable[Says],
        quarter: str = "2024q3",
        setting: str = "practitioner",
        origins: Iterable[Origin] = (),
    ) -> Part:
        """Write a quarter of pair edits."""
        with Writer(folder) as writer:
            builder = fill(writer.pairs(Setting(setting), Quarter.parse(quarter)), rows)
            part = writer.put_pairs(builder, tuple(origins))
            writer.commit()
        return part

    def alone(self, rows: Iterable[Says], quarter: str = "2024q3", setting: str = "practitioner"):
        """A table of one quarter, in memory."""
        return fill(PairBuilder(setting, Quarter.parse(quarter)), rows).finish().table


@pytest.fixture(scope="session")
def kit() -> Kit:
    return Kit()


@pytest.fixture
def tables(tmp_path: Path) -> Callable[..., Edits]:
    """Write pair edits and attach them; what is attached is let go of at the end."""
    attached: list[Edits] = []

    def made(rows: Iterable[Says], quarter: str = "2024q3", setting: str = "practitioner", **more) -> Edits:
        Kit().put(tmp_path / "tables", rows, quarter, setting, **more)
        attached.append(attach(tmp_path / "tables"))
        return attached[-1]

    yield made
    for edits in attached:
        edits.close()
