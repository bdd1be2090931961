"""By whom claims are judged, a basis or a profile, and what both leave of a report in the end."""

import datetime as dt
from typing import TYPE_CHECKING

import attrs

from cptkit.claims import Claim
from cptkit.errors import BrokenProfile
from cptkit.rules.findings import Finding
from cptkit.rules.profiles.profile import Profile
from cptkit.rules.report import Report
from cptkit.rules.waivers import Waiver, settled
from cptkit.sources import Basis

if TYPE_CHECKING:
    import os

__all__ = ["Judge", "basis_of", "finished", "judge"]

Judge = Basis | Profile


def judge(basis: Basis | str | None, profile: "Profile | str | os.PathLike[str] | None") -> Judge:
    """Who judges: the profile, or else the basis; CPT's own rules where neither is given.

    :raises BrokenProfile: when the two are not of one basis, or the profile cannot be read.
    :raises UnknownProfile: when there is no bundled profile of that id.
    """
    if profile is None:
        return Basis.CPT if basis is None else Basis(basis)
    from cptkit.rules.profiles.reading import profile_of

    found = profile_of(profile)
    if basis is not None and Basis(basis) is not found.basis:
        message = f"the profile {found.id} judges by {found.basis}, and another basis is asked for"
        raise BrokenProfile(message, given=str(basis), expected=f"{found.basis}, or none beside a profile")
    return found


def basis_of(judge: Judge) -> Basis:
    """Whose facts answer."""
    return judge.basis if isinstance(judge, Profile) else judge


def finished(
    report: Report,
    claims: tuple[Claim, ...],
    judge: Judge,
    waivers: tuple[Waiver, ...],
    as_of: dt.date | None,
) -> Report:
    """The report with the severities of the profile, and with what is waived apart."""
    if isinstance(judge, Profile) and judge.severities:
        findings = tuple(_lowered(finding, judge) for finding in report.findings)
        bypassed = tuple(_lowered(finding, judge) for finding in report.bypassed)
        report = attrs.evolve(report, findings=findings, bypassed=bypassed)
    return settled(report, claims, waivers, as_of) if as_of is not None and waivers else report


def _lowered(finding: Finding, profile: Profile) -> Finding:
    severity = profile.severity(finding.rule, finding.severity)
    return finding if severity is finding.severity else attrs.evolve(finding, severity=severity)
