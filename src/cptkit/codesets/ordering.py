"""The order in which a claim line carries its modifiers, and the partners a modifier needs.

Medicare contractors ask for pricing modifiers first, then those that decide on payment, then those
that inform. An edition holds that class for each modifier (``order_class`` 1, 2, 3), and as conventions
the habits that go against or beyond the classes (``claim-order-modifiers/``), with source and confidence.
"""

from collections.abc import Iterable, Mapping

from cptkit.codesets.edition import Codeset
from cptkit.modifiers import parse_modifiers

__all__ = ["claim_order", "missing_partners"]

_PART = "component"
_PLAN, _PLAN_PLACES = "therapy-plan", "modifier-order/therapy-plan"
_EARLY, _LATE, _STAGED = (f"claim-order-modifiers/{name}" for name in ("early", "late", "staged"))
_UNKNOWN = 9  # behind every class


def claim_order(modifiers: str | Iterable[str], *, codeset: Codeset) -> tuple[str, ...]:
    """The modifiers in the order a claim carries them, whatever order they come in.

    1. The parts of a service (26, TC) come before anything else.
    2. Then 53, 78, 79, then the other pricing modifiers (class 1).
    3. Then those that decide on payment (class 2), 51 last of them: behind 59, as the source says, and
       behind XE, XP, XS and XU, which stand for 59. 78 is in front of 51 by its class.
    4. Then those that inform (class 3), then what is not on the edition's list.
    5. 58 stands before 82 although its class comes later.
    6. A therapy plan of care (GN, GO, GP) informs only, yet stands in place 1 or 2: behind the first of
       the others, before all others that inform.

    Which modifiers these are the edition says, as of its last day: by their kind (``component``), the set
    ``therapy-plan``, and the conventions ``claim-order-modifiers/early``, ``late`` and ``staged`` and
    ``modifier-order/therapy-plan``. An edition without one of them has only the classes.

    Equals of a class stand in the order of their characters, so that one set has one order. More than
    four are ordered too; the place of a fifth is another line or modifier 99.

    Sources differ, so a payer may want another order: one contractor puts 53, 78 and 79 first of all,
    another 26 and TC, and here the parts win; 99 stands first for one and fourth for another, and here
    it goes by its class. Sources: CGS-PRICE, MCR-ORDER (classes, 26 and TC, 51, 58), NS-MOD (therapy
    plans, 53, 78, 79), M99-NOR and M99-PAL (99).

    :raises InvalidModifier: for a text that is not two letters or digits.

    >>> import cptkit
    >>> codeset = cptkit.codeset("2026.1")
    >>> claim_order("59,KX,CQ,GP", codeset=codeset), claim_order(["GA", "26"], codeset=codeset)
    (('CQ', 'GP', '59', 'KX'), ('26', 'GA'))
    >>> claim_order("51 59 78", codeset=codeset), claim_order("82-58", codeset=codeset)
    (('78', '59', '51'), ('58', '82'))
    >>> claim_order("59,K", codeset=codeset)
    Traceback (most recent call last):
    ...
    cptkit.errors.InvalidModifier: a modifier has two characters, this has 1: 'K'; expected two letters or digits such as 25 or XE
    """
    plans = next((each.members for each in codeset.modifier_sets if each.name == _PLAN), frozenset[str]())
    early, late = _words(codeset, _EARLY), _words(codeset, _LATE)

    def rank(modifier: str) -> tuple[int, int, str]:
        record = codeset.find_modifier(modifier)
        if record is None:
            return _UNKNOWN, 0, modifier
        if _PART in record.kinds or modifier in plans:
            within = 0
        elif modifier in early:
            within = 1
        else:
            within = 3 if modifier in late else 2
        return record.order_class, within, modifier

    ordered = sorted(parse_modifiers(modifiers), key=rank)
    staged = _words(codeset, _STAGED)
    if staged and set(staged).issubset(ordered):
        _move(ordered, staged[0], ordered.index(staged[-1]))
    places = _words(codeset, _PLAN_PLACES)
    if places:
        for place, plan in enumerate(
            [modifier for modifier in ordered if modifier in plans], int(places[0]) - 1
        ):
            _move(ordered, plan, place)
    return tuple(ordered)


def missing_partners(modifiers: str | Iterable[str], *, codeset: Codeset) -> Mapping[str, tuple[str, ...]]:
    """The modifiers that lack a partner they need on the same line, each with what it lacks.

    A modifier that is not on the edition's list needs nothing that is known.

    :raises InvalidModifier: for a text that is not two letters or digits.

    >>> import cptkit
    >>> codeset = cptkit.codeset("2026.1")
    >>> missing_partners("CQ", codeset=codeset), missing_partners("CQ GP", codeset=codeset)
    ({'CQ': ('GP',)}, {})
    >>> missing_partners("CQ-", codeset=codeset), missing_partners("C", codeset=codeset)
    Traceback (most recent call last):
    ...
    cptkit.errors.InvalidModifier: a modifier has two characters, this has 1: 'C'; expected two letters or digits such as 25 or XE
    """
    given = parse_modifiers(modifiers)
    missing = {}
    for modifier in sorted(set(given)):
        record = codeset.find_modifier(modifier)
        needed = () if record is None else record.requires
        lacking = tuple(partner for partner in needed if partner not in given)
        if lacking:
            missing[modifier] = lacking
    return missing


def _words(codeset: Codeset, name: str) -> tuple[str, ...]:
    """The words of a convention on the last day of the edition; none where it is not on record."""
    found = codeset.convention(name, date_of_service=codeset.last_day)
    return () if found is None else tuple(found.value.split())


def _move(ordered: list[str], modifier: str, place: int) -> None:
    """Bring a modifier forward to a place; one that stands there or before stays."""
    if ordered.index(modifier) > place:
        ordered.remove(modifier)
        ordered.insert(place, modifier)
