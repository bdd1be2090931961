"""Facts to editions: read the TOML, compile the tables, compare or write.

``python -m cptkit.codesets.build FACTS DATA LOCK`` writes the bundled editions and their digests;
``--check`` writes nothing and fails when an artifact or a digest is stale.
"""

from cptkit.codesets.build.compile import compile_edition
from cptkit.codesets.build.read import read_facts

__all__ = ["compile_edition", "read_facts"]
