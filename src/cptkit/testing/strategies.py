"""Hypothesis strategies: codes, modifiers, services, lines and claims.

Each draws from an edition when it is given one, so that values meet: an add-on stands beside its
primary often enough for a rule to speak. Without an edition they draw what has the right shape.
``malformed=True`` mixes in what people mistype and what files hold by mistake; a check answers for
that too.

>>> from hypothesis import find
>>> from cptkit.testing import synthetic_codeset
>>> line = find(lines(codeset=synthetic_codeset()), lambda line: line.minutes)
>>> line.code in synthetic_codeset(), line.date_of_service.year
(True, 2026)
>>> find(codes(categories=[Category.LOCAL]), lambda code: True)[0] in "WXYZ"
True
>>> codes(categories=[])
Traceback (most recent call last):
...
ValueError: no kind of code to draw from
"""

import datetime as dt
from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import cache
from typing import Any

import attrs

from cptkit.claims import Claim, Line
from cptkit.codes import Category, category_of
from cptkit.codesets import Codeset
from cptkit.modifiers import Service

try:
    from hypothesis import strategies as st
except ModuleNotFoundError as _absent:
    if _absent.name != "hypothesis":
        raise
    raise ModuleNotFoundError(
        "cptkit.testing.strategies needs hypothesis: pip install 'cptkit[testing]'", name="hypothesis"
    ) from _absent

__all__ = ["claims", "codes", "lines", "modifiers", "services"]

_DIGITS = "0123456789"
_LETTERS = {
    Category.HCPCS_II: "ABCEGHJKLMPQRSTUV",
    Category.DENTAL: "D",
    Category.LOCAL: "WXYZ",
}
_SUFFIXES = {
    Category.II: "F",
    Category.III: "T",
    Category.PLA: "U",
    Category.MAAA: "M",
    Category.IMMUNISATION: "A",
}
_MISTYPED = (
    "9O834",
    "9083",
    "908345",
    "A012T",
    "F1234",
    "90-83",
    "",
    " ",
    "?",
    "\u0660\u0661\u0662\u0663\u0664",
)
_MISTYPED_MODIFIERS = ("5", "2-", "25X", "\u00e95", "?")
_FIRST_DAY, _LAST_DAY = dt.date(2021, 1, 1), dt.date(2026, 12, 31)


def codes(
    *,
    codeset: Codeset | None = None,
    categories: Iterable[Category] | None = None,
    malformed: bool = False,
) -> st.SearchStrategy[str]:
    """Codes: those an edition covers, or else any of the right shape.

    :param categories: the kinds to draw; all by default.
    :param malformed: also texts that are no code.
    :raises ValueError: when that leaves nothing to draw from.

    >>> from hypothesis import find
    >>> find(codes(categories=[Category.III]), lambda code: code > "9")[-1]
    'T'
    >>> codes(codeset=Codeset.from_folder("nowhere"))
    Traceback (most recent call last):
    ...
    cptkit.errors.BrokenEdition: the edition has no readable manifest.json: No such file or directory: 'manifest.json'; see nowhere
    """
    wanted = frozenset(Category if categories is None else categories)
    if codeset is None:
        shapes = [_shaped(category) for category in Category if category in wanted]
    else:
        known = [code for code in codeset if category_of(code) in wanted]
        shapes = [st.sampled_from(known)] if known else []
    if not shapes:
        raise ValueError("no kind of code to draw from")
    drawn = st.one_of(shapes)
    return st.one_of(drawn, drawn, st.sampled_from(_MISTYPED), st.text(max_size=6)) if malformed else drawn


