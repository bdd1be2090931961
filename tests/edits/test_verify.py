"""Verifying says everything that is wrong, not the first thing only."""

import datetime as dt
import json

import pytest

from cptkit.edits import Quarter, Setting, Writer, verify
from cptkit.edits.manifest import MANIFEST, digest_of
from cptkit.errors import BrokenEdits

TODAY = dt.date(2024, 7, 1)
OTHER_DIGEST = "its digest is not that of {file}"


@pytest.fixture
def folder(tmp_path, kit):
    with Writer(tmp_path) as writer:
        for quarter, indicator in (("2024q2", 0), ("2024q3", 1)):
            builder = writer.pairs(Setting.HOSPITAL, Quarter.parse(quarter))
            rows = [kit.says("W9901", "W9902", indicator), kit.says("W9901", "X9903")]
            writer.put_pairs(kit.fill(builder, rows), [])
        writer.put_mue([kit.mue("W9901", 1), kit.mue("W9902", 2)], Setting.DME, Quarter(2024, 3), [])
        writer.put_addons([kit.addon("W9911", "W9901")], Quarter(2024, 3), [])
        writer.put_pfs([kit.pfs("W9901")], "24C", TODAY, [])
        writer.commit()
    return tmp_path


def rewritten(folder, change):
    """Alter the manifest."""
    value = json.loads((folder / MANIFEST).read_bytes())
    change(value)
    (folder / MANIFEST).write_text(json.dumps(value))


def replaced(folder, pattern, change):
    """Alter a file, and let the manifest say its new digest, as one who forges would."""
    (path,) = folder.glob(pattern)
    data = change(path.read_bytes())
    path.write_bytes(data)
    rewritten(
        folder,
        lambda value: value["files"].update({path.name: {"digest": digest_of(data), "bytes": len(data)}}),
    )
    return path.name


def test_whole_tables(folder):
    assert verify(folder) == ()


def test_tables_that_are_not_there(tmp_path):
    with pytest.raises(BrokenEdits, match="no edit tables can be read here"):
        verify(tmp_path)


def test_every_file_that_is_missing_or_changed(folder):
    (pairs,) = folder.glob("ptp-*.bin")
    (limits,) = folder.glob("mue-*.tsv")
    pairs.unlink()
    limits.write_bytes(b"")
    (marks,) = folder.glob("ptp-*2024q2*.marks")
    marks.unlink()
    found = verify(folder)
    assert [problem.split(" ")[0] for problem in found] == [limits.name, "the", "the"]
    assert all(name in " ".join(found) for name in (pairs.name, limits.name, marks.name))


def test_a_size_that_is_another_one(folder):
    (limits,) = folder.glob("mue-*.tsv")
    rewritten(folder, lambda value: value["files"][limits.name].update(bytes=1))
    assert verify(folder) == (f"{limits.name} has {limits.stat().st_size} bytes, the manifest says 1",)


@pytest.mark.parametrize(
    ("change", "problems"),
    [
        (lambda data: data.replace(b"W9901\t1", b"W9901\t3"), [OTHER_DIGEST]),
        (lambda data: data + b"W9999\t1\t2\tx\n", ["3 rows, the manifest says 2", OTHER_DIGEST]),
        (
            lambda data: data + data.splitlines(keepends=True)[-1],
            ["3 rows, the manifest says 2", "the rows are not in order, or one comes twice", OTHER_DIGEST],
        ),
        (
            lambda data: data.replace(b"W9901", b"X9901"),
            ["the rows are not in order, or one comes twice", OTHER_DIGEST],
        ),
        (
            lambda data: data.replace(b"W9901\t1", b"W9901\tx"),
            ["a row is damaged: not a whole number: 'x': 'W9901\\tx\\t2\\town words'; see {file}"],
        ),
        (lambda data: data[:-1], ["the table has other columns, or its end is missing; see {file}"]),
    ],
)
def test_a_listed_table_that_was_forged(folder, change, problems):
    name = replaced(folder, "mue-*.tsv", change)
    assert verify(folder) == tuple(f"mue dme 2024q3: {words.format(file=name)}" for words in problems)


def test_marks_that_were_forged(folder):
    replaced(folder, "ptp-*2024q3*.marks", lambda data: data[:-1])
    assert verify(folder) == (
        f"ptp hospital 2024q3: these are no marks of a quarter's rows; see {marks(folder)}",
    )


