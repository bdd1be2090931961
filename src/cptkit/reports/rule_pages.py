"""Pages about rules: one a rule, from its docstring, its cases and the facts they cite."""

from collections.abc import Iterable, Iterator

from cptkit.codesets import Codeset
from cptkit.reports.markdown import marked, table, web_link
from cptkit.rules import RuleTable, rule
from cptkit.rules.explaining import Example, Explanation, explained
from cptkit.rules.table import TABLE

__all__ = ["rule_pages"]


def rule_pages(codeset: Codeset, rules: RuleTable = TABLE) -> dict[str, str]:
    """A page as Markdown for each bundled rule, by the names of their files; ``index.md`` lists them.

    A page has what the rule finds and why, what fails, passes, bypasses and cures, where it stops, a claim
    that fails and one that passes, what a payer would likely answer, and the facts and sources that the
    findings of its cases cite.

    :param codeset: where denials and sources are looked up.
    :param rules: another table than that of the bundled rules.

    >>> import cptkit
    >>> pages = rule_pages(cptkit.codeset("2026.1"))
    >>> pages["TIM402.md"].splitlines()[0]
    '# TIM402 code-not-supported-by-time'
    >>> rule_pages(None)
    Traceback (most recent call last):
    ...
    AttributeError: 'NoneType' object has no attribute 'edition'
    """
    told = [explained(rule(row.id, table=rules), codeset) for row in rules.rows]
    pages = {f"{each.row.id}.md": _page(each, codeset) for each in told}
    return {**pages, "index.md": "\n".join(["# All rules", "", *_index(told)])}


def _index(told: Iterable[Explanation]) -> list[str]:
    rows = (
        (f"[{each.row.id}]({each.row.id}.md)", each.row.name, each.what, each.row.status, each.row.since)
        for each in told
    )
    return table(["id", "name", "finds", "status", "since"], rows)


def _page(told: Explanation, codeset: Codeset) -> str:
    row = told.row
    needs = ", ".join(f"`{name}`" for name in row.needs) or "no table"
    lines = [f"# {row.id} {row.name}", "", told.what, ""]
    lines += [line for text in told.why for line in (text, "")]
    lines += [line for label, text in told.parts.items() for line in (f"**{label}**: {text}", "")]
    lines += [f"{row.status.capitalize()}, since {row.since}. Answers from: {needs}.", ""]
    for name, example in (("fails", told.fails), ("passes", told.passes)):
        if example is not None:
            lines += [f"## A claim that {name}", "", *_example(example)]
    if told.denials:
        lines += ["## What a payer would likely answer", ""]
        cells = ((each.check, each.group, each.carc, ", ".join(each.rarc) or "-") for each in told.denials)
        lines += table(["check", "group", "CARC", "RARC"], cells)
        lines += ["[The 51 checks](../checks.md) says what each check is.", ""]
    if told.facts or told.sources:
        lines += ["## What it rests on", "", *_rests_on(told, codeset)]
    return "\n".join(lines).rstrip() + "\n"


def _example(example: Example) -> Iterator[str]:
    yield f"On {example.day}, setting {example.setting}, basis {example.basis}:"
    yield ""
    yield from (f"{number}. `{line}`" for number, line in enumerate(example.lines, start=1))
    yield ""
    if example.given:
        yield "With:"
        yield ""
        yield from (f"- `{row}`" for row in example.given)
        yield ""
    for message in example.says:
        yield f"> {marked(message)}"
        yield ""


def _rests_on(told: Explanation, codeset: Codeset) -> Iterator[str]:
    yield (
        f"The findings of the rule's cases cite these facts and sources (edition {codeset.edition}); a finding "
        "of a check cites its own."
    )
    yield ""
    if told.facts:
        yield f"Facts: {', '.join(f'`{fact}`' for fact in told.facts)}."
        yield ""
    yield from (f"- {marked(each.key)} ({each.grade}): {web_link(each.where)}" for each in told.sources)
