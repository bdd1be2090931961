"""What each payer sets for itself and no code set does: limits, amounts, days, credential modifiers, notes.

Such a fact is a convention of a profile whose name begins with one of ``PAYER_FACTS``; what follows the
slash only tells facts apart. Its value names the codes it is about:

``32 for 97153``, ``usually 1 for 96130``, ``1 for 90834 90837 unless 90839``, ``unknown for 90834``
    The most of a day, a week or a calendar year, 0 where nothing is paid; ``usually`` where the payer lets
    a person judge, ``unless`` before other codes that lift it, ``unknown`` from a day on for which nobody
    read it.
``16 in 14 days for 97151``
    The same for a span of days that the payer names.
``12 in 12 months for 97151``
    The same for a span of calendar months.
``HO HN for 97155 97156``
    Modifiers of which a line needs one, or that it must not have.
``90834 90837``
    Codes alone, whose notes hold what the text of the fact says.
``90846 90849``, ``usually 90846``, ``unknown for 90846``
    Codes that the plan does not pay at all.
``110.50 for 90834``, ``unknown for 90834``
    What is allowed for a unit, more than nothing, in whole cents.
``90 for all``, ``usually 365 for all``, ``unknown for all``
    The days from the date of service to the last day of filing, whatever the code.
"""

import datetime as dt
import re
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache

import attrs

from cptkit.codes import category_of
from cptkit.codesets import Convention, bundled_editions, codeset
from cptkit.errors import BrokenProfile, nearest
from cptkit.rules.profiles.profile import Profile
from cptkit.rules.rows import PAYER_FACTS

__all__ = [
    "ALL_CODES",
    "PayerFact",
    "facts_by_code",
    "headings",
    "is_payer_fact",
    "read_fact",
    "require_fact",
]

ALL_CODES = "all"
"""Under which ``facts_by_code`` has the facts that hold whatever the code."""

_LABEL = re.compile(r"[A-Za-z0-9]+(-[A-Za-z0-9]+)*")
_COUNT = re.compile(
    r"(?P<usually>usually )?(?P<most>[0-9]{1,4}|unknown)(?: in (?P<days>[0-9]{1,3}) days| in (?P<months>[0-9]{1,3}) months?)?"
    r" for (?P<codes>[^a-z]+)(?: unless (?P<unless>[^a-z]+))?"
)
_MODIFIERS = re.compile(r"(?P<modifiers>[A-Z0-9]{2}(?: [A-Z0-9]{2})*) for (?P<codes>[^a-z]+)")
_CODES = re.compile(r"(?P<codes>[^a-z]+)")
_NOT_PAID = re.compile(r"(?:(?P<usually>usually )|(?P<most>unknown) for )?(?P<codes>[^a-z]+)")
_AMOUNT = re.compile(
    r"(?:(?P<amount>(?!0+\.00)[0-9]{1,6}\.[0-9]{2})|(?P<most>unknown)) for (?P<codes>[^a-z]+)"
)
_FILING = re.compile(r"(?P<usually>usually )?(?P<most>[1-9][0-9]{0,3}|unknown) for all(?P<codes>)")
_UNKNOWN = "unknown"
_SPANS = ("days", "months")


@attrs.frozen(slots=True)
class PayerFact:
    """What a payer wants of some codes.

    ``most``, ``days`` and ``months``: a limit, and the days or calendar months of its span where the payer
    names them. ``modifiers``: one of them, or none of them. ``unless``: codes that lift a limit. ``usually``: a person judges.
    ``known``: False on days for which it was not read. ``amount``: what is allowed for a unit. ``codes`` are
    empty where it holds whatever the code.
    """

    convention: Convention
    codes: tuple[str, ...]
    most: int = 0
    days: int = 0
    modifiers: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    usually: bool = False
    known: bool = True
    months: int = 0
    amount: Decimal = Decimal(0)

    @property
    def heading(self) -> str:
        """The first part of its name."""
        return self.convention.name.partition("/")[0]


def is_payer_fact(name: str) -> bool:
    """Whether a profile may set a fact of that name for itself.

    >>> is_payer_fact("units-a-day/97153"), is_payer_fact("units-a-day"), is_payer_fact("mue-mai/2")
    (True, False, False)
    >>> is_payer_fact(97153)
    Traceback (most recent call last):
    ...
    AttributeError: 'int' object has no attribute 'partition'
    """
    heading, _, label = name.partition("/")
    return heading in PAYER_FACTS and _LABEL.fullmatch(label) is not None


