"""A process that is set up for large tables: what changes a process is tried in one of its own."""

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("pyarrow", reason="pip install cptkit[frames]")

READ = """
import pyarrow, pyarrow.parquet as parquet, sys
parquet.read_table(sys.argv[1])
own = pyarrow.mimalloc_memory_pool() if "mimalloc" in pyarrow.supported_memory_backends() else None
print(pyarrow.default_memory_pool().backend_name, own is not None and own.max_memory() > 0)
"""
IN_THREADS = """
import ctypes, sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
together = Barrier(4)
def held(number):
    together.wait()
    return ctypes.create_string_buffer(50_000 + number)
with ThreadPoolExecutor(4) as pool:
    kept = list(pool.map(held, range(4)))
libc = ctypes.CDLL(None)
libc.fopen.restype = ctypes.c_void_p
file = ctypes.c_void_p(libc.fopen(sys.argv[1].encode(), b"w"))
libc.malloc_info(0, file)
libc.fclose(file)
print(open(sys.argv[1]).read().count("<heap nr="))
"""
CHECK = """
import cptkit, pyarrow
lines = {"patient": ["P-1"], "dos": ["2026-03-02"], "cpt": ["90837"], "minutes": [50]}
found = frames.check(pyarrow.table(lines), cptkit.Catalog.from_editions("2026.1"))
print(found.table["rule"].to_pylist())
"""


def told(program: str, *given: object, pool: str | None = None) -> str:
    """What a process prints."""
    env = {name: value for name, value in os.environ.items() if name != "ARROW_DEFAULT_MEMORY_POOL"}
    env |= {} if pool is None else {"ARROW_DEFAULT_MEMORY_POOL": pool}
    asked = [sys.executable, "-c", f"import os\nfrom cptkit import frames\n{program}", *map(str, given)]
    return subprocess.run(asked, env=env, capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.table({"code": [str(number) for number in range(10_000)]}), tmp_path / "a.parquet")
    return tmp_path / "a.parquet"


def test_arrow_takes_all_of_it_from_the_heap(file) -> None:
    assert told("frames.tune_process()" + READ, file) == "system False"


def test_a_process_that_has_pyarrow_already(file) -> None:
    """What it holds for itself stays where it is."""
    assert told("import pyarrow\nframes.tune_process()" + READ, file).split()[0] == "system"


def test_without_it_nothing_is_changed(file) -> None:
    import pyarrow as pa

    if "mimalloc" not in pa.supported_memory_backends():
        pytest.skip("this pyarrow takes memory from elsewhere")
    assert told("frames.check" + READ, file, pool="mimalloc") == "mimalloc True"


def test_the_environment_stays_as_it_was() -> None:
    name = "ARROW_DEFAULT_MEMORY_POOL"
    assert told(f"frames.tune_process()\nprint(os.environ.get('{name}'))") == "None"
    assert told(f"frames.tune_process()\nprint(os.environ.get('{name}'))", pool="system") == "system"


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="of glibc's heap alone")
def test_threads_share_it(tmp_path) -> None:
    assert told("frames.tune_process()" + IN_THREADS, tmp_path / "heaps.xml") == "1"
    assert int(told(IN_THREADS, tmp_path / "heaps.xml")) > 1, "this test cannot fail"


@pytest.mark.parametrize(("before", "after"), [("0.005", "0.00050"), ("0.0001", "0.00010")])
def test_threads_take_short_turns(before, after) -> None:
    """Those of a caller who wants shorter ones stay."""
    program = f"import sys\nsys.setswitchinterval({before})\nframes.tune_process()\n"
    assert told(program + "print(f'{sys.getswitchinterval():.5f}')") == after


@pytest.mark.parametrize("times", [1, 2])
def test_a_check_finds_the_same(times) -> None:
    assert told("frames.tune_process()\n" * times + CHECK) == "['TIM402']"


def test_glibc_is_asked_for_no_more_than_any_of_it_grants(monkeypatch) -> None:
    """Old ones refuse to map memory by itself from more than 32 MiB on; then each array would be mapped anew."""
    from types import SimpleNamespace

    from cptkit.frames import process

    asked: dict[int, int] = {}
    libc = SimpleNamespace(mallopt=asked.setdefault)
    monkeypatch.setattr(process.sys, "platform", "linux")
    monkeypatch.setattr(process.ctypes, "CDLL", lambda _: libc)
    monkeypatch.setattr(process.sys, "setswitchinterval", lambda _: None)
    process._change()
    assert asked[-3] <= 1 << 25
    assert list(asked) == [-3, -1, -8]


def test_nothing_is_changed_where_a_package_is_missing(monkeypatch) -> None:
    from cptkit.errors import NotInstalled
    from cptkit.frames import process

    for name in [name for name in sys.modules if name.startswith(("cptkit.frames.arrow", "pyarrow"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setattr(process, "_change", lambda: pytest.fail("changed"))
    with pytest.raises(NotInstalled):
        process.tune_process()
