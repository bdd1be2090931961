"""``cptkit check`` of tables that cannot be read, alone and among others."""

import pytest

pa = pytest.importorskip("pyarrow", reason="pip install cptkit[frames]")
pytest.importorskip("numpy", reason="pip install cptkit[frames]")

import pyarrow.parquet as pq  # noqa: E402 - behind the skip

NAMES = ("person_id", "claim_id", "claim_line_number", "claim_line_start_date", "hcpcs_code")


def bad_inputs(home, tuva):
    whole = (home / "claims.parquet").read_bytes()
    yield "cut.parquet", whole[: len(whole) // 2], "cut short, damaged or no file of its kind"
    cut = ",".join(NAMES) + "\nP-9,C-9,1,2026-03-02,99213\nP-9,C-9,2,2026-03"
    yield (
        "row.csv",
        cut.encode(),
        "line 3 has 4 fields, the header has 5: the file ends in the middle of a row",
    )
    yield "type.parquet", tuva("90785").set_column(3, NAMES[3], [[True]]), "cannot hold the date of service"
    yield "lacks.parquet", tuva("90785").drop_columns(["hcpcs_code"]), "no column"
    yield "empty.csv", b"", "the file is empty"


@pytest.fixture(params=range(5))
def bad(request, home, tuva):
    """A file that cannot be read, and why."""
    name, content, why = list(bad_inputs(home, tuva))[request.param]
    if isinstance(content, bytes):
        (home / name).write_bytes(content)
    else:
        pq.write_table(content, home / name)
    return home / name, why


def test_a_bad_file(call, home, bad, refused):
    path, why = bad
    refused(call("check", path, "--columns", "auto", "--out", "found.parquet"), why)
    assert not (home / "found.parquet").exists()


@pytest.mark.parametrize(("out", "others"), [(None, 99), ("found.csv", 99), ("found", 9)])
def test_a_bad_file_among_others(summary, folder, home, bad, out, others, tuva, names_in):
    path, why = bad
    for number in range(others - 3):
        pq.write_table(
            tuva("99213", patient=f"P-{number}", day="2026-03-03"), folder / f"m{number:02}.parquet"
        )
    path.rename(folder / f"m05-{path.name}")
    told = summary(folder, *(("--out", out) if out else ()))
    (broken,) = told["files"]["broken"]
    assert broken["path"] == str(folder / f"m05-{path.name}")
    assert why in broken["reason"]
    assert (told["files"]["read"], told["files"]["done"]) == (others + 1, others)
    checked = others + (path.name == "row.csv" and out != "found")
    assert (told["rows"], told["lines"], told["rejected"]) == (checked, checked, 0)
    if out == "found":
        assert sum(name.endswith(".findings.parquet") for name in names_in(home / out)) == others


def test_a_broken_file_is_named(call, folder):
    (folder / "b.parquet").write_bytes(b"PAR1 and no more")
    answer = call("check", folder)
    assert answer.status == 1
    assert f"  {folder}/b.parquet: cut short, damaged" in answer.out.replace("\n      ", " ")
    assert "3 files = 2 done + 0 done before + 1 broken" in answer.out
    assert "What was not read of a broken file may belong to patients' days that were judged" in " ".join(
        answer.out.split()
    )


@pytest.mark.parametrize("out", ["found", "found.parquet"])
def test_a_folder_of_which_no_file_can_be_read(call, folder, out, refused):
    for path in folder.rglob("*.parquet"):
        path.write_bytes(b"PAR1 and no more")
    refused(call("check", folder, "--out", out), "a.parquet")
    for path in folder.rglob("*.parquet"):
        path.unlink()
    refused(call("check", folder, "--out", out), "the folder holds no files")


@pytest.mark.usefixtures("home")
def test_rows_that_do_not_stand_together(call, tuva, refused):
    table = pa.concat_tables([tuva("99213", patient=name) for name in ("P-1", "P-2", "P-1")])
    pq.write_table(table, "claims.parquet")
    given = ("claims.parquet", "--grouped", "--batch-rows", "1", "--threads", "1")
    answer = call("check", *given)
    refused(answer, "the rows of a patient do not stand together")
    assert answer.err.rstrip().endswith("or none of --grouped")
    assert call("check", "claims.parquet", "--select", "ADD", "--batch-rows", "1").status == 0


@pytest.mark.parametrize("given", ["2 KiB", "0.001MB", "1kb"])
def test_lines_that_take_more_memory_than_they_may(call, home, tuva, refused, given):
    pq.write_table(pa.concat_tables([tuva("99213")] * 99), home / "claims.parquet")
    answer = call("check", "claims.parquet", "--memory", given)
    refused(answer, "the lines take more memory than the limit of")
    assert answer.err.rstrip().endswith("or rows grouped by patient, with --grouped")
    assert call("check", "claims.parquet", "--memory", "1MiB", "--select", "ADD").status == 0
    again = call("check", "claims.parquet", "--memory", given, "--grouped")
    refused(again, "expected a higher limit or smaller batches")
    assert call("check", "claims.parquet", "--memory", "1GiB", "--grouped", "--select", "ADD").status == 0


def test_a_file_that_takes_more_memory_is_broken(call, folder, tuva):
    pq.write_table(pa.concat_tables([tuva("99213")] * 999), folder / "large.parquet")
    answer = call("check", folder, "--memory", "20KiB", "--out", "found")
    assert answer.status == 1
    assert "large.parquet: the lines take more memory" in answer.out.replace("\n      ", " ")


@pytest.mark.parametrize("given", ["", "4", "GiB", "0MB", "-1GiB", "4 G", "1e3MB", "0.0000001kB", "many"])
def test_no_size(call, home, tuva, refused, given):
    pq.write_table(tuva("99213"), home / "claims.parquet")
    refused(call("check", "claims.parquet", f"--memory={given}"), "is no size: give a number and its unit")


def test_what_rules_said_has_a_folder(call, home, tuva, refused):
    pq.write_table(tuva("99213"), home / "claims.parquet")
    (home / "file").write_text("")
    refused(call("check", "claims.parquet", "--kept", "file"), "what rules said cannot be kept there")
    assert call("check", "claims.parquet", "--select", "ADD", "--kept", "new/kept").status == 0
    assert [each.suffix for each in (home / "new" / "kept").iterdir()] == [".kept"]
    refused(call("check", "claims.parquet", "--kept", ""), "what rules said has no folder")
    (home / "claims.csv").write_text("claim,patient,dos,cpt\n1,P,2026-03-02,90834\n")
    refused(call("check", "claims.csv", "--kept", "new/kept"), "--kept is for tables")


def test_what_is_kept_among_the_files_is_none_of_them(summary, folder):
    """Its name begins as those that are left out."""
    first = summary(folder, "--kept", folder / "kept")
    again = summary(folder, "--kept", folder / "kept")
    assert first["kept"].endswith(f"answers of rules are kept in {folder / 'kept'}")
    assert again == {**first, "kept": f"{first['kept']}, none of them new"}


def test_a_patient_split_over_files(summary, home, tuva):
    split = home / "split"
    split.mkdir()
    pq.write_table(tuva("90834"), split / "a.parquet")
    pq.write_table(tuva("90785"), split / "b.parquet")
    rules = ("--select", "ADD301")
    assert summary(split, *rules, status=0)["findings"] == []
    assert summary(split, *rules, "--out", "all.parquet", status=0)["findings"] == []
    assert summary(split, *rules, "--out", "each")["findings"][0]["rule"] == "ADD301"


def test_an_arrow_file_that_points_outside_of_itself(call, home, tuva, refused):
    table = tuva("90785")
    with pa.OSFile(str(home / "odd.arrow"), "wb") as out, pa.ipc.new_file(out, table.schema) as writer:
        writer.write_table(table)
    data = (home / "odd.arrow").read_bytes()
    begins, ends = (0).to_bytes(4, "little"), (5).to_bytes(4, "little")
    assert data.count(begins + ends + b"\0") >= 1
    (home / "odd.arrow").write_bytes(data.replace(begins + ends, begins + (1 << 30).to_bytes(4, "little")))
    refused(call("check", "odd.arrow"), "odd.arrow")
