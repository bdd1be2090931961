"""A new rule: its file, its row, its cases and its line of the changelog, to be filled in.

``nox -s new_rule -- COD199 what-was-found``, or ``python tools/new_rule.py COD199 what-was-found``. The tests
fail where ``(fill in)`` is left.
"""

import re
import sys
from pathlib import Path

FILL_IN = "(fill in)"
ROOT = Path(__file__).parents[1]
YEARS = range(2021, 2027)

MODULE = '''"""{fill}: what was found, in a sentence.

{fill}: why it matters, and what it rests on.

**Fails**: {fill}.

**Passes**: {fill}.

**Cure**: {fill}.

**Limits**: {fill}.
"""

from collections.abc import Iterator

from cptkit.claims import Encounter
from cptkit.rules.context import Context
from cptkit.rules.findings import Finding

RULE = ("{id}", "{name}")


def check(encounter: Encounter, context: Context) -> Iterator[Finding]:  # noqa: ARG001  {fill}
    """One finding for every line that {fill}."""
    yield from ()
'''

CASES = """# What a case may say stands at the head of cptkit.testing.rule_cases.

[[case]]
id = "first-and-last-days"
why = "On every first and last day of a coding year: {fill}."
dates = [{days}]
lines = [{{ code = "W9901" }}]
findings = [{{ says = ["{fill}"], fixes = ["ask 1"] }}]

[[case]]
id = "no-edition"
why = "Not judged without an edition."
dates = [{before}-12-30, {before}-12-31, {after}-01-01, {after}-01-02]
lines = [{{ code = "W9901" }}]
not_checked = [{{ rule = "ALL", says = ["no edition"] }}]

[[case]]
id = "clean"
why = "{fill}."
date = {last}-03-02
lines = [{{ code = "W9901" }}]
"""


def new_rule(rule_id: str, name: str, root: Path = ROOT) -> list[str]:
    """Write what a new rule consists of; the names of the files that were written or changed.

    :raises ValueError: for an id or name that is taken, or is none.
    """
    if not re.fullmatch(r"[A-Z]{3}\d{3}", rule_id):
        raise ValueError(f"{rule_id!r} is no id: three letters and three digits, such as COD199")
    if not re.fullmatch(r"[a-z]+(-[a-z]+)+", name):
        raise ValueError(f"{name!r} is no name: small words with hyphens that say what was found")
    table = root / "src/cptkit/rules/table.py"
    rows = table.read_text(encoding="utf-8")
    taken = re.findall(r'"([A-Z]{3}\d{3}|[a-z]+(?:-[a-z]+)+)"', rows)
    for text in (rule_id, name):
        if text in taken:
            raise ValueError(f"{text} is taken: ids and names never change their meaning")
    family, stem = rule_id[:3].lower(), f"{rule_id.lower()}_{name.replace('-', '_')}"
    changelog = root / "CHANGELOG.md"
    texts = {
        root / f"src/cptkit/rules/{family}/{stem}.py": MODULE.format(id=rule_id, name=name, fill=FILL_IN),
        root / f"tests/rules/cases/{rule_id}.toml": _cases(),
        table: _with_row(rows, rule_id, f'"{name}", "{family}.{stem}", ()'),
        changelog: _with_line(changelog.read_text(encoding="utf-8"), f"- {FILL_IN} ({rule_id})."),
    }
    package = root / f"src/cptkit/rules/{family}/__init__.py"
    if not package.exists():
        texts[package] = f'"""Rules about {FILL_IN}."""\n'
    for path, text in texts.items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return sorted(path.relative_to(root).as_posix() for path in texts)


def _cases() -> str:
    days = ", ".join(f"{year}-01-01, {year}-12-31" for year in YEARS)
    around = {"before": YEARS[0] - 1, "after": YEARS[-1] + 1, "last": YEARS[-1]}
    return CASES.format(fill=FILL_IN, days=days, **around)


def _with_row(table: str, rule_id: str, rest: str) -> str:
    """The table with a row more, in the order of the ids."""
    row = f'    RuleRow("{rule_id}", {rest}),\n'
    if len(row) > 111:  # as the formatter would break it
        row = f'    RuleRow(\n        "{rule_id}", {rest}\n    ),\n'
    start = table.index("RULES: tuple[RuleRow, ...] = (")
    for hit in re.finditer(r'^    RuleRow\(\s*"(?P<id>[A-Z]{3}\d{3})"', table[start:], flags=re.MULTILINE):
        if hit["id"] > rule_id:
            return table[: start + hit.start()] + row + table[start + hit.start() :]
    end = table.index("\n)\n", start) + 1
    return table[:end] + row + table[end:]


def _with_line(changelog: str, line: str) -> str:
    """The changelog with a line at the end of the stream about code."""
    stream, data, rest = changelog.partition("\n## Data\n")
    return f"{stream.rstrip()}\n{line}\n{data}{rest}"


def main(arguments: list[str]) -> int:
    """Write the files and name them; 2 when the arguments are wrong."""
    try:
        rule_id, name = arguments
        written = new_rule(rule_id, name)
    except ValueError as error:
        wrong = error if len(arguments) == 2 else "give an id and a name: COD199 what-was-found"
        print(wrong, file=sys.stderr)
        return 2
    print("\n".join(written))
    print(f"Fill in what says {FILL_IN}; then: nox -s tests -- tests/rules")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
