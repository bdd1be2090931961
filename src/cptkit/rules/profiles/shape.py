"""What a profile may put in the place of a general fact: a value built like those on record."""

import re
from functools import cache

from cptkit.codes import category_of
from cptkit.codesets import bundled_editions, codeset
from cptkit.errors import BrokenProfile, nearest
from cptkit.rules.profiles.modifier_sets import ONE, TOGETHER, settles
from cptkit.rules.profiles.payer_facts import is_payer_fact, require_fact
from cptkit.rules.rows import PAYER_FACTS

__all__ = ["is_read", "require_value"]

_OF_NO_RULE = "claim-order-modifiers/"  # cptkit.codesets reads these, of an edition

_NUMBER = re.compile(r"[0-9]{1,3}")
_MODIFIER = re.compile(r"[A-Z0-9]{2}")


def is_read(name: str) -> bool:
    """True for the name of a fact: a profile changes what a rule reads, and rules read what is on record.

    A name that ends in a code may name another code than those on record.

    :raises BrokenProfile: for another name, with the nearest ones.
    """
    if is_payer_fact(name):
        return True
    known = _known()
    heading, _, tail = name.partition("/")
    if heading in PAYER_FACTS:
        wrong = "its label is not in letters, digits and single hyphens" if tail else "a label is missing"
        expected = f"{heading}/LABEL, the label being your own"
        raise BrokenProfile(f"no rule reads such a fact: {wrong}", given=name, expected=expected)
    siblings = [other.partition("/")[2] for other in known if other.partition("/")[0] == heading]
    if name in known or (category_of(tail) is not None and any(category_of(each) for each in siblings)):
        return True
    near = nearest(name, (*known, *sorted(PAYER_FACTS))) or tuple(
        f"{heading}/{each}" for each in siblings[:3] if each
    )
    raise BrokenProfile(
        "no rule reads such a fact", given=name, expected="the name of a convention", near=near
    )


def require_value(name: str, value: str) -> None:
    """Refuse a value that the rules which read the fact could not read.

    Where its values on record are numbers, numbers may stand; where they are codes, codes; where they are
    words, the words of all facts under its heading. Modifiers stand where the heading says so. Several of
    them stand where several are on record.

    :raises BrokenProfile: saying what is expected.
    """
    if is_payer_fact(name):
        require_fact(name, value)
        return
    heading = name.partition("/")[0]
    related = [
        value for other, values in _known().items() if other.partition("/")[0] == heading for value in values
    ]
    recorded = [each.split() for each in _known().get(name, related)]
    own = {_kind(heading, word) for each in recorded for word in each}
    words = sorted({word for each in related for word in each.split() if not _kind(heading, word)})
    given = value.split()
    wrong = [
        word
        for word in given
        if _kind(heading, word) not in own or not (_kind(heading, word) or word in words)
    ]
    expected = " or ".join([*sorted(own - {""}), *(words if "" in own else ())])
    if wrong:
        codes = codeset(bundled_editions()[-1]) if "codes" in own else ()
        near = nearest(wrong[0], (*words, *codes))
        raise BrokenProfile("the rules cannot read it", given=value, expected=expected, near=near)
    if len(given) > 1 and max(map(len, recorded)) == 1:
        raise BrokenProfile("the rules read one word", given=value, expected=expected)


def _kind(heading: str, word: str) -> str:
    """What a part of a value is; empty for a plain word."""
    if heading.endswith("modifiers"):
        return "modifiers" if _MODIFIER.fullmatch(word) else ""
    if _NUMBER.fullmatch(word):
        return "whole numbers up to 999"
    return "codes" if category_of(word) is not None else ""


@cache
def _known() -> dict[str, list[str]]:
    """The values of the general facts of the newest edition, of all days, by name; and what settles its sets."""
    newest = codeset(bundled_editions()[-1])
    known = {settles(each.name): [ONE, TOGETHER] for each in newest.modifier_sets if each.strength == "payer"}
    for row in newest.rows("conventions"):
        if row["name"].startswith(_OF_NO_RULE):
            continue
        known.setdefault(row["name"], []).append(row["value"])
    return known
