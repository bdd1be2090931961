"""The line of every key of a TOML text, found again beside what ``tomllib`` read."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cptkit.rules.toml_lines import lines_of


def paths(value, path=()):
    """Every key, table and element of an array below a value."""
    found = [path] if path else []
    if isinstance(value, dict):
        for key, below in value.items():
            found += paths(below, (*path, key))
    elif isinstance(value, list):
        for place, below in enumerate(value):
            found += paths(below, (*path, place))
    return found


TRICKY = {
    "dotted keys": ('a.b.c = 1\na . "d.e" = 2\n', {("a",): 1, ("a", "b"): 1, ("a", "d.e"): 2}),
    "quoted keys": (
        '"x = y" = 1\n\'[no]\' = 2\n"" = 3\n"\\u0041" = 4\n',
        {("x = y",): 1, ("[no]",): 2, ("",): 3, ("A",): 4},
    ),
    "comments": ('# [a]\na = 1 # b = 2\n\n[c] # d = 1\nd = "# e" # f\n', {("a",): 2, ("c", "d"): 5}),
    "a text of several lines": (
        'a = """\nb = 1\n[c]\n\\""" d\n"""\nb = 2\n',
        {("a",): 1, ("b",): 6},
    ),
    "quotes at the end of a text": ("a = \"\"\"x\"\"\"\"\"\nb = '''y'''''\nc = 1\n", {("b",): 2, ("c",): 3}),
    "a literal text of several lines": ("a = '''\n[b]\nc = '1'\n'''\nd = 1\n", {("a",): 1, ("d",): 5}),
    "arrays of tables": (
        "[[a]]\nb = 1\n[[a]]\nb = 2\n[a.c]\nd = 3\n[[a.e]]\nf = 4\n[[a.e]]\nf = 5\n",
        {("a",): 1, ("a", 1): 3, ("a", 1, "c", "d"): 6, ("a", 1, "e", 0, "f"): 8, ("a", 1, "e", 1, "f"): 10},
    ),
    "tables of one name under two arrays": (
        "[[a]]\n[[a.b]]\nx = 1\n[[a]]\n[[a.b]]\nx = 2\n",
        {("a", 0, "b", 0, "x"): 3, ("a", 1, "b", 0): 5, ("a", 1, "b", 0, "x"): 6},
    ),
    "an array over several lines": (
        'a = [\n  "]", # ]\n\n  [1, 2],\n  { b = "}", c.d = 3 },\n]\ne = 1\n',
        {("a", 0): 2, ("a", 1): 4, ("a", 1, 1): 4, ("a", 2, "c", "d"): 5, ("e",): 7},
    ),
    "an inline table": ("a = { b = 1, c = [{ d = 2 }] }\nf = {}\n", {("a", "c", 0, "d"): 1, ("f",): 2}),
    "a table that its children name": (
        "[a.b]\nc = 1\n[a]\nd = 2\n",
        {("a",): 1, ("a", "b"): 1, ("a", "d"): 4},
    ),
    "blanks in the head of a table": ('[ a . "b]" ]\nc = 1\n', {("a", "b]"): 1, ("a", "b]", "c"): 2}),
    "dates and numbers": ("a = 2026-03-02 08:30:00\nb = 1_000.5e+3\nc = inf\nd = 0x1F\n", {("d",): 4}),
    "lines that end as on Windows": (
        "a = 1\r\n[b]\r\nc = '''\r\n'''\r\nd = 2\r\n",
        {("b",): 2, ("b", "d"): 5},
    ),
    "no line end at the end": ("[a]\nb = 'c'", {("a", "b"): 2}),
    "nothing": ("", {}),
    "a comment alone": ("# nothing", {}),
}


@pytest.mark.parametrize("name", TRICKY)
def test_tricky_texts(name):
    text, expected = TRICKY[name]
    found = lines_of(text)
    assert set(found) == set(paths(tomllib.loads(text)))
    assert {path: found[path] for path in expected} == expected


keys = st.one_of(st.from_regex(r"[A-Za-z0-9_-]{1,3}", fullmatch=True), st.text("ab.\"'[]{}=#\n", max_size=4))
leaves = st.one_of(st.integers(-99, 99), st.booleans(), st.text("ab \"'\\[]{}=#,\n", max_size=6), st.dates())
values = st.recursive(
    leaves,
    lambda below: st.one_of(st.lists(below, max_size=3), st.dictionaries(keys, below, max_size=3)),
    max_leaves=8,
)


def quoted(text):
    signs = {'"': '\\"', "\\": "\\\\", "\n": "\\n"}
    return '"' + "".join(signs.get(sign, sign) for sign in text) + '"'


def written(value):
    """A value as TOML, inline; texts without an apostrophe as literals over several lines."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{quoted(key)} = {written(below)}" for key, below in value.items()) + " }"
    if isinstance(value, list):
        return "[\n# ]\n" + "".join(f"  {written(below)},\n" for below in value) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return quoted(value) if "'" in value else f"'''\n{value}'''"
    return str(value)


@given(st.dictionaries(keys, values, max_size=4), st.dictionaries(keys, values, max_size=3))
def test_the_keys_are_those_that_were_read(content, below):
    """Top-level pairs, then tables of an array: what is found are the keys that tomllib reads."""
    lines = [f"{quoted(key)} = {written(value)}" for key, value in content.items() if key != "list"]
    for _ in range(2):
        lines += [
            "[[list]]  # a table",
            *(f"{quoted(key)} = {written(value)}" for key, value in below.items()),
        ]
    text = "\n".join(lines) + "\n"
    found = lines_of(text)
    assert set(found) == set(paths(tomllib.loads(text)))
    for path, line in found.items():
        if isinstance(path[-1], str) and len(path) == 1 and path != ("list",):
            assert text.split("\n")[line - 1].startswith(quoted(path[0]))
