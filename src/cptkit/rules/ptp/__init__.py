"""PTP: pairs of codes that the published pair edits do not pay together."""
