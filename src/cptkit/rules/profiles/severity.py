"""How severe a finding is that rests on what a payer sets for itself."""

from cptkit.rules.emit import SURE
from cptkit.rules.findings import Severity
from cptkit.rules.profiles.payer_facts import PayerFact

__all__ = ["severity_of"]


def severity_of(fact: PayerFact) -> Severity:
    """A review where the payer lets a person judge; else by what the fact rests on."""
    if fact.usually:
        return Severity.REVIEW
    return Severity.ERROR if fact.convention.citation.confidence in SURE else Severity.WARNING
