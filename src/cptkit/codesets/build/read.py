"""Reading a folder of facts, strictly, with every problem reported at once.

No coercion: ``"no"`` is not true and ``8.9`` is not 8. Unknown keys, missing keys, unknown words,
sources that the register does not hold, codes without a code's shape, and rows of one thing that
start on the same day are all refused, each with its file and its path in the file.
"""

import datetime as dt
import tomllib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, get_origin

import attrs
import cattrs
from cattrs.cols import list_structure_factory, mapping_structure_factory
from cattrs.gen import make_dict_structure_fn, override
from cattrs.v import format_exception

from cptkit.codes import category_of, clean
from cptkit.codesets.build.schema import Evidence, Facts, File, Row, SourceFact, TimeRow
from cptkit.errors import BrokenFacts
from cptkit.modifiers import is_valid_modifier

__all__ = ["kind_problems", "read_facts", "strict_converter", "told"]

SOURCES = "sources.toml"

_KEYS_OF_KIND: dict[str, tuple[frozenset[str], ...]] = {
    # kind: the sets of keys it may be written with
    "pick-by-band": (frozenset({"nominal", "attainment"}), frozenset({"floors"})),
    "pick-by-threshold": (frozenset({"floors"}),),
    "base-plus-each": (
        frozenset({"base", "addon", "nominal", "attainment"}),
        frozenset({"base", "base_from"}),
    ),
    "threshold": (frozenset({"code", "from_minutes"}), frozenset({"code", "nominal", "attainment"})),
    "per-unit": (frozenset({"unit_minutes", "attainment"}),),
    "untimed": (frozenset(),),
    "not-by-time": (frozenset(),),
    "day-count": (frozenset({"floors"}),),
    "anaesthesia-units": (frozenset({"unit_minutes"}),),
}
_FREE_KEYS = {
    # kind: keys it may have besides
    "pick-by-band": frozenset({"ceiling", "chain", "max_units"}),
    "pick-by-threshold": frozenset({"ceiling", "chain", "max_units", "untimed"}),
    "base-plus-each": frozenset({"chain", "max_units"}),
    "threshold": frozenset({"ceiling", "max_units"}),
    "per-unit": frozenset({"max_units"}),
    "untimed": frozenset({"max_units"}),
    "not-by-time": frozenset[str](),
    "day-count": frozenset({"ceiling", "max_units"}),
    "anaesthesia-units": frozenset({"no_units"}),
}


def read_facts(folder: Path) -> Facts:
    """The facts of a folder.

    :raises BrokenFacts: with every problem found, each naming file and path, one a line.
    """
    problems: list[str] = []
    converter = strict_converter()
    sources = _read_sources(folder / SOURCES, converter, problems)
    files: list[tuple[str, File]] = []
    for path in sorted(folder.rglob("*.toml")):
        name = path.relative_to(folder).as_posix()
        if name == SOURCES:
            continue
        file = _read_file(path, name, converter, problems)
        if file is not None:
            files.append((name, file))
            problems.extend(f"{name}: {problem}" for problem in _problems(file, sources))
    facts = _joined(sources, [file for _, file in files], problems)
    problems.extend(_duplicates(facts))
    if not problems:  # a file that could not be read would leave references to it dangling
        problems.extend(_dangling(facts))
    if problems:
        text = f"{len(problems)} problem(s) in the facts\n  " + "\n  ".join(problems)
        raise BrokenFacts(text, where=str(folder))
    return facts


def _read_sources(path: Path, converter: cattrs.Converter, problems: list[str]) -> dict[str, SourceFact]:
    table = _parse(path, SOURCES, problems)
    try:
        return converter.structure(table, dict[str, SourceFact]) if table is not None else {}
    except cattrs.BaseValidationError as error:
        problems.extend(
            f"{SOURCES}: {line}" for line in cattrs.transform_error(error, path="$", format_exception=told)
        )
        return {}


def _read_file(path: Path, name: str, converter: cattrs.Converter, problems: list[str]) -> File | None:
    table = _parse(path, name, problems)
    if table is None:
        return None
    try:
        return converter.structure(table, File)
    except cattrs.BaseValidationError as error:
        problems.extend(
            f"{name}: {line}" for line in cattrs.transform_error(error, path="$", format_exception=told)
        )
        return None


def _parse(path: Path, name: str, problems: list[str]) -> dict[str, Any] | None:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        problems.append(f"{name}: {error}")
        return None


# ---- strict structuring ----------------------------------------------------------------


def strict_converter() -> cattrs.Converter:
    """A converter that coerces nothing and refuses keys it does not know."""
    converter = cattrs.Converter(forbid_extra_keys=True)
    for kind in (str, int, bool, dt.date):
        converter.register_structure_hook(kind, _exactly(kind))
    converter.register_structure_hook_factory(
        _is(list), lambda kind: _container(list, list_structure_factory(kind, converter))
    )
    converter.register_structure_hook_factory(
        _is(dict), lambda kind: _container(dict, mapping_structure_factory(kind, converter))
    )
    converter.register_structure_hook_factory(attrs.has, lambda kind: _renamed(kind, converter))
    return converter


