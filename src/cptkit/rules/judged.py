"""By whom claims are judged, a basis or a profile, and what both leave of a report in the end."""

import datetime as dt
from collections.abc import Collection
from typing import TYPE_CHECKING

import attrs

from cptkit.claims import Claim
from cptkit.errors import BrokenProfile, InvalidClaim, nearest
from cptkit.rules.findings import Finding
from cptkit.rules.profiles.profile import Profile
from cptkit.rules.report import Report
from cptkit.rules.waivers import Waiver, settled
from cptkit.sources import Basis

if TYPE_CHECKING:
    import os

__all__ = ["Judge", "basis_of", "finished", "judge", "lost_rows_of"]

Judge = Basis | Profile


def judge(basis: Basis | str | None, profile: "Profile | str | os.PathLike[str] | None") -> Judge:
    """Who judges: the profile, or else the basis; CPT's own rules where neither is given.

    :raises BrokenProfile: when the two are not of one basis, or the profile cannot be read.
    :raises UnknownProfile: when there is no bundled profile of that id.
    :raises InvalidChoice: when there is no such basis.
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


def lost_rows_of(claims: tuple[Claim, ...], incomplete: Collection[str]) -> frozenset[str]:
    """The ids of claims that lost a row.

    :raises InvalidClaim: when an id is that of none of the claims, or the ids are one text.
    """
    if isinstance(incomplete, str):
        expected = "a set of ids, also for one claim"
        raise InvalidClaim("incomplete claims are named one by one", given=incomplete, expected=expected)
    given = frozenset(incomplete)
    ids = {claim.id for claim in claims} if given else given
    for unknown in sorted(given - ids, key=str):
        expected = "the id of one of the claims that are checked"
        near = nearest(unknown, ids) if isinstance(unknown, str) else ()
        raise InvalidClaim("no such claim, to be incomplete", given=unknown, expected=expected, near=near)
    return given


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
