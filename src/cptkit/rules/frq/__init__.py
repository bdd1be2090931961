"""How often, and for whom: what the history of a patient says of a line."""
