"""Time rules as pictures: a bar of time with its bands, its thresholds and a session, as SVG.

``bar`` says what is shown, ``layout`` where it stands, ``drawing`` how it is written down.
"""

from cptkit.timerule.pictures.bar import time_bar

__all__ = ["time_bar"]


def __dir__() -> list[str]:
    return __all__
