"""Modifiers and services: every spelling in use, one meaning.

A modifier is two characters, letters or digits. A service is a code with its modifiers. People
and files write the same service in many ways; all of these are ``90834`` with 95 and HO:

>>> spellings = ["90834-95-HO", "90834:95:HO", "90834 95 HO", "9083495HO", "90834-95,HO", "90834|95|HO"]
>>> {str(parse_service(text)) for text in spellings}
{'90834-95-HO'}

The order of modifiers is kept, because payers read it, but two services with the same modifiers
in another order are equal:

>>> parse_service("90834-95-HO") == parse_service("90834-HO-95")
True

Whether a modifier exists, on which day and for which codes, is an edition's answer
(``codeset.modifier``).
"""

import re
from collections.abc import Iterable

import attrs

from cptkit import codes
from cptkit.errors import InvalidModifier, InvalidService

__all__ = ["Service", "is_valid_modifier", "parse_modifier", "parse_modifiers", "parse_service"]

_EXPECTED = "two letters or digits such as 25 or XE"
_SHAPE = re.compile(r"[A-Z0-9]{2}")
_SEPARATORS = re.compile(r"[\s,;:|/\-]+")


@attrs.frozen(slots=True, eq=False)
class Service:
    """A code with its modifiers, in the order written; equality ignores that order.

    A plain value that judges nothing: ``parse_service`` makes one from text and refuses bad text.

    >>> Service("90834", ("95", "HO")) == Service("90834", ("HO", "95"))
    True
    >>> Service()
    Traceback (most recent call last):
    ...
    TypeError: Service.__init__() missing 1 required positional argument: 'code'
    """

    code: str
    modifiers: tuple[str, ...] = ()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Service):
            return NotImplemented
        return self.code == other.code and sorted(self.modifiers) == sorted(other.modifiers)

    def __hash__(self) -> int:
        return hash((self.code, tuple(sorted(self.modifiers))))

    def __str__(self) -> str:
        return "-".join((self.code, *self.modifiers))


def parse_modifier(text: str) -> str:
    """The modifier that a text spells: two characters, upper case.

    :raises InvalidModifier: when it is not two letters or digits.

    >>> parse_modifier(" gt ")
    'GT'
    >>> parse_modifier("5")
    Traceback (most recent call last):
    ...
    cptkit.errors.InvalidModifier: a modifier has two characters, this has 1: '5'; expected two letters or digits such as 25 or XE
    """
    if not isinstance(text, str):
        raise InvalidModifier("a modifier is text", given=text, expected=_EXPECTED)
    modifier = codes.clean(text)
    if _SHAPE.fullmatch(modifier):
        return modifier
    if len(modifier) != 2:
        message = f"a modifier has two characters, this has {len(modifier)}"
        raise InvalidModifier(message, given=text, expected=_EXPECTED)
    raise InvalidModifier("a modifier has letters and digits only", given=text, expected=_EXPECTED)


def is_valid_modifier(text: object) -> bool:
    """Whether the text has a modifier's shape; never raises.

    >>> is_valid_modifier("95"), is_valid_modifier("9"), is_valid_modifier(95)
    (True, False, False)
    """
    return isinstance(text, str) and _SHAPE.fullmatch(codes.clean(text)) is not None


def parse_modifiers(texts: str | Iterable[str]) -> tuple[str, ...]:
    """Modifiers out of a list, of several columns, or of one text with separators; blanks are skipped.

    :raises InvalidModifier: for the first that is not a modifier.

    >>> parse_modifiers("95, ho"), parse_modifiers(["25", "", "59", ""])
    (('95', 'HO'), ('25', '59'))
    >>> parse_modifiers("95,H")
    Traceback (most recent call last):
    ...
    cptkit.errors.InvalidModifier: a modifier has two characters, this has 1: 'H'; expected two letters or digits such as 25 or XE
    """
    return tuple(parse_modifier(part) for part in split_modifiers(texts))


def split_modifiers(texts: str | Iterable[str]) -> tuple[str, ...]:
    """The parts of a list of modifiers, cleaned but not yet judged; blanks are skipped.

    A part of four or more even characters without separator (``2559``) is read as pairs.
    """
    if isinstance(texts, str):
        texts = (texts,)
    parts: list[str] = []
    for text in texts:
        if not isinstance(text, str):
            raise InvalidModifier("a modifier is text", given=text, expected=_EXPECTED)
        for part in _SEPARATORS.split(codes.clean(text)):
            if len(part) > 2 and len(part) % 2 == 0:
                parts.extend(part[i : i + 2] for i in range(0, len(part), 2))
            elif part:
                parts.append(part)
    return tuple(parts)


def parse_service(text: str) -> Service:
    """The service that a text spells: a code and its modifiers, in any usual spelling.

    :raises InvalidCode: when the first five characters are no code.
    :raises InvalidModifier: when what follows is not modifiers.
    :raises InvalidService: when there is nothing to read.

    >>> parse_service("99213:25:59")
    Service(code='99213', modifiers=('25', '59'))
    >>> parse_service("99213-2")
    Traceback (most recent call last):
    ...
    cptkit.errors.InvalidModifier: a modifier has two characters, this has 1: '2'; expected two letters or digits such as 25 or XE
    """
    if not isinstance(text, str) or not text.strip():
        expected = "a code, perhaps with modifiers, such as 90834-95"
        raise InvalidService("nothing to read", given=text, expected=expected)
    cleaned = codes.clean(text)
    head, *rest = _SEPARATORS.split(cleaned, maxsplit=1)
    if len(head) > 5 and not rest:
        head, rest = head[:5], [head[5:]]
    elif len(head) > 5:
        head, rest = head[:5], [head[5:] + " " + rest[0]]
    return Service(codes.parse(head).text, parse_modifiers(rest))
