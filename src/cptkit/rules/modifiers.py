"""The modifiers that a rule asks for, as the facts name them: a set of the edition, or conventions of the day."""

from cptkit.claims import Line
from cptkit.codesets import ModifierRecord
from cptkit.rules.context import Context

__all__ = ["expected_unpaid", "has_room", "members", "named"]

_LIABILITY = "liability"


def members(name: str, context: Context) -> frozenset[str]:
    """The modifiers of a set of the edition; none where it has no such set.

    >>> import datetime as dt, cptkit
    >>> from cptkit.rules.context import context_for
    >>> context = context_for(cptkit.codeset("2026.1"), dt.date(2026, 3, 2), cptkit.Basis.CPT)
    >>> sorted(members("therapy-plan", context)), sorted(members("no such set", context))
    (['GN', 'GO', 'GP'], [])
    >>> members(["therapy-plan"], context)
    Traceback (most recent call last):
    ...
    TypeError: unhashable type: 'list'
    """
    try:
        found: frozenset[str] = context.named[name]
    except KeyError:
        sets = context.codeset.modifier_sets
        found = next((each.members for each in sets if each.name == name), frozenset[str]())
        context.named[name] = found
    return found


def named(names: tuple[str, ...], context: Context) -> tuple[str, ...] | None:
    """The words of several conventions in their order; None where one of them is not on record for the day.

    >>> import datetime as dt, cptkit
    >>> from cptkit.rules.context import context_for
    >>> codeset = cptkit.codeset("2026.1")
    >>> context = context_for(codeset, dt.date(2026, 3, 2), cptkit.Basis.CPT)
    >>> named(("pfs-modifiers/professional", "pfs-modifiers/technical"), context)
    ('26', 'TC')
    >>> print(named(("no such convention",), context))
    None
    >>> named("pfs-modifiers/team", context)
    Traceback (most recent call last):
    ...
    TypeError: names of conventions come in a tuple, not as 'pfs-modifiers/team'
    """
    try:
        found: tuple[str, ...] | None = context.named[names]
    except KeyError:
        if isinstance(names, str):
            raise TypeError(f"names of conventions come in a tuple, not as {names!r}") from None
        conventions = [context.convention(name) for name in names]
        words = [word for each in conventions if each is not None for word in each.value.split()]
        found = None if None in conventions else tuple(words)
        context.named[names] = found
    return found


def expected_unpaid(line: Line, context: Context) -> ModifierRecord | None:
    """The first modifier of a line that says who is liable where it is not paid; None where none does.

    >>> import datetime as dt, cptkit
    >>> from cptkit.rules.context import context_for
    >>> day = dt.date(2026, 3, 2)
    >>> context = context_for(cptkit.codeset("2026.1"), day, cptkit.Basis.CPT)
    >>> expected_unpaid(Line("99213", modifiers="25 GY GA", date_of_service=day), context).code
    'GY'
    >>> print(expected_unpaid(Line("99213", modifiers="25", date_of_service=day), context))
    None
    >>> expected_unpaid("99213-GY", context)
    Traceback (most recent call last):
    ...
    AttributeError: 'str' object has no attribute 'modifiers'
    """
    records = (context.modifier(modifier) for modifier in line.modifiers)
    return next((each for each in records if each is not None and _LIABILITY in each.kinds), None)


def has_room(line: Line, context: Context, places_fact: str = "modifier-places") -> bool:
    """Whether one modifier more has a place on a line; where that is not on record, none is offered.

    ``places_fact``: the convention that says how many places there are.

    >>> import datetime as dt, cptkit
    >>> from cptkit.rules.context import context_for
    >>> day = dt.date(2026, 3, 2)
    >>> context = context_for(cptkit.codeset("2026.1"), day, cptkit.Basis.CPT)
    >>> [has_room(Line("99213", modifiers=each, date_of_service=day), context) for each in ("25 GC U1", "25 GC U1 U2")]
    [True, False]
    >>> has_room("99213", context)
    Traceback (most recent call last):
    ...
    AttributeError: 'str' object has no attribute 'modifiers'
    """
    places = context.convention(places_fact)
    return places is not None and places.value.isdecimal() and len(line.modifiers) < int(places.value)