def read_fact(convention: Convention) -> PayerFact:
    """A fact as the rules read it.

    :raises BrokenProfile: for a value that is not built like those of its name.

    >>> import datetime as dt
    >>> from cptkit.sources import Citation, Confidence
    >>> day = dt.date(2026, 3, 2)
    >>> told = Citation("mine", ("A-LETTER",), Confidence.VERIFIED, day)
    >>> fact = read_fact(Convention("units-in-days/97151", "16 in 14 days for 97151", "own words", day, told))
    >>> fact.most, fact.days, fact.codes
    (16, 14, ('97151',))
    >>> read_fact(Convention("units-a-day/97153", "many for 97153", "own words", day, told))
    Traceback (most recent call last):
    ...
    cptkit.errors.BrokenProfile: the rules cannot read it: 'many for 97153'; expected such as '32 for 97153'
    """
    parts = require_fact(convention.name, convention.value)
    most = parts.get("most", "")
    return PayerFact(
        convention,
        tuple(parts["codes"].split()),
        0 if most in {"", _UNKNOWN} else int(most),
        int(parts.get("days") or 0),
        tuple(parts.get("modifiers", "").split()),
        tuple(parts.get("unless", "").split()),
        bool(parts.get("usually")),
        most != _UNKNOWN,
        int(parts.get("months") or 0),
        Decimal(parts.get("amount") or 0),
    )


def require_fact(name: str, value: str) -> Mapping[str, str]:
    """The parts of the value of a fact of that name.

    :raises BrokenProfile: for a value that is not built like those of the name, or that limits nothing.
    """
    heading = name.partition("/")[0]
    shape, example = _shape(heading)
    found = shape.fullmatch(value)
    if found is not None:
        parts: dict[str, str] = found.groupdict(default="")
        codes = (*parts["codes"].split(), *parts.get("unless", "").split())
        for code in codes:
            if category_of(code) is None:
                near = nearest(code, codeset(bundled_editions()[-1]))
                message = f"the rules cannot read it, as {code!r} is no code"
                raise BrokenProfile(message, given=value, expected=f"such as {example!r}", near=near)
        spans = {span for span in _SPANS if parts.get(span)}
        if (codes or shape is _FILING) and spans == {
            span for span in _SPANS if heading.endswith(f"-in-{span}")
        }:
            _require_limit(value, parts)
            return parts
    raise BrokenProfile("the rules cannot read it", given=value, expected=f"such as {example!r}")


def _require_limit(value: str, parts: Mapping[str, str]) -> None:
    """Refuse what is built like a limit and limits nothing."""
    for span in _SPANS:
        if parts.get(span) and int(parts[span]) == 0:
            expected = f"1 {span.removesuffix('s')} or more"
            raise BrokenProfile(f"a span of no {span} limits nothing", given=value, expected=expected)
    lifting = set(parts["codes"].split()).intersection(parts.get("unless", "").split())
    if lifting:
        message = f"{', '.join(sorted(lifting))} would lift the limit that it is under"
        raise BrokenProfile(message, given=value, expected="other codes after unless")


def _shape(heading: str) -> tuple[re.Pattern[str], str]:
    if heading == "note-holds":
        return _CODES, "90834 90837"
    if heading == "not-covered":
        return _NOT_PAID, "90846 90849"
    if heading == "allowed-amount":
        return _AMOUNT, "110.50 for 90834"
    if heading == "filing-days":
        return _FILING, "90 for all"
    if heading.startswith("licence-modifiers"):
        return _MODIFIERS, "HO HN for 97155"
    if heading.endswith("-in-months"):
        return _COUNT, "12 in 12 months for 97151"
    return _COUNT, "16 in 14 days for 97151" if heading.endswith("-in-days") else "32 for 97153"


@lru_cache(maxsize=64)
def headings(profile: Profile) -> frozenset[str]:
    """The first parts of the names of what a profile sets for itself."""
    return frozenset(each.name.partition("/")[0] for each in profile.conventions if is_payer_fact(each.name))


def facts_by_code(
    profile: Profile, day: dt.date, names: frozenset[str]
) -> Mapping[str, tuple[PayerFact, ...]] | None:
    """What a profile sets under these first parts of names, by code; None where it sets nothing of it.

    What holds whatever the code stands under ``ALL_CODES``. On a day before the first one of a fact it is there, and not known.

    :raises BrokenProfile: for a value that the rules cannot read.
    """
    if headings(profile).isdisjoint(names):
        return None
    rows: dict[str, Convention] = {}
    for each in sorted(profile.conventions, key=lambda each: each.first_day):
        is_asked = is_payer_fact(each.name) and each.name.partition("/")[0] in names
        if is_asked and (each.first_day <= day or each.name not in rows):
            rows[each.name] = each
    found: dict[str, tuple[PayerFact, ...]] = {}
    for _, row in sorted(rows.items()):
        fact = read_fact(row)
        if row.first_day > day:
            fact = attrs.evolve(fact, known=False)
        for code in dict.fromkeys(fact.codes or (ALL_CODES,)):
            found[code] = (*found.get(code, ()), fact)
    return found
