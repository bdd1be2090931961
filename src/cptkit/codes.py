"""Codes: the shape of a CPT or HCPCS Level II code, whose it is, and what kind.

A code is five characters. What they may be depends on the kind:

===============  =========  ========================================
digits           ``90834``  CPT Category I
digits + F       ``3074F``  CPT Category II, performance tracking
digits + T       ``0373T``  CPT Category III, emerging services
digits + U       ``0438U``  CPT proprietary laboratory analyses
digits + M       ``0019M``  CPT administrative multianalyte assays
digits + A       ``0001A``  CPT immunisation administration
letter + digits  ``G2212``  HCPCS Level II (A-C, E, G, H, J-M, P-V)
D + digits       ``D0120``  dental (CDT)
W to Z + digits  ``W1234``  retired local codes
===============  =========  ========================================

A shape says nothing about existence: ask an edition (``codeset.status``) whether a code is in
force. Parsing forgives what people type and never guesses: blanks around, lower case and
full-width digits are read; a letter O is not a zero.

>>> parse(" g2212 ")
Code(text='G2212', category=<Category.HCPCS_II: 'HCPCS II'>)
>>> parse("9O834")
Traceback (most recent call last):
...
cptkit.errors.InvalidCode: position 2 must be a digit, not 'O': '9O834'; expected a code such as 90834

Source: the fact rows in ``facts/codes``; shapes of the CPT and HCPCS code sets as used in CMS files.
"""

from enum import StrEnum

import attrs

from cptkit.errors import InvalidCode

__all__ = ["Category", "Code", "Owner", "Section", "format", "is_valid", "parse"]


class Owner(StrEnum):
    """Who keeps the code set a code belongs to.

    >>> Owner("CMS") is parse("G2212").owner
    True
    >>> Owner("WHO")
    Traceback (most recent call last):
    ...
    ValueError: 'WHO' is not a valid Owner
    """

    AMA = "AMA"
    CMS = "CMS"
    ADA = "ADA"
    STATES = "states and payers"


class Category(StrEnum):
    """The kind of a code. Open for what the owners announce: compare, do not exhaust.

    >>> parse("0373T").category is Category.III
    True
    >>> Category("IV")
    Traceback (most recent call last):
    ...
    ValueError: 'IV' is not a valid Category
    """

    I = "I"  # noqa: E741  the field's own name for it
    II = "II"
    III = "III"
    PLA = "PLA"
    MAAA = "MAAA"
    IMMUNISATION = "immunisation administration"
    HCPCS_II = "HCPCS II"
    DENTAL = "dental"
    LOCAL = "local"

    @property
    def owner(self) -> Owner:
        """Who keeps codes of this kind."""
        return _OWNERS.get(self, Owner.AMA)

    @property
    def is_retired(self) -> bool:
        """Whether the whole kind is history: a code of it has a code's shape and can be in force nowhere.

        Local codes ended under HIPAA, with 2003 as far as is on record (the day itself was read in no source).

        >>> parse("W1234").category.is_retired, parse("D0120").category.is_retired
        (True, False)
        >>> parse("W123").category.is_retired
        Traceback (most recent call last):
        ...
        cptkit.errors.InvalidCode: a code has five characters, this has 4: 'W123'; expected a code such as 90834
        """
        return self is Category.LOCAL


_OWNERS = {
    Category.HCPCS_II: Owner.CMS,
    Category.DENTAL: Owner.ADA,
    Category.LOCAL: Owner.STATES,
}


class Section(StrEnum):
    """The section of the code set that holds a code; an edition says which.

    >>> import cptkit
    >>> cptkit.codeset("2026.1")["90834"].section
    <Section.MEDICINE: 'medicine'>
    >>> Section("psychiatry")
    Traceback (most recent call last):
    ...
    ValueError: 'psychiatry' is not a valid Section
    """

    ANESTHESIA = "anesthesia"
    SURGERY = "surgery"
    RADIOLOGY = "radiology"
    LABORATORY = "laboratory"
    MEDICINE = "medicine"
    EVALUATION_MANAGEMENT = "evaluation-management"
    OTHER = "other"