def _is(container: type) -> Callable[[Any], bool]:
    return lambda kind: get_origin(kind) is container


def _renamed(kind: type, converter: cattrs.Converter) -> Callable[[Any, Any], Any]:
    renames = {
        name: override(rename=name.rstrip("_")) for name in attrs.fields_dict(kind) if name.endswith("_")
    }
    return make_dict_structure_fn(kind, converter, **renames)  # type: ignore[arg-type]  # keyword names are data here


class _RefusedError(ValueError):
    """A value of another type than the schema asks for; the message says it all."""


def told(error: BaseException, kind: type | None) -> str:
    """What an error of the converter says, for ``cattrs.transform_error``."""
    return str(error) if isinstance(error, _RefusedError) else format_exception(error, kind)


def _exactly(kind: type) -> Callable[[Any, Any], Any]:
    def structure(value: Any, _: Any) -> Any:
        if type(value) is not kind:
            raise _RefusedError(f"{value!r} is not {kind.__name__}")
        return value

    return structure


def _container(kind: type, structure: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def strictly(value: Any, wanted: Any) -> Any:
        if not isinstance(value, kind):
            raise _RefusedError(f"{value!r} is not a {kind.__name__}")
        return structure(value, wanted)

    return strictly


# ---- what a schema cannot say ------------------------------------------------------------


def _problems(file: File, sources: dict[str, SourceFact]) -> Iterator[str]:
    for path, evidence in _evidence(file):
        for key in evidence.sources:
            if key not in sources:
                yield f"source {key!r} is not in {SOURCES} @ {path}"
        if not evidence.sources:
            yield f"a fact without a source @ {path}"
        if isinstance(evidence, TimeRow):
            yield from kind_problems(path, evidence)
    for code in file.code:
        if category_of(code.code) is None:
            yield f"{code.code!r} is not a code @ $.code"
    for number, modifier in enumerate(file.modifier):
        path = f"$.modifier[{number}]"
        if not is_valid_modifier(modifier.code) or modifier.code != clean(modifier.code):
            yield f"{modifier.code!r} is not a modifier @ $.modifier"
        for place, row in enumerate(modifier.history):
            if row.successors:
                yield f"modifiers have no successors @ {path}.history[{place}]"
        for text in (*modifier.kinds, *modifier.attaches_to, *modifier.never_on):
            if ";" in text:
                yield f"{text!r} holds a semicolon, which parts texts in a table @ {path}"
    for table, what in (("addon", "an add-on"), ("convention", "a convention")):
        for number, thing in enumerate(getattr(file, table)):
            for place, row in enumerate(thing.history):
                if row.status != "in-force":
                    yield f"{what} row has no status but in-force @ $.{table}[{number}].history[{place}]"
    if file.list_ is not None:
        yield from (
            f"source {key!r} is not in {SOURCES} @ $.list" for key in file.list_.sources if key not in sources
        )


def _evidence(file: File) -> Iterator[tuple[str, Evidence]]:
    """Every fact of a file with its path."""
    for table in ("code", "addon", "modifier", "exclusion", "convention"):
        for number, thing in enumerate(getattr(file, table)):
            yield from (
                (f"$.{table}[{number}].history[{place}]", row) for place, row in enumerate(thing.history)
            )
    for number, family in enumerate(file.family):
        for place, row in enumerate(family.rule):
            path = f"$.family[{number}].rule[{place}]"
            yield path, row
            yield from ((f"{path}.chain[{link}]", chain) for link, chain in enumerate(row.chain))
    for table in ("exclusive", "revision", "denial", "section", "policy", "principle"):
        yield from ((f"$.{table}[{number}]", thing) for number, thing in enumerate(getattr(file, table)))


def kind_problems(path: str, row: TimeRow) -> Iterator[str]:
    """What is wrong with the keys of a time rule of its kind."""
    given = frozenset(
        name
        for name in attrs.fields_dict(TimeRow)
        if name not in attrs.fields_dict(Row)
        and name not in ("basis", "kind")
        and getattr(row, name) not in (None, [], {})
    )
    if row.status == "ended":
        if given:
            yield f"a rule that has ended needs no {', '.join(sorted(given))} @ {path}"
    elif (given - _FREE_KEYS[row.kind]) not in _KEYS_OF_KIND[row.kind]:
        ways = " or ".join(" + ".join(sorted(way)) or "no numbers" for way in _KEYS_OF_KIND[row.kind])
        yield f"a {row.kind} rule is written with {ways} @ {path}"
    if not row.basis:
        yield f"a rule without a basis @ {path}"


def _duplicates(facts: Facts) -> Iterator[str]:
    yield from _repeated("code", (fact.code for fact in facts.codes))
    yield from _repeated("add-on", (fact.code for fact in facts.addons))
    yield from _repeated("modifier", (fact.code for fact in facts.modifiers))
    yield from _repeated("exclusion", (fact.id for fact in facts.exclusions))
    yield from _repeated("convention", (fact.name for fact in facts.conventions))
    yield from _repeated("time family", (fact.id for fact in facts.families))
    yield from _repeated("principle", (fact.id for fact in facts.principles))
    yield from _repeated("denial", (fact.check for fact in facts.denials))
    for kind, things in (("code", facts.codes), ("add-on", facts.addons), ("modifier", facts.modifiers)):
        for thing in things:
            yield from _days(f"{kind} {thing.code}", thing.history)
    for kind, lives in (("code", facts.codes), ("modifier", facts.modifiers)):
        for life in lives:
            if life.history and min(life.history, key=lambda row: row.from_).status == "ended":
                yield f"{kind} {life.code} has ended before any row in which it is in force"
    for code in sorted({revision.code for revision in facts.revisions}):
        yield from _days(f"revision of {code}", [row for row in facts.revisions if row.code == code])
    for exclusion in facts.exclusions:
        yield from _days(f"exclusion {exclusion.id}", exclusion.history)
    for convention in facts.conventions:
        yield from _days(f"convention {convention.name}", convention.history)
    for family in facts.families:
        if not family.rule:
            yield f"time family {family.id} has no rows"
        for basis in ("cpt", "medicare"):
            rows = [row for row in family.rule if basis in row.basis]
            yield from _days(f"time family {family.id}, {basis}", rows) if rows else ()


def _dangling(facts: Facts) -> Iterator[str]:
    """References to codes, modifiers and denials that no file holds."""
    known = {fact.code for fact in facts.codes}
    modifiers = {fact.code for fact in facts.modifiers}
    denials = {fact.check for fact in facts.denials}
    for exclusion in facts.exclusions:
        named = {
            *exclusion.codes,
            *exclusion.excludes,
            *exclusion.replacements,
            *exclusion.replacements.values(),
        }
        for code in sorted(named - known):
            yield f"exclusion {exclusion.id} names {code}, which no file under codes/ holds"
        for modifier in sorted(set(exclusion.bypass) - modifiers):
            yield f"exclusion {exclusion.id} names the modifier {modifier}, which no file under modifiers/ holds"
        if exclusion.denial not in denials:
            yield f"exclusion {exclusion.id} names the denial {exclusion.denial}, which no file under denials/ holds"
    for revision in facts.revisions:
        if revision.code not in known:
            yield f"a revision names {revision.code}, which no file under codes/ holds"
    for modifier_set in facts.modifier_sets:
        for modifier in sorted(set(modifier_set.members) - modifiers):
            yield f"modifier set {modifier_set.name} names {modifier}, which no file under modifiers/ holds"
    for family in facts.families:
        for code in sorted(set(family.codes) - known):
            yield f"time family {family.id} names {code}, which no file under codes/ holds"
    for addon in facts.addons:
        for row in addon.history:
            for code in sorted({addon.code, *row.primaries} - known):
                yield f"add-on {addon.code} names {code}, which no file under codes/ holds"
    for fact in facts.codes:
        for change in fact.history:
            for code in sorted(set(change.successors) - known):
                yield f"code {fact.code} has the successor {code}, which no file under codes/ holds"


def _repeated(kind: str, names: Iterable[str]) -> Iterator[str]:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            yield f"{kind} {name} is there twice"
        seen.add(name)


def _days(what: str, rows: Iterable[Row]) -> Iterator[str]:
    days = [row.from_ for row in rows]
    for day in sorted({day for day in days if days.count(day) > 1}):
        yield f"{what} has two rows from {day}"
    if not days:
        yield f"{what} has no rows"


def _joined(sources: dict[str, SourceFact], files: list[File], problems: list[str]) -> Facts:
    lists = [file.list_ for file in files if file.list_ is not None]
    if len(lists) != 1:
        problems.append(f"one file holds [list] with the day the modifiers are complete; found {len(lists)}")
    return Facts(
        sources=sources,
        codes=tuple(fact for file in files for fact in file.code),
        addons=tuple(fact for file in files for fact in file.addon),
        modifiers=tuple(fact for file in files for fact in file.modifier),
        modifier_sets=tuple(fact for file in files for fact in file.exclusive),
        modifiers_complete_on=lists[0].as_of if lists else dt.date.min,
        modifier_list_sources=tuple(lists[0].sources) if lists else (),
        exclusions=tuple(fact for file in files for fact in file.exclusion),
        conventions=tuple(fact for file in files for fact in file.convention),
        revisions=tuple(fact for file in files for fact in file.revision),
        denials=tuple(fact for file in files for fact in file.denial),
        sections=tuple(fact for file in files for fact in file.section),
        families=tuple(fact for file in files for fact in file.family),
        policies=tuple(fact for file in files for fact in file.policy),
        principles=tuple(fact for file in files for fact in file.principle),
    )
