"""The schema of the facts: what a TOML file under ``facts/`` may say, one class per table.

Keys are the attribute names, except ``from``, which Python reserves (``from_``), and the table
``[list]`` (``list_``).
"""

import datetime as dt
from typing import Literal

import attrs

Word = Literal["verified", "derived", "single-source", "disputed"]


@attrs.frozen(kw_only=True)
class Evidence:
    """What every fact carries."""

    sources: list[str]
    confidence: Word
    checked: dt.date
    note: str = ""


@attrs.frozen(kw_only=True)
class Row(Evidence):
    """A dated fact."""

    from_: dt.date
    status: Literal["in-force", "announced", "ended"] = "in-force"


@attrs.frozen(kw_only=True)
class LifeRow(Row):
    """A row in the life of a code or modifier."""

    earlier: bool = False
    successors: list[str] = attrs.field(factory=list[str])


@attrs.frozen(kw_only=True)
class CodeFact:
    """A code and its life."""

    code: str
    label: str
    family: str
    timed: bool
    section: str = ""
    history: list[LifeRow]


@attrs.frozen(kw_only=True)
class PrimaryRow(Row):
    """The primaries of an add-on from a day on."""

    primaries: list[str]
    doubtful: list[str] = attrs.field(factory=list[str])
    open: bool = False


@attrs.frozen(kw_only=True)
class AddOnFact:
    """An add-on and its primaries."""

    code: str
    aoc_type: int
    same_day_edit: bool
    history: list[PrimaryRow]


@attrs.frozen(kw_only=True)
class ModifierFact:
    """A modifier and its life."""

    code: str
    label: str
    owner: Literal["AMA", "CMS"]
    kinds: list[str] = attrs.field(factory=list[str])
    order_class: int
    ncci_bypass: bool = False
    conflicts: list[str] = attrs.field(factory=list[str])
    requires: list[str] = attrs.field(factory=list[str])
    attaches_to: list[str] = attrs.field(factory=list[str])
    never_on: list[str] = attrs.field(factory=list[str])
    history: list[LifeRow]


@attrs.frozen(kw_only=True)
class ModifierSetFact(Evidence):
    """Modifiers of which a line carries at most one."""

    name: str
    members: list[str]
    strength: Literal["error", "warning", "payer"]
    rule: str


@attrs.frozen(kw_only=True)
class ListFact:
    """The day up to which the list of modifiers is complete."""

    as_of: dt.date
    sources: list[str]


@attrs.frozen(kw_only=True)
class ExclusionRow(Row):
    """An exclusion from a day on; ``earlier``: it may have stood before, which is not on record."""

    earlier: bool = False


@attrs.frozen(kw_only=True)
class ExclusionFact:
    """Codes that one clinician does not report together on one day."""

    id: str
    title: str
    codes: list[str]
    excludes: list[str]
    bypass: list[str]
    drop: Literal["codes", "excludes", "either"]
    cure_drops: Literal["", "codes", "excludes"] = ""
    cure: str
    denial: str
    replacements: dict[str, str] = attrs.field(factory=dict[str, str])
    history: list[ExclusionRow]


@attrs.frozen(kw_only=True)
class ConventionRow(Row):
    """A general fact from a day on: the word that a rule compares, and our own words for it."""

    value: str
    text: str


@attrs.frozen(kw_only=True)
class ConventionFact:
    """A general fact that rules rest on and that is no code, modifier or set."""

    name: str
    history: list[ConventionRow]


@attrs.frozen(kw_only=True)
class RevisionFact(Row):
    """A code that stayed but changed; ``what`` in our own words."""

    code: str
    what: str


@attrs.frozen(kw_only=True)
class DenialFact(Evidence):
    """The denial codes a kind of finding likely meets."""

    check: str
    group: str = ""
    carc: str = ""
    rarc: list[str] = attrs.field(factory=list[str])
    likely: bool


@attrs.frozen(kw_only=True)
class SectionFact(Evidence):
    """Ranges of numbers that make a section; the first that fits wins."""

    name: Literal[
        "anesthesia", "surgery", "radiology", "laboratory", "medicine", "evaluation-management", "other"
    ]
    ranges: list[tuple[str, str]]


@attrs.frozen(kw_only=True)
class SourceFact:
    """Where facts were read."""

    grade: Literal["A", "B", "C", "D"]
    where: str
    supports: str = ""


