"""Profiles: whose rules judge, and what a payer does otherwise than the bundled facts say."""
