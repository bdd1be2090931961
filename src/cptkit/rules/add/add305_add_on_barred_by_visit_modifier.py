"""The visit of a complexity add-on carries 25, and Medicare does not pay the add-on then.

``G2211`` is for the long care of a patient. From 2024-01-01 Medicare pays it beside an office visit, but not where
the visit carries 25. From 2025-01-01 it is paid all the same where the other service of the day is a yearly
wellness visit, a vaccine that is given, or another preventive service of Medicare.

**Fails**: ``99214-25`` and ``G2211``; ``99214-25``, ``G0439`` and ``G2211`` in 2024; ``99214-25``, ``20610`` and
``G2211`` in any year.

**Passes**: ``99214`` and ``G2211``; ``99214-25``, ``G0439`` and ``G2211`` from 2025-01-01.

**Cure**: drop the add-on. Where nothing of the day needs 25, the visit goes without it.

**Not checked**: from 2025-01-01 services that may be preventive and are on no list here, and a preventive service
beside another one for which 25 may stand as well; another visit without 25, on the claim, on another claim of the
day or without a clinician; a row that could not be read.

**Limits**: Medicare and practitioners' claims. Which codes are preventive is our reading of the kinds that Medicare
names: its own list was not at hand. At home, from 2026-01-01, it is a warning, as one weak source says it. An
add-on without a visit is ADD301. Whether the visit needs 25 is in the record.
"""

from collections.abc import Iterable, Iterator, Mapping

from cptkit.claims import Encounter, Line
from cptkit.codes import Category, category_of
from cptkit.codesets import Convention
from cptkit.rules.context import Context
from cptkit.rules.emit import SURE, finding, fix, not_checked, removal
from cptkit.rules.findings import Finding, Fix, FixKind, NotChecked, Severity
from cptkit.rules.kinds import codes_of, is_kind
from cptkit.rules.modifiers import named
from cptkit.setting import Setting
from cptkit.sources import Basis, weakest

RULE = ("ADD305", "add-on-barred-by-visit-modifier")

_BAR = "visit-complexity/barred"
_VISITS = ("visit-complexity/office-visits", "visit-complexity/home-visits")
_PREVENTIVE, _OTHERS = "visit-complexity/preventive", "not-preventive"
_TELLING = ("visit-complexity/preventive-modifiers",)


def concerns(alone: Encounter, context: Context) -> bool:
    """Whether the code of a line is one that is barred."""
    return alone.lines[0].code in (named((_BAR,), context) or ())


def check(encounter: Encounter, context: Context) -> Iterable[Finding | NotChecked]:
    """One finding for every such add-on whose visit carries the modifier that bars it."""
    if context.basis is not Basis.MEDICARE or encounter.setting is not Setting.PRACTITIONER:
        return ()
    barred = named((_BAR,), context) or ()
    added = [line for line in encounter.lines if line.code in barred]
    return _check(encounter, context, added) if added else ()


def _check(encounter: Encounter, context: Context, added: list[Line]) -> Iterator[Finding | NotChecked]:
    bar, *of_visits = [fact for name in (_BAR, *_VISITS) if (fact := context.convention(name)) is not None]
    visits = {code: fact for fact in of_visits for code in codes_of(fact.value)}
    carriers = [line for line in encounter.lines if line.code in visits]
    barring = [(line, word) for line in carriers for word in bar.value.split() if word in line.modifiers]
    if not barring:
        return
    others = [each for each in encounter.lines if each not in added and each not in carriers]
    others = [each for each in others if category_of(each.code) is not Category.II]
    lifting = context.convention(_PREVENTIVE)
    listed = [] if lifting is None else [each for each in others if each.code in codes_of(lifting.value)]
    plain = [each for each in others if _is_plain(each.code, each.modifiers, context)]
    if listed and not plain:
        return
    reason = _another_visit(encounter, carriers, barring, visits)
    if not reason and lifting is not None:
        reason = _maybe_lifted(encounter, context, others, listed, plain)
    if reason:
        yield not_checked(RULE, encounter, tuple(added), reason)
        return
    facts = [bar, *dict.fromkeys(visits[line.code] for line, _ in barring)]
    facts += [fact for fact in (lifting, context.convention(_OTHERS) if plain else None) if fact is not None]
    for line in added:
        yield _finding(encounter, context, line, barring, others, facts)


