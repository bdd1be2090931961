"""Help for testing what is built on cptkit, without any content of CPT.

``synthetic_codeset`` is an edition of invented codes: every shape, every kind of add-on, ended and
future codes, modifiers, exclusions, time rules of every kind. What passes with it rests on the way
cptkit works, not on what a code means this year. ``cptkit.testing.strategies`` (with hypothesis)
draws codes, services, lines and claims.
"""

from cptkit.testing.synthetic import synthetic_codeset, write_synthetic_edition

__all__ = ["synthetic_codeset", "write_synthetic_edition"]


def __dir__() -> list[str]:
    return __all__
