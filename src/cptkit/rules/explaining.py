"""What a rule is, for people and programs: its row, its page in parts, examples, and what it rests on.

The examples are cases of the rule's tests. What is told of facts, denials and sources is what the findings of
these cases cite; each finding of a check cites its own. ``examples.jsonl.gz`` keeps both, one rule a line; it is made
from ``tests/rules/examples.jsonl``, which a person can read.
"""

import gzip
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

import attrs

from cptkit.codesets import Codeset, Denial, bundled_editions, codeset
from cptkit.rules.profiles.profile import Profile
from cptkit.rules.registry import Rule
from cptkit.rules.table import RuleRow
from cptkit.sources import Source

__all__ = ["EXAMPLES", "Example", "Explanation", "explained", "row_dict"]

EXAMPLES = "examples.jsonl.gz"

_LABELLED = re.compile(r"\*\*(?P<label>[^*]+)\*\*:?\s*(?P<text>.*)", re.DOTALL)


@attrs.frozen(slots=True)
class Example:
    """A claim that fails or passes, in short; ``says`` is what the rule says of it.

    ``given``: rows of edit tables about its codes, lines of other claims, and what a payer says, that the case
    has besides.
    """

    day: str
    basis: str
    setting: str
    lines: tuple[str, ...]
    given: tuple[str, ...] = ()
    says: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The example as JSON can hold it."""
        return {
            "date_of_service": self.day,
            "basis": self.basis,
            "setting": self.setting,
            "lines": list(self.lines),
            "given": list(self.given),
            "says": list(self.says),
        }


@attrs.frozen(slots=True)
class Explanation:
    """A rule's page in parts.

    ``what`` was found, in a sentence; ``why`` says more; ``parts`` are the labelled paragraphs (Fails,
    Passes, Bypassed, Cure, Not checked, Limits). ``facts``, ``denials`` and ``sources`` are what the findings
    of the rule's cases cite; a rule of another package has none here.
    """

    row: RuleRow
    what: str
    why: tuple[str, ...]
    parts: Mapping[str, str]
    fails: Example | None = None
    passes: Example | None = None
    facts: tuple[str, ...] = ()
    denials: tuple[Denial, ...] = ()
    sources: tuple[Source, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The page as JSON can hold it."""
        return {
            **row_dict(self.row),
            "what": self.what,
            "why": list(self.why),
            **{label.lower().replace(" ", "_"): text for label, text in self.parts.items()},
            "example_fails": None if self.fails is None else self.fails.to_dict(),
            "example_passes": None if self.passes is None else self.passes.to_dict(),
            "facts": list(self.facts),
            "denials": [
                {"check": each.check, "group": each.group, "carc": each.carc, "rarc": list(each.rarc)}
                for each in self.denials
            ],
            "sources": [{"key": each.key, "grade": each.grade, "where": each.where} for each in self.sources],
        }


def row_dict(row: RuleRow) -> dict[str, Any]:
    """A row as JSON can hold it.

    >>> from cptkit.rules.table import TABLE
    >>> row_dict(TABLE.rows[0])["id"], row_dict(TABLE.rows[0])["needs"]
    ('ADD301', ['addons'])
    """
    return {
        "id": row.id,
        "name": row.full_name,
        "status": row.status.value,
        "since": row.since,
        "needs": list(row.needs),
        "package": row.package or "cptkit",
    }


def explained(rule: Rule, edition: Codeset | None = None) -> Explanation:
    """The page of a rule in parts, with its examples and what they rest on.

    :param edition: where denials and sources are looked up; by default the newest bundled edition.

    >>> from cptkit.rules import rule
    >>> page = explained(rule("COD103"))
    >>> page.what, page.parts["Passes"], page.fails.lines
    ('The units are zero or negative.', 'units 1.', ('9083 x0',))
    >>> explained("COD103")
    Traceback (most recent call last):
    ...
    AttributeError: 'str' object has no attribute 'doc'
    """
    first, _, rest = rule.doc.strip().partition("\n")
    why: list[str] = []
    parts: dict[str, str] = {}
    for text in _paragraphs(rest):
        hit = _LABELLED.fullmatch(text)
        if hit is None:
            why.append(text)
        else:
            parts[hit["label"]] = hit["text"]
    told = _examples().get(rule.row.id)
    if told is None:
        return Explanation(rule.row, first, tuple(why), parts)
    asked = codeset(bundled_editions()[-1]) if edition is None else edition
    denials = tuple(found for name in told["denials"] if (found := asked.denial(name)) is not None)
    keys = sorted({*told["sources"], *(key for each in denials for key in each.citation.sources)})
    places: tuple[Codeset | Profile, ...] = (asked, *_profiles(told["facts"]))
    sources = (next(filter(None, (place.source(key) for place in places)), None) for key in keys)
    return Explanation(
        rule.row,
        first,
        tuple(why),
        parts,
        _example(told["fails"]),
        _example(told["passes"]),
        tuple(told["facts"]),
        denials,
        tuple(source for source in sources if source is not None),
    )


def _profiles(facts: Iterable[str]) -> Iterator[Profile]:
    """The bundled profiles whose facts are among these."""
    named = {fact.split("/")[1] for fact in facts if fact.startswith("profiles/")}
    if named:
        from cptkit.rules.profiles.reading import profile_of  # only payers' rules need it

        yield from map(profile_of, sorted(named))


def _paragraphs(text: str) -> Iterator[str]:
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        if paragraph.strip():
            yield " ".join(paragraph.split())


def _example(told: dict[str, Any]) -> Example:
    lines, given, says = (tuple[str, ...](told.get(part, ())) for part in ("lines", "given", "says"))
    return Example(told["day"], told["basis"], told["setting"], lines, given, says)


@cache
def _examples() -> Mapping[str, dict[str, Any]]:
    from importlib_resources import files  # costs more than the rest of the command

    text = gzip.decompress(files("cptkit.rules").joinpath(EXAMPLES).read_bytes()).decode()
    return {told["rule"]: told for told in map(json.loads, text.splitlines())}
