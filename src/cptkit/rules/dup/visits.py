"""Which codes are visits, of which one clinician has one a day."""

from collections.abc import Mapping

from cptkit.claims import Encounter
from cptkit.codesets import Convention
from cptkit.rules.context import Context
from cptkit.rules.kinds import codes_of, codes_without_a_fact
from cptkit.setting import Setting

__all__ = ["visits_of"]

_VISITS = "one-visit-a-day"


def visits_of(encounter: Encounter, context: Context) -> tuple[Convention | None, Mapping[str, str]]:
    """The convention of one visit a day, and the codes that are visits; none outside practitioners' claims."""
    if encounter.setting is not Setting.PRACTITIONER:
        return None, {}
    convention = context.convention(_VISITS)
    if convention is None:
        return None, codes_without_a_fact(_VISITS, context)
    return convention, codes_of(convention.value)