@attrs.frozen(kw_only=True)
class ChainFact(Evidence):
    """Units of one code on top of another, by total minutes."""

    after: str
    code: str
    from_minutes: int
    step: int | None = None
    max_units: int | None = None
    counted_days: tuple[int, int] | None = None


@attrs.frozen(kw_only=True)
class TimeRow(Row):
    """A time rule from a day on; which numbers it needs depends on ``kind``."""

    basis: list[Literal["cpt", "medicare"]]
    kind: Literal[
        "pick-by-band",
        "pick-by-threshold",
        "base-plus-each",
        "threshold",
        "per-unit",
        "untimed",
        "not-by-time",
        "day-count",
        "anaesthesia-units",
    ]
    nominal: dict[str, int] | None = None
    floors: dict[str, int] | None = None
    attainment: Literal["nearest", "midpoint", "whole", "unsettled"] | None = None
    ceiling: int | None = None
    base: str | None = None
    addon: str | None = None
    base_from: int | None = None
    code: str | None = None
    from_minutes: int | None = None
    unit_minutes: int | None = None
    max_units: dict[str, int] | None = None
    untimed: list[str] | None = None
    no_units: list[str] | None = None
    chain: list[ChainFact] = attrs.field(factory=list[ChainFact])


@attrs.frozen(kw_only=True)
class FamilyFact:
    """Codes among which minutes decide."""

    id: str
    title: str
    codes: list[str]
    scope: Literal["session", "day", "month", "seven-days", "thirty-days"]
    whose_time: str
    optional: bool = False
    scope_note: str = ""
    pool: Literal["", "therapy"] = ""
    performer: Literal["", "clinician", "other"] = ""
    ranges: list[tuple[str, str]] = attrs.field(factory=list[tuple[str, str]])
    rule: list[TimeRow]


@attrs.frozen(kw_only=True)
class PolicyFact(Evidence):
    """A way to turn minutes of several codes into units."""

    id: Literal["medicare-total", "cpt-per-code", "payer-whole-units"]
    title: str
    whose: str = ""
    rule: str
    unit_minutes: int
    attainment: Literal["midpoint", "whole"]
    disciplines: list[str] = attrs.field(factory=list[str])


@attrs.frozen(kw_only=True)
class PrincipleFact(Row):
    """A general rule of time that no single code owns, in our own words."""

    id: str
    title: str
    rule: str


@attrs.frozen(kw_only=True)
class File:
    """Everything one facts file may hold, as arrays of tables."""

    code: list[CodeFact] = attrs.field(factory=list[CodeFact])
    addon: list[AddOnFact] = attrs.field(factory=list[AddOnFact])
    modifier: list[ModifierFact] = attrs.field(factory=list[ModifierFact])
    exclusive: list[ModifierSetFact] = attrs.field(factory=list[ModifierSetFact])
    list_: ListFact | None = None
    exclusion: list[ExclusionFact] = attrs.field(factory=list[ExclusionFact])
    convention: list[ConventionFact] = attrs.field(factory=list[ConventionFact])
    revision: list[RevisionFact] = attrs.field(factory=list[RevisionFact])
    denial: list[DenialFact] = attrs.field(factory=list[DenialFact])
    section: list[SectionFact] = attrs.field(factory=list[SectionFact])
    family: list[FamilyFact] = attrs.field(factory=list[FamilyFact])
    policy: list[PolicyFact] = attrs.field(factory=list[PolicyFact])
    principle: list[PrincipleFact] = attrs.field(factory=list[PrincipleFact])


@attrs.frozen(kw_only=True)
class Facts:
    """All facts of a folder, sorted by what they are about."""

    sources: dict[str, SourceFact]
    codes: tuple[CodeFact, ...]
    addons: tuple[AddOnFact, ...]
    modifiers: tuple[ModifierFact, ...]
    modifier_sets: tuple[ModifierSetFact, ...]
    modifiers_complete_on: dt.date
    modifier_list_sources: tuple[str, ...]
    exclusions: tuple[ExclusionFact, ...]
    conventions: tuple[ConventionFact, ...]
    revisions: tuple[RevisionFact, ...]
    denials: tuple[DenialFact, ...]
    sections: tuple[SectionFact, ...]
    families: tuple[FamilyFact, ...]
    policies: tuple[PolicyFact, ...]
    principles: tuple[PrincipleFact, ...]
