"""PFS: what the indicators of Medicare's fee schedule say of a practitioner's lines."""
