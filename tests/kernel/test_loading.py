"""The compiled part is found or set aside, and refuses what does not fit together."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

np = pytest.importorskip("numpy", reason="numpy is not installed: pip install cptkit[frames]")
pytest.importorskip("pyarrow", reason="pyarrow is not installed: pip install cptkit[frames]")

from cptkit import kernel  # noqa: E402 - behind the skip
from cptkit.kernel import loading  # noqa: E402 - behind the skip
from cptkit.kernel.again import heads_of, met_again, of_part  # noqa: E402 - behind the skip
from cptkit.kernel.pairs import bits_of  # noqa: E402 - behind the skip

FOLDER = Path(kernel.__file__).parent
SOURCES = sorted(FOLDER.glob("*.[ch]"))
NEW = -7

compiled = pytest.mark.skipif(
    not kernel.is_built(), reason="the compiled part was not built here (no C compiler), or is set aside"
)


@pytest.fixture
def plain(monkeypatch):
    """Without the compiled part, until asked again."""

    def off():
        monkeypatch.setattr(loading, "library", lambda: None)

    return off


@pytest.mark.skipif(not SOURCES or shutil.which("cc") is None, reason="no C source or no C compiler is here")
@pytest.mark.skipif("CPTKIT_KERNEL" in os.environ, reason="it may be set aside")
def test_it_is_built_from_what_stands_here() -> None:
    """Where there is a compiler, the package was installed with it: `pip install -e .` builds it anew."""
    assert kernel.is_built(), "it was not built, or of other files: pip install -e ."
    digest = hashlib.sha256(b"".join(source.read_bytes() for source in SOURCES)).hexdigest()
    assert loading.library().cptkit_source().decode() == digest


@pytest.mark.parametrize("word", ["off", " OFF", "0", "no", "false"])
def test_it_can_be_set_aside(word) -> None:
    asked = [sys.executable, "-c", "from cptkit import kernel; print(kernel.is_built())"]
    done = subprocess.run(
        asked, env={**os.environ, "CPTKIT_KERNEL": word}, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"


def test_a_file_that_is_no_library_is_none(monkeypatch, tmp_path) -> None:
    """What was built for another system is as good as nothing."""
    (tmp_path / loading.NAME).write_bytes(b"not a library")
    monkeypatch.setattr(loading, "__file__", str(tmp_path / "loading.py"))
    assert loading.library.__wrapped__() is None


@compiled
def test_one_that_was_built_of_other_files_is_none(monkeypatch, tmp_path) -> None:
    """As after a change in an editable installation: its functions may take something else."""
    built = tmp_path / loading.NAME
    shutil.copy(FOLDER / loading.NAME, built)
    monkeypatch.setattr(loading, "__file__", str(tmp_path / "loading.py"))
    assert loading.library.__wrapped__() is not None
    (tmp_path / "pairs.c").write_text("/* something else */")
    assert loading.library.__wrapped__() is None


def test_without_it_nothing_is_told(plain) -> None:
    plain()
    none, small = np.zeros(0, np.int64), np.zeros(0, np.int32)
    assert kernel.repeated(none, small, 0) is None
    assert kernel.cells(small, small, small, np.zeros((0, 1), np.int32), NEW) is None
    assert kernel.apart(small, 1, 2, small, small, small, 1) is None
    assert kernel.beside(none, none, small, none, small, (none, none), shift=1, may_be=1, sure=2) is None
    assert kernel.by_ids(none, none, None) is None
    assert kernel.sets([small]) is None
    assert kernel.in_turn(small, none, 0) is None
    assert kernel.spots(none, none) is None
    assert kernel.Spots(small, none).gathered([small], np.int32) is None
    assert bits_of(small.view(np.uint32), 512, rising=True) is None
    assert heads_of(none.view(np.uint64), small, 1, 1) is None
    assert kernel.trace(small, 1, [none.view(np.uint64)] * 3, small, none) is None
    assert of_part([none.view(np.uint64)], 1, 0) is None
    assert met_again(none.view(np.uint64), 1, none.view(np.uint64), none, small, small) is None
    assert kernel.parted(small, small, small, NEW) is None
    assert kernel.sorted_keys(none) is None
    assert kernel.texts(small, small, None, seed=1, fold=False, longest=1) is None


@compiled
def test_numbers_that_lead_nowhere_are_refused() -> None:
    """The compiled part reads where it is told to: what tells it is looked at before."""
    table, rows, number = np.zeros((1, 2), np.int32), np.zeros(1, np.int32), np.array([2], np.int32)
    zero = np.zeros(1, np.int32)
    for group, each in [(zero, number), (number, zero), (zero - 1, zero), (zero, zero - 1)]:
        with pytest.raises(IndexError, match="from 0 to"):
            kernel.cells(group, each, rows, table, NEW)
    with pytest.raises(IndexError):
        kernel.repeated(np.array([0, 1]), number, 2)
    with pytest.raises(IndexError):
        kernel.apart(zero, 0, 1, number.astype(np.int16), zero, zero, 1)
    with pytest.raises(IndexError):
        kernel.apart(zero, 0, 1, zero.astype(np.int16), zero, number, 2)


@compiled
def test_what_does_not_fit_together_is_refused() -> None:
    zero, one = np.zeros(1, np.int32), np.zeros(2, np.int32)
    starts, bad = (
        np.array([0, 1]),
        [np.array([0, 2]), np.array([-1, 1]), np.array([1, 0]), np.zeros(0, np.int64)],
    )
    for each in bad:
        with pytest.raises(IndexError):
            kernel.repeated(each, zero, 1)
        with pytest.raises(IndexError):
            kernel.by_ids(each, np.zeros(1, np.int64), None)
    with pytest.raises(IndexError):
        kernel.by_ids(starts, np.zeros(1, np.int64), np.ones(1, np.int64))
    with pytest.raises(IndexError):
        kernel.cells(one, zero, zero, zero.reshape(1, 1), NEW)
    with pytest.raises(IndexError):
        kernel.cells(zero, zero, zero + 1, zero.reshape(1, 1), NEW)
    with pytest.raises(IndexError):
        kernel.apart(one, 0, 1, zero, zero, zero, 1)
    with pytest.raises(IndexError):
        kernel.apart(zero, 0, 1, zero, zero - 1, zero, 1)
    with pytest.raises(IndexError):
        kernel.parted(one, zero, zero, NEW)
    with pytest.raises(IndexError):
        kernel.sets([zero, one])
    with pytest.raises(IndexError):
        kernel.sorted_keys(np.array([-1]))
    line, table = np.zeros(1, np.int64), (np.zeros(0, np.int64),) * 2
    for lines, encounter in [(line + 1, zero), (line, zero + 1)]:
        with pytest.raises(IndexError):
            kernel.beside(lines, line, encounter, starts, zero, table, shift=8, may_be=1, sure=2)
