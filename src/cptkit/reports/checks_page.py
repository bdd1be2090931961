"""The page that says of each kind of denial which rule answers it, or why none does."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cptkit.codesets import Codeset, Denial
from cptkit.errors import BrokenFacts
from cptkit.reports.markdown import marked, table
from cptkit.rules import RuleTable, rule
from cptkit.rules.explaining import explained
from cptkit.rules.table import TABLE

__all__ = ["answered_by", "checks_page", "read_checks"]

_KEYS = frozenset({"check", "says", "rules", "why", "open"})


def answered_by(codeset: Codeset, rules: RuleTable = TABLE) -> dict[str, list[str]]:
    """The ids of the rules whose findings tell a check's denial codes, by check.

    >>> import cptkit
    >>> answered_by(cptkit.codeset("2026.1"))["time-missing"]
    ['TIM401']
    """
    found: dict[str, list[str]] = {}
    for row in rules.rows:
        for denial in explained(rule(row.id, table=rules), codeset).denials:
            found.setdefault(denial.check, []).append(row.id)
    return found


def read_checks(path: Path) -> dict[str, Mapping[str, Any]]:
    """What people wrote of the checks, by check.

    :raises BrokenFacts: for a key or a check that does not belong there.
    """
    import tomllib

    found: dict[str, Mapping[str, Any]] = {}
    for told in tomllib.loads(path.read_text(encoding="utf-8"))["check"]:
        wrong = sorted(set(told) - _KEYS) or sorted({"check", "says"} - set(told))
        if wrong or told["check"] in found:
            message = "a check stands twice" if not wrong else f"a check with or without {', '.join(wrong)}"
            raise BrokenFacts(message, given=told.get("check"), where=path.name)
        found[told["check"]] = told
    return found


def checks_page(path: Path, codeset: Codeset, rules: RuleTable = TABLE) -> str:
    """The page as Markdown: each check with its likely codes, and the rules that answer or why none does.

    :param path: the file with cptkit's words for each check.
    :raises BrokenFacts: for a check that the edition does not know.
    """
    told, answers = read_checks(path), answered_by(codeset, rules)
    lines = ["# The checks", "", *_HEAD, ""]
    rows: list[tuple[str, str, str, str]] = []
    for name, says in told.items():
        denial = codeset.denial(name)
        if denial is None:
            raise BrokenFacts("no such check in the edition", given=name, where=path.name)
        ids = sorted({*answers.get(name, ()), *says.get("rules", ())})
        links = ", ".join(f"[{each}](rules/{each}.md)" for each in ids)
        rest = marked(" ".join(filter(None, (says.get("why", ""), says.get("open", "")))))
        rows.append(
            (f"`{name}`", marked(says["says"]), _codes(denial), ". ".join(filter(None, (links, rest))))
        )
    return "\n".join([*lines, *table(["check", "what it asks", "likely codes", "answered by"], rows)])


_HEAD = (
    "A payer answers a line that it does not pay with a group, a reason and remarks. `facts/denials` has the kinds",
    "of such answers that are known here, each with its codes and its sources; this page says which",
    "[rule](rules.md) looks for each beforehand, or why none does. What a claim line does not carry cannot be",
    "judged: age, sex, diagnosis, authorisation, the day of filing, a plan's benefits and prices. Codes in",
    "brackets were not seen together in a source.",
)


def _codes(denial: Denial) -> str:
    if not denial.carc:
        return "-"
    text = " ".join((f"{denial.group}-{denial.carc}", *denial.rarc))
    return f"({text})" if denial.likely else text
