"""Sphinx: one tree of Markdown pages, warnings are errors."""

import re
from collections.abc import Mapping
from pathlib import Path

from sphinx.application import Sphinx

import cptkit
from cptkit.codesets import bundled_editions
from cptkit.reports import checks_page, rule_pages, time_pages

project = "cptkit"
author = "the cptkit contributors"
copyright = author
version = release = cptkit.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.viewcode"]
exclude_patterns = ["_build"]

html_theme = "furo"
html_title = f"cptkit {release}"
html_show_sphinx = False

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

autodoc_default_options = {"members": True, "show-inheritance": True, "member-order": "bysource"}
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
python_use_unqualified_type_names = True
add_module_names = False

# The build needs no network, so names of other packages have no inventory to be found in.
nitpick_ignore_regex = [
    (r"py:.*", r"(datetime|dt|pathlib|enum|collections|types|typing|decimal|os|fractions|zoneinfo)\..*"),
    (r"py:.*", r"(date|Path|StrEnum|Any|Iterable|Iterator|Mapping|Sequence|Callable|Decimal|Final|Self)"),
    (r"py:.*", r"(attrs|cattrs|importlib_resources|importlib\.resources)(\..*)?"),
    (r"py:.*", r"(int|str|bool|float|bytes|object|None|dict|list|tuple|set|frozenset|type|optional)"),
    (r"py:exc", r"\w+(Error|Exception)|Exception"),
    # Inner parts that callers are handed and never build.
    (r"py:.*", r"cptkit\.(timerule\.(tables|arithmetic)|codesets\.files|rules\.context)\.\w+"),
    # A union of rows, each of which has its place in the reference.
    (r"py:.*", r"(cptkit\.edits\.telling\.)?EditRow"),
    # The column form of a rule, which the package's own rules have.
    (r"py:.*", r"(cptkit\.rules\.columns\.)?Columns"),
    # Type variables and private names have no page of their own.
    (r"py:.*", r"(.*\.)?[A-Z]"),
    (r"py:.*", r"(.*\.)?_\w+(\..*)?"),
]

SHARED = re.compile(r"^(?P<indent>\s*):param (?P<names>\w+(?:, \w+)+): (?P<text>.*)$")


def split_shared_parameters(
    _app: Sphinx, _what: str, _name: str, _obj: object, _options: object, lines: list[str]
) -> None:
    """Give each of ``:param start, stop: text`` its own field; Sphinx would read the first names as a type."""
    for place in range(len(lines) - 1, -1, -1):
        hit = SHARED.match(lines[place])
        if hit:
            *others, last = hit["names"].split(", ")
            fields = [f"{hit['indent']}:param {name}: as {last}." for name in others]
            lines[place : place + 1] = [*fields, f"{hit['indent']}:param {last}: {hit['text']}"]


ORPHAN = "---\norphan: true\n---\n\n"


def write_pages(app: Sphinx) -> None:
    """Write a page for each rule, and for each family of time rules from the newest edition; git ignores both folders.

    They are found from their indexes and by searching: hundreds of entries in the sidebar of every page would
    double the time of the build.
    """
    edition = cptkit.codeset(bundled_editions()[-1])
    reference = Path(app.srcdir, "reference")
    write_folder(reference / "time", time_pages(edition))
    write_folder(reference / "rules", rule_pages(edition))
    write_folder(reference, {"checks.md": checks_page(Path(app.srcdir, "checks.toml"), edition)}, whole=False)


def write_folder(folder: Path, pages: Mapping[str, str], *, whole: bool = True) -> None:
    """Write pages that only an index leads to; a file that says the same already is left alone.

    Sphinx does not read such a file again. What else stands in a folder that is written as a whole goes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.iterdir() if whole else ():
        if path.name not in pages:
            path.unlink()
    for name, text in pages.items():
        alone = whole and name.endswith(".md") and name != "index.md"
        path, data = folder / name, (f"{ORPHAN}{text}" if alone else text).encode("utf-8")
        if not path.is_file() or path.read_bytes() != data:
            path.write_bytes(data)


def setup(app: Sphinx) -> None:
    """Connect the hooks above."""
    app.connect("builder-inited", write_pages)
    app.connect("autodoc-process-docstring", split_shared_parameters)
