"""What a row of the table of rules says, and what a table is."""

from collections.abc import Mapping
from enum import StrEnum

import attrs

__all__ = [
    "EDIT_TABLES",
    "HISTORY",
    "LIFTS",
    "LOOKS",
    "NEEDS",
    "PAYER_FACTS",
    "READS",
    "RuleRow",
    "RuleStatus",
    "RuleTable",
]

EDIT_TABLES = frozenset({"ptp", "mue", "aoc", "pfs", "telehealth"})
"""The needs that published edit tables meet.

Pair edits, unit limits, add-on edits, fee-schedule indicators, the list of telehealth services.
"""

LOOKS = ("", "modifiers", "places", "others")
"""What a rule looks at where it says nothing of lines that have none: modifiers, places of service, other lines."""

LIFTS = ("", "all", "several")
"""Which findings of a rule a modifier may lift, or are that one is lacking: none, all, or those of several lines."""

READS = frozenset({"code", "modifiers", "place_of_service", "units", "charge"})
"""The fields of a line that a rule may say it reads, where it judges each line by itself."""

HISTORY = "history"
"""The need that other claims of the patient meet."""

PAYER_FACTS = frozenset(
    {
        *(
            f"{what}-{span}"
            for what in ("sessions", "units")
            for span in ("a-day", "a-week", "a-year", "in-days", "in-months")
        ),
        *("licence-modifiers", "licence-modifiers-refused", "minutes-a-day", "note-holds"),
        *("allowed-amount", "filing-days", "not-covered"),
    }
)
"""What each payer sets for itself: the first parts of names of conventions that no edition holds, only a profile."""

_OF_PROFILE = "profile/"

NEEDS = EDIT_TABLES | {
    *(HISTORY, "addons", "codes", "conventions", "exclusions", "modifiers", "modifier-sets", "timerules"),
    *(_OF_PROFILE + name for name in PAYER_FACTS),
}
"""What a rule may answer from: tables of an edition, published edit tables, a history, and facts of a profile."""


class RuleStatus(StrEnum):
    """Which selections run a rule: ``preview`` and ``deprecated`` ones are not among ``ALL``.

    A preview rule runs when it is named more exactly than that, or by ``PREVIEW``; a deprecated one only
    when it is named.

    >>> RuleStatus("preview")
    <RuleStatus.PREVIEW: 'preview'>
    >>> RuleStatus("retired")
    Traceback (most recent call last):
    ...
    ValueError: 'retired' is not a valid RuleStatus
    """

    PREVIEW = "preview"
    STABLE = "stable"
    DEPRECATED = "deprecated"


def _needs(given: tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return tuple(given) if isinstance(given, list) else given


def _words(given: str | frozenset[str]) -> frozenset[str]:
    return frozenset(given.split()) if isinstance(given, str) else given


def _readable(_row: "RuleRow", _: object, given: frozenset[str]) -> None:
    if not given <= READS:
        raise ValueError(
            f"a rule of lines reads {', '.join(sorted(READS))}, not {', '.join(sorted(given - READS))}"
        )


@attrs.frozen(slots=True)
class RuleRow:
    """A rule's entry: ``module`` holds it, ``needs`` are the tables it answers from.

    A rule of another package has its namespace in front of its id, and ``module`` is the whole name of its
    module; that of a bundled rule is told below ``cptkit.rules``. ``package`` is the distribution it was
    found in; empty for a bundled one. ``looks_at``: ``modifiers``, ``places`` or ``others``, where the rule
    says nothing of lines none of which has one, or of a line beside which nothing stands or may stand; it is not
    run on these. ``reads``: the fields of a line that decide alone, with the setting, what the rule says of
    it, where it judges each line by itself; it is not run again on lines like one of which it said nothing.
    ``lifted``: ``all`` or ``several``, where modifiers may lift what it finds, or of what it finds of several lines;
    of a table that does not tell modifiers that is not said.

    >>> row = RuleRow("acme:ABC101", "visit-without-referral", "acme_rules.abc101", ("codes",), since="1.2")
    >>> row.namespace, row.full_name, row.path, row.status.value
    ('acme', 'acme:visit-without-referral', 'acme_rules.abc101', 'stable')
    >>> RuleRow("ABC101", "visit-without-referral", "abc.abc101", (), "new")
    Traceback (most recent call last):
    ...
    ValueError: 'new' is not a valid RuleStatus
    """

    id: str
    name: str
    module: str
    needs: tuple[str, ...] = attrs.field(default=(), converter=_needs)
    status: RuleStatus = attrs.field(default=RuleStatus.STABLE, converter=RuleStatus)
    since: str = "0.1.0"
    package: str = ""
    looks_at: str = attrs.field(default="", kw_only=True, validator=attrs.validators.in_(LOOKS))
    reads: frozenset[str] = attrs.field(
        default=frozenset[str](), kw_only=True, converter=_words, validator=_readable
    )
    lifted: str = attrs.field(default="", kw_only=True, validator=attrs.validators.in_(LIFTS))

    @property
    def needs_edits(self) -> bool:
        """Whether it answers from published edit tables, which a catalog need not have."""
        return not EDIT_TABLES.isdisjoint(self.needs)

    @property
    def needs_history(self) -> bool:
        """Whether it answers from other claims of the patient, which a check need not be given."""
        return HISTORY in self.needs

    @property
    def payer_facts(self) -> frozenset[str]:
        """The ``PAYER_FACTS`` of which it needs one; none where it answers without a profile."""
        names = (need.removeprefix(_OF_PROFILE) for need in self.needs if need.startswith(_OF_PROFILE))
        return frozenset(names)

    @property
    def namespace(self) -> str:
        """Whose rule it is: the part of the id before the colon, empty for a bundled rule."""
        return self.id.rpartition(":")[0]

    @property
    def full_name(self) -> str:
        """The name as selectors spell it: with the namespace, where there is one."""
        return f"{self.namespace}:{self.name}" if self.namespace else self.name

    @property
    def path(self) -> str:
        """The module as Python imports it."""
        return self.module if self.namespace else f"cptkit.rules.{self.module}"


@attrs.frozen(slots=True, eq=False)
class RuleTable:
    """Rows, and the ids that took the place of old ids and names. A table equals only itself.

    >>> old = RuleTable((RuleRow("acme:ABC101", "no-referral", "acme_rules.abc101"),), {"acme:XYZ1": "acme:ABC101"})
    >>> old.current("ACME:xyz1"), old.current("acme:ABC101")
    ('acme:ABC101', 'acme:ABC101')
    >>> old.current(101)
    Traceback (most recent call last):
    ...
    AttributeError: 'int' object has no attribute 'lower'
    """

    rows: tuple[RuleRow, ...] = attrs.field(converter=tuple[RuleRow, ...])
    redirects: Mapping[str, str] = attrs.field(factory=dict[str, str])

    def current(self, selector: str) -> str:
        """The id that took the selector's place; the selector itself where none did."""
        folded = selector.lower()
        return next((new for old, new in self.redirects.items() if old.lower() == folded), selector)
