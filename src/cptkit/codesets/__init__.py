"""Codesets: pinned editions of codes, modifiers, relations and time rules, and catalogs of them."""

from typing import TYPE_CHECKING, Any

from cptkit.lazy import first_use

if TYPE_CHECKING:
    from cptkit.codesets.catalog import Catalog, Pin
    from cptkit.codesets.chains import addon_chains
    from cptkit.codesets.comparing import diff
    from cptkit.codesets.differences import CodeChange, Diff
    from cptkit.codesets.edition import Codeset
    from cptkit.codesets.lockfile import write_lock
    from cptkit.codesets.lookup import bundled_editions, codeset
    from cptkit.codesets.ordering import claim_order, missing_partners
    from cptkit.codesets.provenance import Fact
    from cptkit.codesets.records import Change, CodeRecord, Status
    from cptkit.codesets.relations import AddOn, Convention, Denial, Exclusion, ModifierRecord, ModifierSet

__all__ = [
    "AddOn",
    "Catalog",
    "Change",
    "CodeChange",
    "CodeRecord",
    "Codeset",
    "Convention",
    "Denial",
    "Diff",
    "Exclusion",
    "Fact",
    "ModifierRecord",
    "ModifierSet",
    "Pin",
    "Status",
    "addon_chains",
    "bundled_editions",
    "claim_order",
    "codeset",
    "diff",
    "missing_partners",
    "write_lock",
]

# Loaded when first asked for, so that loading an edition does not pay for the values of relations.
_HOMES = {
    "AddOn": "relations",
    "Catalog": "catalog",
    "Change": "records",
    "CodeChange": "differences",
    "CodeRecord": "records",
    "Codeset": "edition",
    "Convention": "relations",
    "Denial": "relations",
    "Diff": "differences",
    "Exclusion": "relations",
    "Fact": "provenance",
    "ModifierRecord": "relations",
    "ModifierSet": "relations",
    "Pin": "catalog",
    "Status": "records",
    "addon_chains": "chains",
    "bundled_editions": "lookup",
    "claim_order": "ordering",
    "codeset": "lookup",
    "diff": "comparing",
    "missing_partners": "ordering",
    "write_lock": "lockfile",
}


def __getattr__(name: str) -> Any:
    return first_use(name, _HOMES, globals())


def __dir__() -> list[str]:
    return __all__
