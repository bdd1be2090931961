"""What every test shares: how hard hypothesis searches, and the folder of real tables."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# On CI the same examples on every run: a red build must be red again when it is run again.
# Timings vary on shared machines, so no single example has a deadline.
settings.register_profile("local", deadline=None)
settings.register_profile(
    "ci", deadline=None, derandomize=True, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("thorough", deadline=None, max_examples=5000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if "CI" in os.environ else "local"))


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder that CPTKIT_REAL_DATA names; the test is skipped when there is none."""
    folder = os.environ.get("CPTKIT_REAL_DATA")
    if not folder:
        pytest.skip("CPTKIT_REAL_DATA is not set: it names a folder of real CMS tables")
    path = Path(folder)
    assert path.is_dir(), f"CPTKIT_REAL_DATA is no folder: {folder}"
    return path


@pytest.fixture
def forget_rules() -> Callable[[], None]:
    """Makes the process look again which rules there are, as after a package was installed."""

    def forget() -> None:
        from cptkit.rules import choosing, registry

        for cached in (registry._everything, registry._selected, registry._loaded, choosing._runnable):
            cached.cache_clear()

    return forget