def marks(folder):
    (path,) = folder.glob("ptp-*2024q3*.marks")
    return path.name


def test_pair_edits_that_were_forged(folder, kit):
    table = kit.alone([kit.says("W9901", "W9902", 0)], "2024q2", "hospital").to_bytes()
    name = replaced(folder, "ptp-*.bin", lambda _: table)
    assert verify(folder) == (f"{name} holds other quarters, or another setting, than the manifest says",)


def test_pair_edits_of_another_setting(folder, kit):
    builder_rows = {"2024q2": 0, "2024q3": 1}
    with Writer(folder / "other") as writer:
        for quarter, indicator in builder_rows.items():
            builder = writer.pairs(Setting.PRACTITIONER, Quarter.parse(quarter))
            writer.put_pairs(kit.fill(builder, [kit.says("W9901", "W9902", indicator)]), [])
        writer.commit()
    (other,) = (folder / "other").glob("ptp-*.bin")
    name = replaced(folder, "ptp-*.bin", lambda _: other.read_bytes())
    assert verify(folder) == (f"{name} holds other quarters, or another setting, than the manifest says",)


def test_a_row_that_was_forged(folder):
    def turned(data):
        """Two pairs change places: in the third quarter both say the same, in the second they do not."""
        from cptkit.edits.pairs import PairTable

        table = PairTable.from_bytes(data)
        table.classes[0], table.classes[1] = table.classes[1], table.classes[0]
        return table.canonical().to_bytes()

    replaced(folder, "ptp-*.bin", turned)
    assert verify(folder) == ("ptp hospital 2024q2: its rows are others than those that were imported",)


def test_damaged_pair_edits(folder):
    size = next(folder.glob("ptp-*.bin")).stat().st_size
    name = replaced(folder, "ptp-*.bin", lambda data: data[:-8])
    words = f"the table has {size - 8} bytes, its header says {size}: it is cut short or damaged"
    assert verify(folder) == (f"{words}; see {name}",)


def test_pair_edits_that_are_not_canonical(folder):
    def loose(data):
        """A class that no pair has."""
        import attrs

        from cptkit.edits.pairs import PairTable

        table = PairTable.from_bytes(data)
        return attrs.evolve(table, kinds=[*table.kinds, table.kinds[0]]).to_bytes()

    name = replaced(folder, "ptp-*.bin", loose)
    assert verify(folder) == (f"{name} is not written as it must be: its rows are in another order",)


FIGURES = "the manifest says other figures than the table"


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("rows", 7, FIGURES),
        ("counts", {"pairs": 7}, FIGURES),
        ("counts", {"pairs": 2, "open": 2, "indicator 0": 1, "indicator 1": 1, "indicator 9": 1}, FIGURES),
        ("digest", "sha256:" + 64 * "0", "its rows are others than those that were imported"),
    ],
)
def test_a_manifest_that_says_other_figures(folder, key, value, words):
    rewritten(folder, lambda manifest: manifest["parts"][0].update({key: value}))
    assert verify(folder) == (f"ptp hospital 2024q2: {words}",)


def test_every_quarter_is_looked_at(folder):
    """A quarter that is as it was imported does not end the search, nor does one that is not."""
    for change in ({"rows": 7}, {"digest": "sha256:" + 64 * "0"}):
        rewritten(folder, lambda manifest, change=change: manifest["parts"][1].update(change))
        assert [line.partition(":")[0] for line in verify(folder)] == ["ptp hospital 2024q3"]
    rewritten(folder, lambda manifest: manifest["parts"][0].update(rows=7))
    assert [line.partition(":")[0] for line in verify(folder)] == [
        "ptp hospital 2024q2",
        "ptp hospital 2024q3",
    ]


def test_rows_that_contradict_each_other_are_told_whole(tmp_path, kit):
    days = dt.date(2020, 1, 2), dt.date(2020, 1, 1)
    kit.put(tmp_path, [kit.says("W9901", "W9902"), kit.says("W9901", "X9903", 0, *days)])
    pair = "rows that contradict each other: 1 of its pairs (W9901/X9903)"
    assert verify(tmp_path) == (
        f"ptp practitioner 2024q3: {pair} are in force on one day, or end before they begin",
    )
