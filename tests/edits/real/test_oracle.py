"""Verdicts on pairs and add-ons beside those of the I/OCE, CMS's own editor of outpatient hospital claims.

The package pyoce carries its tables, quarter by quarter from 2019 on. It needs a newer Python than the
oldest supported here, so `nox -s oracle` alone installs it. Of its tables only codes, versions and
indicators are read; what is explained here is told in docs/reference/edits-format.md.
"""

import lzma
import marshal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest

from cptkit.edits import Quarter

pyoce = pytest.importorskip("pyoce", reason="pyoce is not installed: nox -s oracle")
lmdb = pytest.importorskip("lmdb", reason="lmdb is not installed: nox -s oracle")

Q2, Q3 = Quarter(2024, 2), Quarter(2024, 3)
VERSION_0 = Quarter(2019, 3).index - 76  # version 76 of the I/OCE is that of the third quarter of 2019
HOSPITAL = {"setting": "hospital", "quarter": Q3}

# A primary of hospitals, beside those of the list that practitioners report for the same service.
COUNTERPARTS = {
    "G0463": {f"992{number:02}" for number in (2, 3, 4, 5, 11, 12, 13, 14, 15)},
    "93005": {"93000"},
}


def version_of(quarter):
    return quarter.index - VERSION_0


def quarter_of(version):
    return Quarter.from_index(VERSION_0 + version)


@attrs.frozen
class Oracle:
    """The tables of the I/OCE."""

    environment: object

    def records(self, table: str) -> Iterator[tuple[str, bytes]]:
        database = self.environment.open_db(table.encode())
        with self.environment.begin(database) as transaction:
            for key, value in transaction.cursor():
                yield key.decode(), value

    def pairs(self) -> Iterator[tuple[str, str, bool, int, int]]:
        """Column 1, column 2, whether a modifier may help, first and last version."""
        for column1, value in self.records("map_ncci"):
            for column2, packed in marshal.loads(value):  # noqa: S302 - pyoce stores its rows so
                row = marshal.loads(packed)  # noqa: S302 - pyoce stores its rows so
                yield column1, column2.decode(), row["mod_indicator"], row["lo_version"], row["hi_version"]

    def addons(self, table: str, version: int) -> set[tuple[str, str]]:
        """The add-ons and primaries of a version."""
        found = set()
        for key, value in self.records(f"map_addon_{table}"):
            row = marshal.loads(value)  # noqa: S302 - pyoce stores its rows so
            if row["lo_version"] <= version <= row["hi_version"]:
                found.add((key[:5], "CCCCC" if table == "type2" else row["addon_primary"]))
        return found

    def codes(self, version: int) -> set[str]:
        """The codes that a version knows; only the keys are read."""
        keys = (key.split("|") for key, _ in self.records("data_hcpcs"))
        return {code for code, first, last in keys if int(first) <= version <= int(last)}


@pytest.fixture(scope="module")
def oracle(tmp_path_factory) -> Iterator[Oracle]:
    path = tmp_path_factory.mktemp("oracle") / "tables"
    packed = Path(pyoce.__file__).parent / "data" / "pyoce.mdb.xz"
    path.write_bytes(lzma.decompress(packed.read_bytes()))
    with lmdb.Environment(
        str(path), subdir=False, readonly=True, lock=False, max_dbs=100, map_size=path.stat().st_size
    ) as environment:
        yield Oracle(environment)


def test_every_pair_of_the_quarter_that_both_hold(oracle, real_edits, plain):
    """Same pairs, same columns, same indicator; but for those of codes that the I/OCE knows no more."""
    version = version_of(Q3)
    theirs = {
        (one, other): helps for one, other, helps, first, last in oracle.pairs() if first <= version <= last
    }
    assert len(theirs) == 1_335_726
    for (one, other), helps in theirs.items():
        edit = real_edits.ptp(other, one, date_of_service=Q3.first_day, **HOSPITAL).edit
        assert (edit.column1, edit.column2, edit.indicator) == (one, other, int(helps))
    rows = (line.split("\t") for line in plain.pairs("hospital", Q3))
    more = {(row[0], row[1]) for row in rows if row[4] == "*" and row[5] != "9"} - theirs.keys()
    assert len(more) == 131
    known = oracle.codes(version)
    assert {code for pair in more for code in pair if code not in known} == {"M0245", "M0246", "Q0245"}
    assert all(not known.issuperset(pair) for pair in more)
    for one, other in more:
        assert real_edits.ptp(one, other, date_of_service=Q3.first_day, **HOSPITAL).edit.column1 == one


def test_every_pair_of_the_five_years_before(oracle, real_edits):
    """A deletion date is the last day in force: no pair of the I/OCE has ended before the last day of its quarters.

    The other way round nothing can be said: these tables have lost the days on which their rows began.
    """
    asked = 0
    for one, other, helps, first, last in oracle.pairs():
        if first <= version_of(Q3):
            begins = quarter_of(first).first_day
            for day in (begins, quarter_of(min(last, version_of(Q3))).last_day):
                edit = real_edits.ptp(one, other, date_of_service=day, **HOSPITAL).edit
                assert (edit.column1, edit.column2, edit.indicator) == (one, other, int(helps))
            asked += 1
    assert asked == 1_507_843


@pytest.mark.parametrize(("quarter", "agree"), [(Q2, 7_109), (Q3, 7_417)])
def test_every_add_on_of_both_quarters(oracle, real_edits, plain, quarter, agree):
    version = version_of(quarter)
    tables = {1: "type1", 2: "type2", 3: "type3"}
    theirs = {(kind, *pair) for kind, table in tables.items() for pair in oracle.addons(table, version)}
    listed = {row["Add-On_Code"] for row in plain.addons(quarter)}
    ours = {
        (row.edit_type, row.addon, row.primary or "CCCCC")
        for code in listed
        for row in real_edits.addon(code, date_of_service=quarter.first_day).rows
    }
    both = ours & theirs
    infusions = oracle.addons("drug_admin", version)
    earlier = oracle.addons("type1", version_of(Quarter(2024, 1)))

    def why(kind, addon, primary):
        if (kind, addon, primary) in both:
            return "agree"
        if (kind, addon, primary) in theirs:
            if not real_edits.addon(addon, date_of_service=quarter.first_day).is_addon:
                return f"{addon} is on no list of add-on edits"
            beside = {(kind, addon, code) for code in COUNTERPARTS.get(primary, ())}
            return "a primary of hospitals alone" if beside & ours else "unexplained"
        if (addon, primary) in infusions:
            return "infusions and injections, in a table apart"
        if (kind, primary) == (3, "CCCCC"):
            return "an open list, told without its row"
        return "taken out in April 2024" if (addon, primary) in earlier else "unexplained"

    assert Counter(why(*row) for row in ours | theirs) == {
        "agree": agree,
        "infusions and injections, in a table apart": 37,
        "an open list, told without its row": 8,
        "taken out in April 2024": 3,
        "a primary of hospitals alone": 10,
        "G2211 is on no list of add-on edits": 10,
    }
