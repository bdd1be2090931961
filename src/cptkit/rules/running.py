"""The rules of a check, and which of them may say something of given lines."""

import attrs

from cptkit.claims import Encounter, Line
from cptkit.rules.context import Context, Services
from cptkit.rules.installed import Check
from cptkit.rules.registry import Rule

__all__ = ["Run"]

_SERVICE = frozenset({"code", "modifiers", "place_of_service"})
_MOST = 16_384  # services, and sets of rules, that are remembered


def _ids(run: "Run") -> tuple[str, ...]:
    return tuple(rule.row.id for rule in run.rules)


def _by_service(run: "Run") -> tuple[tuple[int, Rule], ...]:
    return tuple((1 << place, rule) for place, rule in enumerate(run.rules) if _hangs_on_service(rule))


def _of_any(run: "Run") -> int:
    return sum(1 << place for place, rule in enumerate(run.rules) if not _hangs_on_service(rule))


def _of_one(run: "Run") -> int:
    return sum(1 << place for place, rule in enumerate(run.rules) if rule.row.looks_at != "others")


def _hangs_on_service(rule: Rule) -> bool:
    """Whether the service of a line, its code, modifiers and place, may tell that a rule has nothing to say."""
    return rule.concerns is not None or rule.row.looks_at in {"modifiers", "places"} or _reads_service(rule)


def _reads_service(rule: Rule) -> bool:
    return bool(rule.row.reads) and rule.row.reads <= _SERVICE


@attrs.frozen(slots=True, eq=False)
class Run:
    """Rules that run, their ids, and the ids of those left out for want of what they answer from.

    Sets of rules are kept as the bits of a number, by the places of the rules.
    """

    rules: tuple[Rule, ...]
    left_out: tuple[str, ...]
    ids: tuple[str, ...] = attrs.field(default=attrs.Factory(_ids, takes_self=True), init=False)
    _by_service: tuple[tuple[int, Rule], ...] = attrs.field(
        default=attrs.Factory(_by_service, takes_self=True), init=False
    )
    _of_any: int = attrs.field(default=attrs.Factory(_of_any, takes_self=True), init=False)
    _of_one: int = attrs.field(default=attrs.Factory(_of_one, takes_self=True), init=False)
    _checks: dict[int, tuple[Check, ...]] = attrs.field(factory=dict[int, tuple[Check, ...]], init=False)

    def concerned(self, line: Line, encounter: Encounter, context: Context) -> tuple[int, int]:
        """The rules that a line may make speak alone, and those that it may beside others, as bits by their places."""
        bits = self._of_any | self._concerned(line, encounter, context, {})
        return bits & self._of_one, bits

    def of(self, encounter: Encounter, context: Context) -> tuple[Check, ...]:
        """What is to be asked of an encounter: the rules that may say something of its lines."""
        services = context.services(self, encounter.setting)
        bits = self._of_any
        for line in encounter.lines:
            service = (line.code, line.modifiers, line.place_of_service)
            try:
                bits |= services[service]
            except (KeyError, TypeError):  # a place may be anything
                bits |= self._concerned(line, encounter, context, services)
        if len(encounter.lines) == 1 and _is_alone(encounter):
            bits &= self._of_one
        try:
            return self._checks[bits]
        except KeyError:
            return self._chosen(bits)

    def _chosen(self, bits: int) -> tuple[Check, ...]:
        chosen = tuple(rule.check for place, rule in enumerate(self.rules) if bits >> place & 1)
        if len(self._checks) < _MOST:
            self._checks[bits] = chosen
        return chosen

    def _concerned(self, line: Line, encounter: Encounter, context: Context, services: Services) -> int:
        """The rules that hang on services and may say something because of that of the line; remembered."""
        alone = encounter  # as tables give it: nothing is to be left out
        if not (_is_alone(encounter) and len(encounter.lines) == len(encounter.of_claim) == 1):
            alone = attrs.evolve(
                encounter,
                lines=(line,),
                elsewhere=frozenset(),
                incomplete=False,
                past=None,
                beside=(),
                of_claim=(line,),
            )
        bits = sum(bit for bit, rule in self._by_service if _may_speak(rule, line, alone, context))
        place = line.place_of_service
        if len(services) < _MOST and (place is None or isinstance(place, str)):
            services[line.code, line.modifiers, place] = bits
        return bits


def _may_speak(rule: Rule, line: Line, alone: Encounter, context: Context) -> bool:
    if rule.concerns is not None:
        return rule.concerns(alone, context)
    if rule.row.looks_at == "modifiers" and not line.modifiers:
        return False
    if rule.row.looks_at == "places" and line.place_of_service is None:
        return False
    return not _reads_service(rule) or any(True for _ in rule.check(alone, context))


def _is_alone(encounter: Encounter) -> bool:
    """Whether nothing stands beside the lines, nor may stand there unseen."""
    return not (encounter.elsewhere or encounter.incomplete or encounter.beside or encounter.past is not None)
