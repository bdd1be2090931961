"""Kinds of codes, as the facts spell them: a section, a category, a span of numbers, or an add-on."""

from collections.abc import Mapping
from functools import lru_cache

from cptkit.codes import Section, category_of
from cptkit.codesets import Convention
from cptkit.rules.context import Context

__all__ = ["codes_of", "codes_without_a_fact", "is_kind", "kind", "section"]

_NAME = "code-kind/"


def kind(words: str, context: Context) -> Convention | None:
    """The kind that a modifier's fact names in these words; None where no code tells it by itself.

    >>> import datetime as dt, cptkit
    >>> from cptkit.rules.context import context_for
    >>> context = context_for(cptkit.codeset("2026.1"), dt.date(2026, 3, 2), cptkit.Basis.CPT)
    >>> kind("eye exams 92002-92014", context).value, kind("midline organs", context)
    ('codes/92002-92014', None)
    >>> kind(None, context)
    Traceback (most recent call last):
    ...
    AttributeError: 'NoneType' object has no attribute 'replace'
    """
    return context.convention(_NAME + words.replace(" ", "-"))


def is_kind(code: str, value: str, context: Context) -> bool | None:
    """Whether a code is of a kind, given as a fact's value; None where its section does not tell.

    >>> import datetime as dt, cptkit
    >>> from cptkit.rules.context import context_for
    >>> context = context_for(cptkit.codeset("2026.1"), dt.date(2026, 3, 2), cptkit.Basis.CPT)
    >>> [is_kind(code, "section/laboratory", context) for code in ("80053", "90834", "G0463")]
    [True, False, None]
    >>> is_kind("90785", "add-on", context), is_kind("92004", "codes/92002-92014", context)
    (True, True)
    >>> is_kind("9083", "section/laboratory", context)
    Traceback (most recent call last):
    ...
    cptkit.errors.InvalidCode: a code has five characters, this has 4: '9083'; expected a code such as 90834
    """
    said = [_is(code, word, context) for word in value.split()]
    return True if True in said else None if None in said else False


def _is(code: str, word: str, context: Context) -> bool | None:
    what, _, name = word.partition("/")
    if what == "section":
        found = section(code, context)
        return None if found is None else found.value == name
    if what == "category":
        category = category_of(code)
        return category is not None and category.name == name
    if what == "codes":
        low, _, high = name.partition("-")
        return low <= code <= high
    return context.addon(code) is not None


def section(code: str, context: Context) -> Section | None:
    """The section of a code, or None where it is in none that says anything of it.

    >>> import datetime as dt, cptkit
    >>> from cptkit.rules.context import context_for
    >>> context = context_for(cptkit.codeset("2026.1"), dt.date(2026, 3, 2), cptkit.Basis.CPT)
    >>> section("80053", context).value, section("G0463", context)
    ('laboratory', None)
    >>> section("9083", context)
    Traceback (most recent call last):
    ...
    cptkit.errors.InvalidCode: a code has five characters, this has 4: '9083'; expected a code such as 90834
    """
    found = context.codeset.section_of(code)
    return None if found is Section.OTHER else found


def codes_without_a_fact(name: str, context: Context) -> Mapping[str, str]:
    """For a fact that is not on record for the day: the codes that it names on the edition's last day.

    What it named on the day may have been others, so this says what was not judged, and no more. No codes
    where the edition has no such fact at all.

    >>> import datetime as dt, cptkit
    >>> from cptkit.rules.context import context_for
    >>> context = context_for(cptkit.codeset("2026.1"), dt.date(2017, 1, 2), cptkit.Basis.CPT)
    >>> "64999" in codes_without_a_fact("unlisted-codes", context), codes_without_a_fact("no such", context)
    (True, {})
    >>> codes_without_a_fact(["unlisted-codes"], context)
    Traceback (most recent call last):
    ...
    TypeError: unhashable type: 'list'
    """
    later = context.codeset.convention(name, date_of_service=context.codeset.last_day)
    return {} if later is None else codes_of(later.value)


@lru_cache(maxsize=256)
def codes_of(value: str) -> Mapping[str, str]:
    """The codes of a fact's value, each with the word that holds it: single codes, or spans of numbers.

    >>> codes_of("90834 codes/99212-99215")["99214"], len(codes_of("90834 codes/99212-99215"))
    ('codes/99212-99215', 5)
    >>> codes_of("codes/A-B")
    Traceback (most recent call last):
    ...
    ValueError: invalid literal for int() with base 10: 'A'
    """
    found: dict[str, str] = {}
    for word in value.split():
        low, _, high = word.rpartition("/")[2].partition("-")
        if high:
            found.update((f"{number:05}", word) for number in range(int(low), int(high) + 1))
        else:
            found[low] = word
    return found
