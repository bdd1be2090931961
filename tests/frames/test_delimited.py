"""Cells of a CSV that say that they are empty, read alike as a table and as claims."""

import pytest

pa = pytest.importorskip("pyarrow", reason="the extra frames is not installed")
pytest.importorskip("numpy", reason="the extra frames is not installed")

from cptkit import Catalog, interop  # noqa: E402  behind what skips
from cptkit.cells import NULLS  # noqa: E402  behind what skips
from cptkit.errors import UnreadableClaims  # noqa: E402  behind what skips
from cptkit.frames import check  # noqa: E402  behind what skips
from cptkit.frames.maps import detect  # noqa: E402  behind what skips
from cptkit.frames.sources import batches  # noqa: E402  behind what skips

HEADER = "claim,patient,dos,cpt,units,modifiers,minutes"


@pytest.mark.parametrize("null", NULLS)
def test_nobody_is_no_patient(tmp_path, null) -> None:
    """Two unknown patients are not one, and a line without a modifier has none."""
    path = tmp_path / "claims.csv"
    path.write_text(
        f"{HEADER}\nC1,{null},2026-03-02,90834,{null},{null},45\nC2,{null},2026-03-02,90837,1,,60\n"
    )
    told = check(path, Catalog.from_editions("2026.1"))
    assert (told.lines, told.table["rule"].to_pylist()) == (2, [])
    (first, second) = interop.read_claims(path).claims
    assert (first.patient, first.lines[0].units, first.lines[0].modifiers) == ("", 1, ())
    assert second.patient == ""


def test_in_quotes_it_is_a_text(tmp_path) -> None:
    path = tmp_path / "claims.csv"
    path.write_text('patient,dos,cpt\nNULL,null,"NULL"\n\\N,NA,"NA"\n')
    (batch,) = batches(path, detect(["patient", "dos", "cpt"]))
    assert batch.data.to_pylist() == [
        {"patient": None, "dos": None, "cpt": "NULL"},
        {"patient": None, "dos": None, "cpt": "NA"},
    ]


def test_a_line_of_blanks_is_skipped_and_counted(tmp_path) -> None:
    """As an empty one is; one of separators is a row, and a later line that is wrong has its own number."""
    path = tmp_path / "claims.csv"
    rows = b"patient,dos,cpt\r\n   \r\nP,2026-03-02,90834\r\n  \r\n\r\n , , \r\nQ,2026-03-02\r\n   "
    path.write_bytes(rows)
    with pytest.raises(UnreadableClaims, match="line 7 has 2 fields, the header has 3"):
        check(path, Catalog.from_editions("2026.1"))
    path.write_bytes(rows.replace(b"Q,2026-03-02", b"Q,2026-03-02,90837"))
    told = check(path, Catalog.from_editions("2026.1"))
    assert (told.rows, told.lines, told.rejects["row"].to_pylist()) == (3, 2, [1])


def test_other_encodings_in_columns_that_nobody_needs(tmp_path) -> None:
    """They do no harm, and are not blamed for another line that is wrong."""
    path = tmp_path / "claims.csv"
    rows = [b"patient,dos,cpt,remark", b"P,2026-03-02,90834,caf\xe9", b"Q,2026-03-02,90837,ok"]
    path.write_bytes(b"\n".join([*rows, b"R,2026-03-02", b""]))
    with pytest.raises(UnreadableClaims, match="line 4 has 2 fields, the header has 4"):
        check(path, Catalog.from_editions("2026.1"))
    path.write_bytes(b"\n".join([*rows, b"\xe9,2026-03-02,90834,", b""]))
    with pytest.raises(UnreadableClaims, match="line 4 is not UTF-8"):
        check(path, Catalog.from_editions("2026.1"))
    path.write_bytes(b"\n".join(rows))
    assert check(path, Catalog.from_editions("2026.1")).lines == 2