def modifiers(*, codeset: Codeset | None = None, malformed: bool = False) -> st.SearchStrategy[str]:
    """Modifiers: those on an edition's list, or else any two letters or digits.

    :raises ValueError: when the edition has none.

    >>> from hypothesis import find
    >>> len(find(modifiers(), lambda modifier: modifier.isalpha()))
    2
    >>> modifiers("95")
    Traceback (most recent call last):
    ...
    TypeError: modifiers() takes 0 positional arguments but 1 was given
    """
    if codeset is None:
        drawn = st.text(_DIGITS + "ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=2, max_size=2)
    elif codeset.modifiers:
        drawn = st.sampled_from(codeset.modifiers)
    else:
        raise ValueError("the edition has no modifiers to draw from")
    return st.one_of(drawn, drawn, st.sampled_from(_MISTYPED_MODIFIERS)) if malformed else drawn


def services(
    *, codeset: Codeset | None = None, max_modifiers: int = 4, malformed: bool = False
) -> st.SearchStrategy[Service]:
    """Services: a code with up to ``max_modifiers`` modifiers, none of them twice.

    >>> from hypothesis import find
    >>> len(str(find(services(), lambda service: len(service.modifiers) == 1)))
    8
    >>> services(max_modifiers=-1)
    Traceback (most recent call last):
    ...
    ValueError: max_modifiers is no count: -1
    """
    _require_count("max_modifiers", max_modifiers)
    return st.builds(
        Service,
        codes(codeset=codeset, malformed=malformed),
        _several_modifiers(codeset, max_modifiers, malformed),
    )


def lines(
    *,
    codeset: Codeset | None = None,
    date_of_service: dt.date | st.SearchStrategy[dt.date] | None = None,
    malformed: bool = False,
) -> st.SearchStrategy[Line]:
    """Claim lines: a service with units, perhaps minutes, clock times, place, provider and charge.

    :param date_of_service: a day, or a strategy of days; by default the coding year of the edition, or
        2021 to 2026 without one.
    :param malformed: also mistyped codes and modifiers, and units and minutes that nobody can mean.
    :raises InvalidClaim: when the date of service is neither a day nor a strategy.

    >>> from hypothesis import find
    >>> day = dt.date(2026, 3, 2)
    >>> find(lines(date_of_service=day), lambda line: line.units > 1).date_of_service == day
    True
    >>> lines(date_of_service="2026-03-02")
    Traceback (most recent call last):
    ...
    cptkit.errors.InvalidClaim: the date of service is not a date: '2026-03-02'; expected a datetime.date
    """
    return _lines(codeset, _days(codeset, date_of_service), malformed=malformed)


def claims(
    *, codeset: Codeset | None = None, max_lines: int = 6, malformed: bool = False
) -> st.SearchStrategy[Claim]:
    """Claims of up to ``max_lines`` lines, most of them of one day, so that lines meet in an encounter.

    With an edition many claims hold two codes that it names together: an add-on and a primary, or two
    that exclude each other.

    >>> from hypothesis import find
    >>> claim = find(claims(), lambda claim: len(claim.lines) == 2)
    >>> [line.id for line in claim.lines]
    ['1', '2']
    >>> claims(max_lines=-1)
    Traceback (most recent call last):
    ...
    ValueError: max_lines is no count: -1
    """
    _require_count("max_lines", max_lines)

    days = _days(codeset, None)
    somewhen = _lines(codeset, st.just(_FIRST_DAY), malformed=malformed)
    placed = st.tuples(somewhen, st.sampled_from((0, 0, 0, 1)))
    partners = st.sampled_from(((), *_partners(codeset)))
    return st.builds(_claim, st.lists(placed, max_size=max_lines), st.tuples(days, days), partners)


def _require_count(name: str, given: int) -> None:
    if given < 0:
        raise ValueError(f"{name} is no count: {given}")


def _claim(drawn: list[tuple[Line, int]], days: tuple[dt.date, dt.date], partners: tuple[str, ...]) -> Claim:
    lines = [attrs.evolve(line, date_of_service=days[place]) for line, place in drawn]
    for place, code in enumerate(partners[: len(lines)]):
        lines[place] = attrs.evolve(lines[place], code=code)
    return Claim(lines, id="C-1", patient="P-1")


def _partners(codeset: Codeset | None) -> tuple[tuple[str, str], ...]:
    """Codes that an edition names together: an add-on with a primary, and what excludes each other."""
    if codeset is None:
        return ()
    rows = [codeset.addon(code, date_of_service=codeset.last_day) for code in codeset]
    pairs = {(row.code, primary) for row in rows if row is not None for primary in row.primaries}
    for exclusion in codeset.exclusions(date_of_service=codeset.last_day):
        pairs.update((code, other) for code in exclusion.codes for other in exclusion.excludes)
    return tuple(sorted(pairs))


@cache
def _shaped(category: Category) -> st.SearchStrategy[str]:
    """Codes of one shape; of five digits for a kind of which nothing else is known here."""
    build: Callable[..., str] = "{}{}".format
    four = st.text(_DIGITS, min_size=4, max_size=4)
    if category in _LETTERS:
        return st.builds(build, st.sampled_from(_LETTERS[category]), four)
    return st.builds(build, four, st.sampled_from(_SUFFIXES.get(category, _DIGITS)))


def _several_modifiers(
    codeset: Codeset | None, most: int, malformed: bool
) -> st.SearchStrategy[tuple[str, ...]]:
    drawn = modifiers(codeset=codeset, malformed=malformed)
    return st.lists(drawn, max_size=most, unique=True).map(tuple)


def _days(
    codeset: Codeset | None, given: dt.date | st.SearchStrategy[dt.date] | None
) -> st.SearchStrategy[dt.date]:
    if isinstance(given, st.SearchStrategy):
        return given
    if given is not None:
        Line("00000", date_of_service=given)  # refuses what is no day, here and not in a test that draws
        return st.just(given)
    return st.dates(
        _FIRST_DAY if codeset is None else codeset.first_day,
        _LAST_DAY if codeset is None else codeset.last_day,
    )


def _lines(
    codeset: Codeset | None, days: st.SearchStrategy[dt.date], *, malformed: bool
) -> st.SearchStrategy[Line]:
    units = st.integers(1, 8)
    minutes = st.integers(1, 180)
    if malformed:
        nobody_means = st.one_of(st.integers(-3, 0), st.sampled_from([10**30, -(10**30)]))
        units, minutes = st.one_of(units, nobody_means), st.one_of(minutes, nobody_means)
    clock: st.SearchStrategy[tuple[dt.time | None, dt.time | None]] = st.one_of(
        st.just((None, None)), st.tuples(_clock(), _clock())
    )
    return st.builds(
        _line,
        codes(codeset=codeset, malformed=malformed),
        date_of_service=days,
        modifiers=_several_modifiers(codeset, 5 if malformed else 4, malformed),
        units=units,
        minutes=st.one_of(st.none(), minutes),
        clock=clock,
        place_of_service=st.sampled_from([None, "02", "10", "11", "22"]),
        rendering_provider=st.sampled_from([None, "A", "A", "B"]),
        charge=st.one_of(st.none(), st.integers(0, 100_000).map(lambda cents: Decimal(cents) / 100)),
    )


def _clock() -> st.SearchStrategy[dt.time]:
    return st.builds(dt.time, st.integers(0, 23), st.sampled_from([0, 15, 30, 45, 50]))


def _line(code: str, *, clock: tuple[dt.time | None, dt.time | None], **fields: Any) -> Line:
    return Line(code, start=clock[0], stop=clock[1], **fields)