@attrs.frozen(slots=True)
class Code:
    """A well-formed code and its kind; build one with ``parse``.

    >>> code = parse("0373t")
    >>> code.text, code.category.value, code.owner.value
    ('0373T', 'III', 'AMA')
    >>> code.text = "90834"
    Traceback (most recent call last):
    ...
    attr.exceptions.FrozenInstanceError...
    """

    text: str
    category: Category

    @property
    def owner(self) -> Owner:
        """Who keeps the code set.

        >>> str(parse("G2212").owner)
        'CMS'
        """
        return self.category.owner

    def __str__(self) -> str:
        return self.text


# Four digits and one of these letters, or a letter and four digits; five digits are Category I.
_LAST = {
    "F": Category.II,
    "T": Category.III,
    "U": Category.PLA,
    "M": Category.MAAA,
    "A": Category.IMMUNISATION,
}
_FIRST = {
    "D": Category.DENTAL,
    **dict.fromkeys("ABCEGHJKLMPQRSTUV", Category.HCPCS_II),
    **dict.fromkeys("WXYZ", Category.LOCAL),
}
_FULL_WIDTH = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)}
_SUFFIXES = "AFMTU"
_UNUSED_LETTERS = "FINO"


def clean(text: str) -> str:
    """Upper case, no blanks around, full-width characters folded; nothing is guessed.

    Other look-alikes (superscripts, digits of other scripts) are left as they are, and so refused.
    """
    if not text.isascii():
        text = text.translate(_FULL_WIDTH)
    text = text.strip()
    return text.upper() if text.isascii() else text


def parse(text: str) -> Code:
    """The code that a text spells.

    :param text: five characters; blanks around, lower case and full-width digits are forgiven.
    :raises InvalidCode: when the text cannot be a code; the message says which part is wrong.

    >>> parse("90834").category
    <Category.I: 'I'>
    >>> parse("A012T")
    Traceback (most recent call last):
    ...
    cptkit.errors.InvalidCode: a code has a letter in front or behind, not both: 'A012T'; expected a code such as 0373T or G2212
    """
    if not isinstance(text, str):
        raise InvalidCode("a code is text", given=text, expected="five characters such as '90834'")
    code = clean(text)
    category = category_of(code)
    if category is not None:
        return Code(code, category)
    raise _refusal(text, code)


def category_of(code: str) -> Category | None:
    """The kind of an already cleaned code, or None when it has no code's shape."""
    if len(code) != 5 or not code.isascii():
        return None
    if code.isdigit():
        return Category.I
    if code[:4].isdigit():
        return _LAST.get(code[4])
    return _FIRST.get(code[0]) if code[1:].isdigit() else None


def is_valid(text: object) -> bool:
    """Whether the text has a code's shape; never raises. Existence is an edition's answer.

    >>> is_valid("90834"), is_valid("9083"), is_valid(None)
    (True, False, False)
    """
    return isinstance(text, str) and category_of(clean(text)) is not None


def format(text: str) -> str:
    """The one way a code is written: five characters, upper case.

    :raises InvalidCode: when the text cannot be a code.

    >>> format("g2212")
    'G2212'
    >>> format("")
    Traceback (most recent call last):
    ...
    cptkit.errors.InvalidCode: a code has five characters, this has 0: ''; expected a code such as 90834
    """
    return parse(text).text


def _refusal(given: str, code: str) -> InvalidCode:
    expected = "a code such as 90834"
    if len(code) != 5:
        return InvalidCode(
            f"a code has five characters, this has {len(code)}", given=given, expected=expected
        )
    first, middle, last = code[0], code[1:4], code[4]
    for position, character in enumerate(middle, start=2):
        if not _is_digit(character):
            message = f"position {position} must be a digit, not {character!r}"
            return InvalidCode(message, given=given, expected=expected)
    if not _is_digit(first) and not _is_digit(last):
        message = "a code has a letter in front or behind, not both"
        return InvalidCode(message, given=given, expected="a code such as 0373T or G2212")
    if _is_digit(first):
        message = f"no code ends in {last!r}"
        return InvalidCode(
            message, given=given, expected=f"a digit or one of {', '.join(_SUFFIXES)} in position 5"
        )
    message = f"no code starts with {first!r}"
    if first in _UNUSED_LETTERS:
        message = f"the letter {first} is not used by HCPCS Level II"
    return InvalidCode(message, given=given, expected="a digit or one of A-E, G, H, J-M, P-Z in position 1")


def _is_digit(character: str) -> bool:
    return "0" <= character <= "9"
