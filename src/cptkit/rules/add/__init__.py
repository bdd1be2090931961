"""ADD: add-ons and their primaries."""
