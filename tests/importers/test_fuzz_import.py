"""Imports of anything: the tables are whole and hold what the report says, or they are as they were.

Laws: an error is one of cptkit's own and leaves every byte in its place; rows read are rows kept and
rows rejected; the order of the files makes no difference; a stop at any moment leaves no part of a table.
"""

import shutil

from hypothesis import given, settings
from hypothesis import strategies as st

from cptkit.edits import attach, verify
from cptkit.errors import CptkitError
from cptkit.importers import import_files

ROWS = {
    place: [
        f"W99{place}0\tW9902\t\t20200101\t*\t1\town words",
        f"W99{place}1\tW9903\t*\t19960101\t20231231\t0\tx",
    ]
    for place in (1, 2, 3, 4)
}
EXAMPLES = max(20, settings.default.max_examples // 4)


def content(folder):
    """Every file of a folder, without the empty lock."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != ".lock"}


def damaged(data, whole):
    """Some bytes of a file put in, cut off, replaced or repeated."""
    found = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(found)))
        kind = data.draw(st.sampled_from(["insert", "cut", "replace", "repeat"]))
        piece = data.draw(
            st.one_of(st.binary(max_size=9), st.sampled_from([b"\r\n", b"\t", b",", b'"', b"*"]))
        )
        if kind == "cut":
            del found[at:]
        elif kind == "repeat":
            found[at:at] = found[at : at + 60] * 2
        else:
            found[at : at + (len(piece) if kind == "replace" else 0)] = piece
    return bytes(found)


def assert_told(report, folder):
    """What the report says is what the folder holds."""
    assert verify(folder) == ()
    assert report.rows_read == report.rows_kept + report.rows_rejected
    with attach(folder, digest=report.digest) as edits:
        parts = {part.name: part for part in edits.parts}
    for table in report.tables:
        if table.part is not None:
            assert parts[table.name].digest == table.part.digest
            assert table.rows_kept == table.part.rows + table.counts.get("repeated", 0)


@settings(max_examples=EXAMPLES)
@given(data=st.data())
def test_a_damaged_file_among_good_ones(tmp_path_factory, cms, data):
    downloads = cms(tmp_path_factory.mktemp("fuzz"))
    tables = downloads.folder / "tables"
    import_files(downloads.everything("2024q2"), tables)
    before = content(tables)
    files = downloads.everything("2024q3")
    chosen = data.draw(st.sampled_from(files))
    chosen.write_bytes(damaged(data, chosen.read_bytes()))
    try:
        report = import_files(files, tables)
    except CptkitError:
        assert content(tables) == before
    else:
        assert_told(report, tables)
    assert not list(tables.glob(".new-*"))


@settings(max_examples=EXAMPLES)
@given(data=st.data())
def test_damaged_texts_of_every_layout(tmp_path_factory, cms, data):
    downloads = cms(tmp_path_factory.mktemp("fuzz"))
    tables = downloads.folder / "tables"
    texts = [
        *(
            (f"ccipra-v302r0-f{place}.TXT", downloads.pair_text(rows).encode())
            for place, rows in ROWS.items()
        ),
        *((path.name, path.read_bytes()) for path in (downloads.limits(), downloads.addons())),
    ]
    place = data.draw(st.integers(0, len(texts) - 1))
    files = [
        downloads.write(name, damaged(data, text) if place == at else text)
        for at, (name, text) in enumerate(texts)
    ]
    try:
        report = import_files(files, tables)
    except CptkitError:
        assert not tables.exists()
    else:
        assert_told(report, tables)


@settings(max_examples=EXAMPLES)
@given(data=st.data())
def test_the_order_of_files_makes_no_difference(tmp_path_factory, cms, data):
    downloads = cms(tmp_path_factory.mktemp("fuzz"))
    files = [*downloads.everything("2024q2"), *downloads.everything("2024q3")]
    one = import_files(files, downloads.folder / "one")
    other = import_files(data.draw(st.permutations(files)), downloads.folder / "other")
    assert one.digest == other.digest
    assert content(downloads.folder / "one") == content(downloads.folder / "other")


class Stopped(BaseException):
    """As an interrupt: no ``except Exception`` sees it."""


@settings(max_examples=EXAMPLES)
@given(steps=st.integers(1, 40), has_tables=st.booleans())
def test_a_stop_at_any_moment(tmp_path_factory, cms, steps, has_tables):
    downloads = cms(tmp_path_factory.mktemp("fuzz"))
    tables = downloads.folder / "tables"
    if has_tables:
        import_files(downloads.everything("2024q2"), tables)
    before = content(tables) if has_tables else None
    left = iter(range(steps))

    def stop(*_step):
        if next(left, None) is None:
            raise Stopped

    try:
        report = import_files(downloads.everything("2024q3"), tables, progress=stop)
    except Stopped:
        assert tables.exists() is has_tables
        assert not has_tables or content(tables) == before
    else:
        assert_told(report, tables)
    shutil.rmtree(downloads.folder)
