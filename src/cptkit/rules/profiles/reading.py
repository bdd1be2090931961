"""Profiles out of TOML files: the bundled ones by their id, others by their path."""

import datetime as dt
import os
import re
from collections.abc import Iterator
from functools import cache, partial
from pathlib import Path
from typing import Any

from cptkit.codesets import Codeset, Convention, Denial, bundled_editions, codeset
from cptkit.errors import BrokenProfile, UnknownProfile, nearest
from cptkit.rules.findings import Severity
from cptkit.rules.profiles.profile import Profile
from cptkit.rules.profiles.shape import is_read, require_value
from cptkit.rules.registry import rule, selected
from cptkit.rules.toml_tables import Page, Table
from cptkit.sources import Basis, Citation, Confidence, Source
from cptkit.timerule import UnitPolicy

__all__ = ["bundled_profiles", "load_profile", "page_of", "profile_of"]

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_POLICIES = (UnitPolicy.CPT_PER_CODE.value, UnitPolicy.MEDICARE_TOTAL.value)
_SEVERITIES = (Severity.WARNING.value, Severity.REVIEW.value)
_GROUPS = ("CO", "OA", "PI", "PR")
_CARC = re.compile(r"[A-Z]?[0-9]{1,3}")
_RARC = re.compile(r"(M|MA|N)[0-9]{1,3}")


def load_profile(path: Path | str) -> Profile:
    r"""The profile of a file, in the profile format.

    :raises BrokenProfile: with every problem of the file, each with its line and what is near.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "mine.toml")
    ...     _ = file.write_text('format = 1\nid = "mine"\ntitle = "Our practice"\nbasis = "cpt"\n')
    ...     load_profile(file).basis.value
    'cpt'
    >>> load_profile("no-such.toml")
    Traceback (most recent call last):
    ...
    cptkit.errors.BrokenProfile: the file cannot be read (No such file or directory): 'no-such.toml'; expected a profile
    """
    page = Page(path, BrokenProfile, "a profile")
    return _read(page, is_bundled=_is_bundled(path))


def bundled_profiles() -> tuple[str, ...]:
    """The ids of the bundled profiles, sorted.

    >>> [name in bundled_profiles() for name in ("cpt", "medicare", "medicaid")]
    [True, True, False]
    """
    return tuple(_files())


def profile_of(given: Any) -> Profile:
    """A profile as it is, a bundled one by its id, or one of a file by its path; a file is read each time.

    :raises UnknownProfile: when no bundled one has that id, and it looks like no path.
    :raises BrokenProfile: when the file cannot be read as a profile, or something else is given.
    """
    if isinstance(given, Profile):
        return given
    if not isinstance(given, str | os.PathLike):
        expected = "a cptkit.Profile, the id of a bundled one, or a path"
        raise BrokenProfile("this is no profile", given=given, expected=expected)
    if isinstance(given, str) and not given.endswith(".toml") and not set(given) & {"/", os.sep}:
        return _bundled(given)
    return load_profile(os.fspath(given))


def page_of(given: str) -> Page:
    """The text of a profile as TOML: of a bundled one by its id, or of a file by its path.

    :raises UnknownProfile: when no bundled one has that id, and it looks like no path.
    :raises BrokenProfile: when the file cannot be read, or is not TOML.

    >>> page_of("cpt").top.text("title")
    "The code set's own rules"
    >>> page_of("mine")
    Traceback (most recent call last):
    ...
    cptkit.errors.UnknownProfile: no such profile: 'mine'; expected the id of a bundled profile, or the path of a file ...
    """
    if given.endswith(".toml") or set(given) & {"/", os.sep}:
        return Page(given, BrokenProfile, "a profile")
    if given not in _files():
        expected = "the id of a bundled profile, or the path of a file that ends in .toml"
        raise UnknownProfile("no such profile", given=given, expected=expected, near=nearest(given, _files()))
    return Page(f"{given}.toml", BrokenProfile, "a profile", data=_files()[given].read_bytes())


@cache
def _files() -> dict[str, Any]:
    from importlib_resources import files  # only who names a bundled profile needs it

    found = files("cptkit.rules.profiles").joinpath("bundled").iterdir()
    return {file.name.removesuffix(".toml"): file for file in sorted(found, key=lambda file: file.name)}


@cache
def _bundled(name: str) -> Profile:
    return _read(page_of(name), is_bundled=True)


def _is_bundled(path: Path | str) -> bool:
    """Whether a file is itself one of the bundled profiles."""
    own = _files().get(Path(path).stem)
    return isinstance(own, Path) and own.resolve() == Path(path).resolve()


