"""`import cptkit` is cheap: it loads none of the heavy packages and opens no data file."""

import json
import subprocess
import sys

HEAVY = [
    "cattrs",
    "click",
    "importlib_resources",
    "json",
    "numpy",
    "pandas",
    "polars",
    "pyarrow",
    "rich",
    "tomllib",
]

# Runs in a process of its own. The hook sees every file that is opened, by any road.
PROGRAM = """
import os, sys
before = set(sys.modules)
opened = []
sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == "open" else None)
{statement}
opened = list(opened)
loaded = set(sys.modules) - before
import cptkit, json
home = os.path.dirname(cptkit.__file__)
data = [os.path.relpath(file, home) for file in opened if file.startswith(home) and not file.endswith((".py", ".pyc"))]
code = [file for file in opened if file.startswith(home) and file.endswith((".py", ".pyc"))]
print(json.dumps({{"loaded": sorted(loaded), "data": data, "code": len(code)}}))
"""


def after(statement: str) -> dict[str, list[str]]:
    program = PROGRAM.format(statement=statement)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_import_loads_no_heavy_package_and_opens_no_data() -> None:
    seen = after("import cptkit")
    assert seen["code"], "the hook saw nothing: the test cannot fail"
    assert not set(seen["loaded"]) & set(HEAVY)
    assert seen["data"] == []


def test_a_value_type_needs_no_data_either() -> None:
    seen = after("from cptkit import Claim, Line")
    assert "cptkit.claims" in seen["loaded"]
    assert not set(seen["loaded"]) & set(HEAVY)
    assert seen["data"] == []


def test_the_hook_sees_data_when_it_is_opened() -> None:
    seen = after("import cptkit; cptkit.codeset('2026.1')['90834']")
    assert any(name.startswith("data") for name in seen["data"])


def test_all_is_known_before_anything_is_loaded() -> None:
    seen = after("import cptkit; cptkit.__all__; dir(cptkit)")
    assert not {
        name for name in seen["loaded"] if name.startswith(("cptkit.rules", "cptkit.cli", "cptkit.codesets"))
    }
