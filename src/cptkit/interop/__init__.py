"""Claims out of other people's files: tables of claim lines, as CSV."""

from cptkit.interop.claimfile import ClaimFile, RejectedRow, read_claims
from cptkit.interop.columns import ACCEPTED, REQUIRED

__all__ = ["ACCEPTED", "REQUIRED", "ClaimFile", "RejectedRow", "read_claims"]