def _read(page: Page, *, is_bundled: bool) -> Profile:
    top = page.top
    top.number_of_format()
    name = top.text("id")
    if name and not _ID.fullmatch(name):
        top.wrong("id", "id is not in small letters, digits and single hyphens", given=name)
    elif name in _files() and not is_bundled:
        reason = "the id is that of a bundled profile: reports and pins could not tell the two apart"
        top.wrong("id", reason, given=name, expected="an id of your own")
    title, note = top.text("title"), top.text("note", "")
    basis = top.choice("basis", [basis.value for basis in Basis])
    policy = top.choice("unit_policy", _POLICIES, "")
    select, ignore = _selectors(top, "select", ("ALL",)), _selectors(top, "ignore", ())
    severities = tuple(_severities(top.table("severity")))
    sources = tuple(_sources(top.table("sources")))
    keys = {source.key for source in sources}
    conventions: list[Convention] = []
    for table in top.tables("convention"):
        conventions += _conventions(table, name, keys, {each.name for each in conventions})
    denials: list[Denial] = []
    for table in top.tables("denial"):
        denials.append(_denial(table, name, keys, {each.check for each in denials}))
    top.done()
    page.close()
    return Profile(
        name,
        title,
        Basis(basis),
        select,
        ignore,
        UnitPolicy(policy) if policy else None,
        severities,
        tuple(conventions),
        tuple(denials),
        sources,
        note,
    )


def _selectors(top: Table, key: str, default: tuple[str, ...]) -> tuple[str, ...]:
    found = top.texts(key, default)
    for place, text in enumerate(found):
        top.known(key, partial(selected, (text,)), place=place)
    if key == "select" and not found and top.is_right(key):
        top.wrong(key, "select names no rule", expected="ALL, prefixes, ids or names of rules")
    return found


def _severities(table: Table) -> Iterator[tuple[str, Severity]]:
    seen: set[str] = set()
    for key in table.keys:
        found = table.choice(key, _SEVERITIES)
        named = table.known(key, partial(rule, key))
        if named is None or found not in _SEVERITIES:
            continue
        if named.row.id in seen:
            table.wrong(key, "the rule has a severity already", given=key)
        seen.add(named.row.id)
        yield named.row.id, Severity(found)


def _sources(tables: Table) -> Iterator[Source]:
    for key in tables.keys:
        table = tables.table(key)
        if tables.is_right(key):
            yield Source(key, table.choice("grade", "ABCD"), table.text("where"), table.text("supports", ""))
            table.done()


def _conventions(table: Table, profile: str, keys: set[str], taken: set[str]) -> Iterator[Convention]:
    name = table.text("name")
    is_known = table.known("name", partial(is_read, name))
    if name in taken:
        table.wrong("name", "it stands here a second time", given=name, expected="one history for each name")
    days: set[dt.date] = set()
    rows = table.tables("history")
    if not rows:
        table.wrong(
            "history" if table.has("history") else None,
            "history has no row",
            expected="its first day and value",
        )
    for row in rows:
        day, value = row.day("from"), row.text("value")
        if is_known:
            row.known("value", partial(require_value, name, value))
        if day in days:
            row.wrong("from", "another row begins on that day", given=str(day))
        days.add(day)
        cited = _citation(row, f"profiles/{profile}/{name}@{day}", keys)
        yield Convention(name, value, row.text("text"), day, cited)
        row.done()
    table.done()


def _denial(table: Table, profile: str, keys: set[str], taken: set[str]) -> Denial:
    check = table.text("check")
    known = [row["check"] for row in _newest().rows("denials")]
    if check and check not in known:
        table.wrong(
            "check", "no rule tells such a denial", given=check, expected="a kind of finding", near=known
        )
    if check in taken:
        table.wrong("check", "it stands here a second time", given=check)
    group = table.choice("group", _GROUPS)
    carc, rarc = table.text("carc"), table.texts("rarc", ())
    if carc and not _CARC.fullmatch(carc):
        table.wrong("carc", "carc is no such code", given=carc, expected="such as 97 or B15")
    for place, each in enumerate(rarc):
        if not _RARC.fullmatch(each):
            table.wrong(
                "rarc", "rarc holds what is no such code", given=each, expected="such as N20", place=place
            )
    likely = table.flag("likely", default=True)
    cited = _citation(table, f"profiles/{profile}/{check}", keys)
    table.done()
    return Denial(check, group, carc, rarc, likely, cited)


def _citation(table: Table, fact: str, keys: set[str]) -> Citation:
    sources = table.texts("sources")
    for place, key in enumerate(sources):
        if key not in keys and _newest().source(key) is None:
            expected = "a key of [sources], or one of the newest edition"
            table.wrong("sources", "no such source", given=key, expected=expected, near=keys, place=place)
    if not sources and table.has("sources"):
        table.wrong("sources", "sources names none", expected="where it was read")
    words = [confidence.value for confidence in Confidence]
    confidence = table.choice("confidence", words)
    held = Confidence(confidence) if confidence in words else Confidence.DISPUTED
    return Citation(fact, sources, held, table.day("checked"), table.text("note", ""))


def _newest() -> Codeset:
    return codeset(bundled_editions()[-1])
