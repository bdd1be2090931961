"""Which functions the mutation tool left alone: `python tools/mutated.py mutants src/cptkit/rules ...`.

A mutation tool makes no mutants of decorated functions, and says nothing of it. This lists the functions of
folders of which it made none. The exit status is 1 where a rule was not judged: its `check` has no mutant, or a
function of its file is decorated.
"""

import ast
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

RULE_FILE = re.compile(r"[a-z]{3}\d{3}_\w+\.py")
SEPARATOR = "ǁ"  # the tool's own, between a class and its method


def functions(file: Path) -> Iterator[tuple[str, ast.FunctionDef]]:
    """The functions and methods of a file by the tool's names, those within others left out."""
    for node in ast.parse(file.read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef):
            yield f"x_{node.name}", node
        elif isinstance(node, ast.ClassDef):
            for each in node.body:
                if isinstance(each, ast.FunctionDef):
                    yield f"x{SEPARATOR}{node.name}{SEPARATOR}{each.name}", each


def mutants(made: Path, file: Path) -> dict[str, int]:
    """How many mutants of each function of a file there are."""
    record = made / f"{file}.meta"
    found: dict[str, int] = {}
    if record.exists():
        for name in json.loads(record.read_text("utf-8"))["exit_code_by_key"]:
            function = name.rpartition("__mutmut_")[0].rpartition(".")[2]
            found[function] = found.get(function, 0) + 1
    return found


def main(arguments: list[str]) -> int:
    """Print what was mutated and what was not; 1 where a rule was not."""
    made, *folders = map(Path, arguments)
    number = of_functions = 0
    decorated: list[str] = []
    plain: list[str] = []
    unjudged: list[str] = []
    rules = 0
    for file in sorted(each for folder in folders for each in folder.rglob("*.py")):
        found = mutants(made, file)
        is_rule = RULE_FILE.fullmatch(file.name) is not None
        rules += is_rule
        for name, node in functions(file):
            place = f"{file}: {node.name}"
            if found.get(name):
                number, of_functions = number + found[name], of_functions + 1
            elif is_rule and (node.decorator_list or node.name == "check"):
                unjudged.append(place)
            else:
                (decorated if node.decorator_list else plain).append(place)
    print(f"{number} mutants of {of_functions} functions; {rules} files of rules")
    print(f"{len(decorated)} decorated ones have none:", *decorated, sep="\n  ")
    print(f"{len(plain)} others have nothing that could be changed:", *plain, sep="\n  ")
    if unjudged:
        print("rules that were not judged:", *unjudged, sep="\n  ", file=sys.stderr)
    return bool(unjudged)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
