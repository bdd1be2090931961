"""Verifying says everything that is wrong, not the first thing only."""

import datetime as dt
import json

import pytest

from cptkit.edits import Quarter, Setting, Writer, verify
from cptkit.edits.manifest import MANIFEST, digest_of
from cptkit.errors import BrokenEdits

TODAY = dt.date(2024, 7, 1)


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
        (lambda data: data.replace(b"W9901\t1", b"W9901\t3"), ["its digest is not that of"]),
        (lambda data: data + b"W9999\t1\t2\tx\n", ["3 rows, the manifest says 2", "its digest is not"]),
        (
            lambda data: data.replace(b"W9901", b"X9901"),
            ["the rows are not in order, or one comes twice", "its digest is not"],
        ),
        (lambda data: data.replace(b"W9901\t1", b"W9901\tx"), ["a row is damaged: not a whole number"]),
        (lambda data: data[:-1], ["the table has other columns, or its end is missing"]),
    ],
)
def test_a_listed_table_that_was_forged(folder, change, problems):
    replaced(folder, "mue-*.tsv", change)
    found = verify(folder)
    assert len(found) == len(problems)
    assert all(
        line.startswith("mue dme 2024q3: ") and words in line
        for line, words in zip(found, problems, strict=True)
    )


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
    replaced(folder, "ptp-*.bin", lambda data: data[:-8])
    (problem,) = verify(folder)
    assert "it is cut short or damaged" in problem


def test_pair_edits_that_are_not_canonical(folder):
    def loose(data):
        """A class that no pair has."""
        import attrs

        from cptkit.edits.pairs import PairTable

        table = PairTable.from_bytes(data)
        return attrs.evolve(table, kinds=[*table.kinds, table.kinds[0]]).to_bytes()

    name = replaced(folder, "ptp-*.bin", loose)
    assert verify(folder) == (f"{name} is not written as it must be: its rows are in another order",)


@pytest.mark.parametrize(
    ("key", "value"), [("rows", 7), ("counts", {"pairs": 7}), ("digest", "sha256:" + 64 * "0")]
)
def test_a_manifest_that_says_other_figures(folder, key, value):
    rewritten(folder, lambda manifest: manifest["parts"][0].update({key: value}))
    (problem,) = verify(folder)
    assert problem.startswith("ptp hospital 2024q2: ")
    assert ("other figures" in problem) is (key != "digest")