def _is_plain(code: str, modifiers: Iterable[str], context: Context) -> bool:
    """Whether a service is none of Medicare's preventive ones; also False where that is not known."""
    others, telling = context.convention(_OTHERS), named(_TELLING, context) or ()
    if others is None or category_of(code) is None or not set(telling).isdisjoint(modifiers):
        return False
    return bool(is_kind(code, others.value, context))


def _another_visit(
    encounter: Encounter,
    carriers: list[Line],
    barring: list[tuple[Line, str]],
    visits: Mapping[str, Convention],
) -> str:
    """Why the add-on may go with a visit that does not bar it; empty where there is none."""
    bare = [line for line in carriers if line not in [each for each, _ in barring]]
    if bare:
        return f"it may go with a {bare[0].code} that does not carry {barring[0][1]}"
    outside = sorted(code for code in encounter.elsewhere if code in visits)
    if outside:
        return f"{', '.join(outside)} stands on another claim of the day or without a clinician: it may go with that"
    if encounter.incomplete:
        return "a row that could not be read may be its visit or a preventive service"
    return ""


def _maybe_lifted(
    encounter: Encounter, context: Context, others: list[Line], listed: list[Line], plain: list[Line]
) -> str:
    """Why a preventive service of the day may lift the bar; empty where none can."""
    if listed:
        return (
            f"{_said(listed)} would lift the bar, but the visit may be apart from {_said(plain)}, "
            "and no source says what counts then"
        )
    open_ones = [each for each in others if each not in plain]
    if open_ones:
        return f"whether {_said(open_ones)} is one of Medicare's preventive services is not on record here"
    own = {line.code for line in encounter.lines}
    outside = sorted(code for code in encounter.elsewhere - own if not _is_plain(code, (), context))
    if outside:
        return (
            f"{', '.join(outside)} stands on another claim of the day or without a clinician: "
            "a preventive service of the same clinician would lift the bar"
        )
    return ""


def _finding(
    encounter: Encounter,
    context: Context,
    line: Line,
    barring: list[tuple[Line, str]],
    others: list[Line],
    facts: list[Convention],
) -> Finding:
    evidence = tuple(fact.citation for fact in facts)
    sure = weakest(citation.confidence for citation in evidence) in SURE
    visits = [visit for visit, _ in barring]
    said = ", ".join(f"{visit.code} on line {visit.id}" for visit in visits)
    return finding(
        RULE,
        encounter,
        context,
        tuple(each for each in encounter.lines if each is line or each in visits),
        f"{line.code} on line {line.id} denied beside {said}: {facts[0].text}{_unlifted(others, facts)}",
        severity=Severity.ERROR if sure else Severity.WARNING,
        evidence=evidence,
        denial=context.denial("modifier-inconsistent"),
        fixes=(*_on_visits(barring, others), _drop(line, barring)),
    )


def _unlifted(others: list[Line], facts: list[Convention]) -> str:
    """What does not lift the bar, on days on which something can."""
    if not any(fact.name == _PREVENTIVE for fact in facts):
        return ""
    said = _said(others)
    none = f"which {said} {'are' if ',' in said else 'is'} not" if others else "and none is here"
    return f"; a preventive service would lift that, {none}"


def _on_visits(barring: list[tuple[Line, str]], others: list[Line]) -> tuple[Fix, ...]:
    """The visit without the modifier, where nothing is there from which it could be apart; else a question."""
    if others:
        return tuple(
            fix(
                FixKind.ASK,
                visit,
                None,
                f"whether {visit.code} needs {word} beside {_said(others)} is in the record",
            )
            for visit, word in barring
        )
    return tuple(removal(visit, word, "no other service of the day needs it") for visit, word in barring)


def _drop(line: Line, barring: list[tuple[Line, str]]) -> Fix:
    needs = " and ".join(f"{visit.code} needs {word}" for visit, word in barring)
    return fix(FixKind.DROP_LINE, line, None, f"drop {line.code}", needs)


def _said(lines: list[Line]) -> str:
    return ", ".join(dict.fromkeys(line.code for line in lines))
