"""cptkit: CPT and HCPCS codes, their dates, their minutes, and checks of claims.

What is this code? Which code and how many units do these minutes give, under whose policy? May
these lines stand together? Says who, as of when, and what was not checked?

>>> import datetime as dt
>>> import cptkit
>>> codeset = cptkit.codeset("2026.1")
>>> cptkit.timerule.select("90834", minutes=47, date_of_service=dt.date(2026, 3, 2), codeset=codeset).services
(ServiceUnits(code='90834', units=1),)

Names are loaded when first used; importing cptkit opens no file.
"""

from typing import TYPE_CHECKING, Any

from cptkit.lazy import first_use

if TYPE_CHECKING:
    from cptkit import timerule as timerule
    from cptkit.claims import Claim as Claim
    from cptkit.claims import Encounter as Encounter
    from cptkit.claims import Line as Line
    from cptkit.codes import Category as Category
    from cptkit.codes import Code as Code
    from cptkit.codes import Section as Section
    from cptkit.codesets import Catalog as Catalog
    from cptkit.codesets import Codeset as Codeset
    from cptkit.codesets import codeset as codeset
    from cptkit.errors import CptkitError as CptkitError
    from cptkit.history import History as History
    from cptkit.modifiers import Service as Service
    from cptkit.modifiers import parse_service as parse_service
    from cptkit.rules import Finding as Finding
    from cptkit.rules import Fix as Fix
    from cptkit.rules import FixKind as FixKind
    from cptkit.rules import NotChecked as NotChecked
    from cptkit.rules import Outcome as Outcome
    from cptkit.rules import Profile as Profile
    from cptkit.rules import Report as Report
    from cptkit.rules import Severity as Severity
    from cptkit.rules import Waiver as Waiver
    from cptkit.rules import apply_fix as apply_fix
    from cptkit.rules import check as check
    from cptkit.rules import check_claims as check_claims
    from cptkit.sources import Basis as Basis
    from cptkit.sources import Confidence as Confidence
    from cptkit.timerule import UnitPolicy as UnitPolicy

__version__ = "0.1.0"

__all__ = [
    "Basis",
    "Catalog",
    "Category",
    "Claim",
    "Code",
    "Codeset",
    "Confidence",
    "CptkitError",
    "Encounter",
    "Finding",
    "Fix",
    "FixKind",
    "History",
    "Line",
    "NotChecked",
    "Outcome",
    "Profile",
    "Report",
    "Section",
    "Service",
    "Severity",
    "UnitPolicy",
    "Waiver",
    "apply_fix",
    "check",
    "check_claims",
    "codeset",
    "parse_service",
    "timerule",
]

_HOMES = {
    "Basis": "sources",
    "Catalog": "codesets",
    "Category": "codes",
    "Claim": "claims",
    "Code": "codes",
    "Codeset": "codesets",
    "Confidence": "sources",
    "CptkitError": "errors",
    "Encounter": "claims",
    "Finding": "rules",
    "Fix": "rules",
    "FixKind": "rules",
    "History": "history",
    "Line": "claims",
    "NotChecked": "rules",
    "Outcome": "rules",
    "Profile": "rules",
    "Report": "rules",
    "Section": "codes",
    "Service": "modifiers",
    "Severity": "rules",
    "UnitPolicy": "timerule",
    "Waiver": "rules",
    "apply_fix": "rules",
    "check": "rules",
    "check_claims": "rules",
    "codeset": "codesets",
    "parse_service": "modifiers",
    "timerule": "timerule",
}


def __getattr__(name: str) -> Any:
    return first_use(name, _HOMES, globals())


def __dir__() -> list[str]:
    return __all__
