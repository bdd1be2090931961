"""Finding codes by words, and the codes of a family by its name."""

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from cptkit.errors import InvalidSearch, UnknownFamily, nearest

if TYPE_CHECKING:
    from cptkit.codesets.edition import Codeset
    from cptkit.codesets.records import CodeRecord

__all__ = ["codes_of_family", "search"]

_WORD = re.compile(r"\w+")


def search(codeset: "Codeset", words: str, limit: int | None = None) -> "tuple[CodeRecord, ...]":
    """The records that hold all the words, each at the start of a word: the method ``Codeset.search``.

    First comes the code itself, then labels that hold the words in order, labels that hold them
    anyhow, and families (of codes, or of time rules) and sections; equals by their codes.
    """
    wanted = _words(words) if isinstance(words, str) else []
    if not wanted:
        raise InvalidSearch("nothing to search for", given=words, expected="words such as group therapy")
    if limit is not None and (isinstance(limit, bool) or not isinstance(limit, int) or limit < 1):
        raise InvalidSearch("no number of results", given=limit, expected="a whole number from 1, or None")
    families: dict[str, list[str]] = {}
    for family in codeset.timerules["families"]:
        for code in codes_of_time(family):
            families.setdefault(code, []).extend(_words(f"{family['id']} {family['title']}"))
    found = []
    for row in codeset.rows("codes"):
        rank = _rank(wanted, row, families.get(row["code"], []))
        if rank is not None:
            found.append((rank, row["code"]))
    return tuple(codeset[code] for _, code in sorted(found)[:limit])


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def _rank(wanted: Sequence[str], row: dict[str, str], families: list[str]) -> int | None:
    """How well a row answers, 0 best; None when a word is missing."""
    code, label = row["code"].casefold(), _words(row["label"])
    if list(wanted) == [code]:
        return 0
    if _in_order(wanted, label):
        return 1
    if _all_in(wanted, label):
        return 2
    rest = [code, *families, *_words(row["family"]), *_words(row["section"])]
    return 3 if _all_in(wanted, label + rest) else None


def _all_in(wanted: Iterable[str], words: Sequence[str]) -> bool:
    return all(any(word.startswith(part) for word in words) for part in wanted)


def _in_order(wanted: Sequence[str], words: Sequence[str]) -> bool:
    rest = iter(words)
    return all(any(word.startswith(part) for word in rest) for part in wanted)


def codes_of_family(name: str, *codesets: "Codeset") -> frozenset[str]:
    """The codes of the families that hold all words of the name: of codes, or of time rules.

    A family of time rules is found by its id or its title, and includes the codes that go on top.

    :raises UnknownFamily: when no family of these editions does; the error names near ones.

    >>> import cptkit
    >>> codeset = cptkit.codeset("2026.1")
    >>> {"90834", "90833", "90853"} <= codes_of_family("psychotherapy", codeset)
    True
    >>> codes_of_family("psychoterapy", codeset)
    Traceback (most recent call last):
    ...
    cptkit.errors.UnknownFamily: no family of that name: 'psychoterapy'; did you mean psychotherapy or ...
    """
    wanted = _words(name)
    found: set[str] = set()
    known: dict[str, None] = {}
    for codeset in codesets:
        for row in codeset.rows("codes"):
            known[row["family"]] = None
            if wanted and _all_in(wanted, _words(row["family"])):
                found.add(row["code"])
        for family in codeset.timerules["families"]:
            known |= dict.fromkeys((family["id"], family["title"]))
            if wanted and _all_in(wanted, _words(f"{family['id']} {family['title']}")):
                found |= codes_of_time(family)
    if not found:
        near = nearest(name.casefold().strip(), known)
        expected = None if near else "words of a family such as psychotherapy or office visit"
        raise UnknownFamily("no family of that name", given=name, expected=expected, near=near)
    return frozenset(found)


def codes_of_time(family: "dict[str, Any]") -> set[str]:
    """The codes that the rows of a raw family of time rules name."""
    codes = set(family["codes"])
    for row in family["rules"]:
        codes |= codes_in(row)
    return codes


def codes_in(row: "dict[str, Any]") -> set[str]:
    """The codes that one raw time rule names itself."""
    codes = {link["code"] for link in row.get("chain", ())}
    codes |= {row[name] for name in ("base", "addon", "code") if name in row}
    return codes.union(row.get("nominal", ()), row.get("floors", ()), row.get("untimed", ()))
