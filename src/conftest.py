"""Modules whose examples need an extra that is not installed are left out of the doctests."""

from importlib.util import find_spec

_NEEDED = {
    "cptkit/frames/plots.py": "matplotlib",
    "cptkit/frames/spark.py": "pyspark",  # its own session: nox -s spark
}
collect_ignore: list[str] = [path for path, package in _NEEDED.items() if find_spec(package) is None]
