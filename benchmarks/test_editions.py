"""The bars of editions: usable at once, whatever their size, and small enough to ship."""

import datetime as dt
import json
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

import cptkit
from cptkit.codesets.files import MANIFEST, digest_of, read_edition

ROOT = Path(__file__).parents[1]
BUNDLED = Path(cptkit.__file__).parent / "data" / "2026.1"
RUNS = 21
CODES = 15_000
# What any program that answers about codes has imported before it asks for an edition.
READY = "import attrs, cptkit.codesets.edition, cptkit.codesets.lookup, cptkit.codesets.records, pathlib"


def cpu_ms(statement: str, *, after: str) -> float:
    """The least CPU milliseconds of fresh processes: every other figure measures the neighbours too."""
    clock = "time.process_time()"
    program = f"import time\n{after}\nstart = {clock}\n{statement}\nprint({clock} - start)"
    return min(_seconds(program) for _ in range(RUNS)) * 1000


def _seconds(program: str) -> float:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return float(done.stdout)


@pytest.fixture(scope="module")
def large(tmp_path_factory) -> Path:
    """The bundled edition with its codes repeated, under numbers from 00000 on, up to 15,000."""
    folder = tmp_path_factory.mktemp("large") / "2026.9"
    folder.mkdir()
    for name, text in read_edition(BUNDLED).texts.items():
        (folder / name).write_bytes(text.encode())
    for name in ("codes.tsv", "code-history.tsv"):
        header, *rows = (BUNDLED / name).read_text(encoding="utf-8").splitlines()
        tails = [row.partition("\t")[2] for row in rows]
        lines = [f"{number:05}\t{tails[number % len(tails)]}" for number in range(CODES)]
        (folder / name).write_text("\n".join((header, *lines)) + "\n", encoding="utf-8")
    manifest = json.loads((BUNDLED / MANIFEST).read_bytes())
    manifest["edition"], manifest["revision"] = "2026.9", 9
    for name in manifest["files"]:
        manifest["files"][name]["digest"] = digest_of((folder / name).read_bytes())
        if name in {"codes.tsv", "code-history.tsv"}:
            manifest["files"][name]["rows"] = CODES
    (folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    return folder


def test_bundled_edition(bar) -> None:
    bar(
        "bundled edition, load and first look-up, CPU, all imported",
        lambda: cpu_ms(
            "lookup.codeset('2026.1')['90834']", after=f"{READY}\nfrom cptkit.codesets import lookup"
        ),
        2,
        "ms",
    )


def test_large_edition(bar, large) -> None:
    load = f"Codeset.from_folder(pathlib.Path({str(large)!r}))['00834']"
    bar(
        "edition of 15,000 codes, load and first look-up, CPU",
        lambda: cpu_ms(load, after=f"{READY}\nfrom cptkit.codesets.edition import Codeset"),
        12,
        "ms",
    )


def test_the_large_edition_is_one(large) -> None:
    assert len(cptkit.Codeset.from_folder(large)) == CODES


@pytest.mark.parametrize("size", ["bundled", "large"])
def test_look_up(speed, large, size) -> None:
    codeset = cptkit.codeset("2026.1") if size == "bundled" else cptkit.Codeset.from_folder(large)
    code = "90834" if size == "bundled" else "00834"
    first = codeset[code]

    def look_up_a_thousand_times() -> None:
        for _ in range(1000):
            codeset[code]

    speed(f"a look-up after first use, {size} edition", look_up_a_thousand_times, 1, times=1000)
    assert codeset[code] is first


def test_status(speed) -> None:
    """No bar in the design; kept small, since every line of a claim asks."""
    codeset = cptkit.codeset("2026.1")
    day = dt.date(2026, 3, 2)
    standing = partial(codeset.status, "90834", date_of_service=day)
    assert speed("the standing of a code on a day", standing, 20).in_force


def test_wheel(bar, tmp_path) -> None:
    pytest.importorskip("build", reason="the wheel is built with `build`")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--outdir", str(tmp_path), str(ROOT)],
        check=True,
        capture_output=True,
    )
    (built,) = tmp_path.glob("*.whl")
    bar("the wheel", built.stat().st_size / 1e6, 1.5, "MB")
