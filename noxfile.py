"""Everything that is run on cptkit: `pip install nox && nox -s tests` is the whole test suite.

`nox -l` lists the sessions. Arguments after `--` go to the tool: `nox -s tests -- -k crisis`.
Tools are pinned in constraints/; an environment has what its session needs and nothing else.
"""

import functools
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import nox

ROOT = Path(__file__).parent
PYPROJECT = nox.project.load_toml(ROOT / "pyproject.toml")
SUPPORTED = ("3.11", "3.12", "3.13", "3.14")
FULLY_TESTED = "*/cptkit/timerule/*,*/cptkit/edits/*,*/cptkit/rules/*"
NOT_EXHAUSTIVE = ["-m", "not exhaustive and not large"]
NOT_LARGE = ["-m", "not large"]
ON_ALL_PROCESSORS = ["-n", "auto"]
MUTATION_BAR = 95  # per cent of the mutants that the tests must notice

nox.options.default_venv_backend = "virtualenv"
nox.options.sessions = ["tests", "lint", "types", "docs"]


def candidates(version: str) -> Iterator[Path]:
    """Files that may be that Python: on PATH, in pyenv, and the one that runs nox."""
    name = f"python{version}"
    for folder in os.environ.get("PATH", os.defpath).split(os.pathsep):
        yield Path(folder or ".") / name
    pyenv = os.environ.get("PYENV_ROOT")
    if pyenv is None and shutil.which("pyenv"):
        answer = subprocess.run(["pyenv", "root"], capture_output=True, text=True, check=False)  # noqa: S607 - on PATH
        pyenv = answer.stdout.strip() or None
    root = Path(pyenv) if pyenv else Path.home() / ".pyenv"
    yield from sorted(root.glob(f"versions/{version}*/bin/{name}"), reverse=True)
    base = Path(getattr(sys, "_base_executable", sys.executable))
    yield from (base, base.with_name(name))


def runs(python: Path, version: str) -> bool:
    """Whether the file is that Python and starts: a shim may exist for one that cannot run."""
    if not os.access(python, os.X_OK) or python.is_dir():
        return False
    asked = [str(python), "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
    try:
        answer = subprocess.run(asked, capture_output=True, text=True, check=False, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0 and answer.stdout.strip() == version


@functools.cache
def pythons() -> dict[str, Path]:
    """The supported Pythons that are here, oldest first."""
    found = {}
    for version in SUPPORTED:
        for python in candidates(version):
            if runs(python, version):
                found[version] = python
                # nox looks on PATH alone and would take a shim that cannot run.
                first = shutil.which(f"python{version}")
                if first is None or not runs(Path(first), version):
                    os.environ["PATH"] = os.pathsep.join([str(python.parent), os.environ.get("PATH", "")])
                break
    return found


PYTHONS = list(pythons())
OLDEST = PYTHONS[0] if PYTHONS else None
SKIPPED = [version for version in SUPPORTED if version not in PYTHONS]


def install(session: nox.Session, group: str, *what: str) -> None:
    """Install a group of tools at their pinned versions, and what is worked on."""
    tools = nox.project.dependency_groups(PYPROJECT, group)
    session.install("-c", f"constraints/{group}.txt", *tools, *what)


def wheel(session: nox.Session, folder: Path) -> Path:
    """Build the wheel into an empty folder; the session has `build`."""
    shutil.rmtree(folder, ignore_errors=True)
    session.run("python", "-m", "build", "--wheel", "--outdir", str(folder), silent=True)
    (built,) = folder.glob("*.whl")
    return built


def say_pythons(session: nox.Session) -> None:
    """Tell in the log which Pythons the suite runs on, and which are missing here."""
    session.log(
        f"Pythons used: {', '.join(PYTHONS)}; skipped, not found here: {', '.join(SKIPPED) or 'none'}"
    )


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """Every test and doctest on each Python that is here; on the oldest of them with branch coverage.

    Tests of real tables (CPTKIT_REAL_DATA) and exhaustive ones run on the newest of them alone: they take
    minutes, and arithmetic is the same on each.
    """
    say_pythons(session)
    part = NOT_LARGE
    if session.python != PYTHONS[-1]:
        session.env["CPTKIT_REAL_DATA"] = ""
        part = NOT_EXHAUSTIVE
    install(session, "test", "-e", ".[cli]")
    measured = session.python == OLDEST and not session.posargs
    session.env["COVERAGE_FILE"] = str(Path(session.create_tmp()) / "coverage")
    coverage = ["--cov", "--cov-report="] if measured else []
    session.run("pytest", *coverage, *ON_ALL_PROCESSORS, *part, *session.posargs)
    if measured:
        session.run("coverage", "report", "--include", FULLY_TESTED, "--fail-under=100", "--skip-covered")


@nox.session(python=OLDEST)
def equal(session: nox.Session) -> None:
    """Tables against claims by every rule, on more than a million encounters: takes some twenty minutes.

    `-- 24000` draws so many for each of six cases, two bases by three ways of naming clinicians.
    """
    install(session, "test", "-e", ".[cli]")
    drawn = session.posargs[0] if session.posargs else "204000"
    many = ["-m", "large", "tests/frames/test_equal.py", "-k", "test_many"]
    session.run("pytest", "-q", *ON_ALL_PROCESSORS, *many, env={"CPTKIT_DRAWN": drawn})


@nox.session(python=OLDEST)
def lowest(session: nox.Session) -> None:
    """The suite on the oldest dependencies that pyproject.toml admits, without the compiled part."""
    tools = nox.project.dependency_groups(PYPROJECT, "test")
    session.install("-c", "constraints/lowest.txt", *tools, "-e", ".[cli]")
    session.run(
        "pytest",
        "-q",
        *ON_ALL_PROCESSORS,
        *NOT_EXHAUSTIVE,
        *session.posargs,
        env={"CPTKIT_REAL_DATA": "", "CPTKIT_KERNEL": "off"},
    )


@nox.session(python=OLDEST)
def lint(session: nox.Session) -> None:
    """Style, layers of imports, and the laws of the repository (file lengths, names, reasons)."""
    install(session, "lint")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("lint-imports", "--no-cache", env={"PYTHONPATH": "src"})
    session.run("pytest", "-q", "--noconftest", "-o", "addopts=", "tests/project/test_laws.py")


@nox.session(python=OLDEST)
def types(session: nox.Session) -> None:
    """Strict mypy and strict pyright; 100 % type completeness of the installed wheel."""
    install(session, "types")
    built = wheel(session, Path(session.create_tmp()) / "wheel")
    session.install("-c", "constraints/types.txt", f"{built}[cli]")
    session.install("--force-reinstall", "--no-deps", str(built))  # the version may not have changed
    session.run("mypy")
    session.run("pyright")
    # Away from the sources, so that pyright sees what a user installs.
    with session.chdir(session.create_tmp()):
        session.run("pyright", "--verifytypes", "cptkit", "--ignoreexternal")


@nox.session(python=OLDEST)
def docs(session: nox.Session) -> None:
    """The documentation, warnings as errors; then every example in it and in the README is run."""
    install(session, "docs", "-e", ".[cli]")
    session.run("sphinx-build", "-W", "-n", "--keep-going", "-q", "-b", "html", "docs", "docs/_build/html")
    install(session, "test")
    session.run("pytest", "-q", "tests/project/test_documents.py")


@nox.session(python=OLDEST)
def editions(session: nox.Session) -> None:
    """Compile facts/ into the bundled editions; `-- --check` only compares and writes nothing."""
    session.install("-c", "constraints/test.txt", "-e", ".")
    session.run(
        "python", "-m", "cptkit.codesets.build", *session.posargs, "facts", "src/cptkit/data", "editions.lock"
    )


@nox.session(python=False)
def new_rule(session: nox.Session) -> None:
    """A rule to fill in: `-- COD199 what-was-found` writes its file, row, cases and line of the changelog."""
    session.run(sys.executable, "tools/new_rule.py", *session.posargs)


@nox.session(python=OLDEST)
def bench(session: nox.Session) -> None:
    """The speed bars, each beside its baseline in the same run; without arguments those of tables too."""
    if not session.posargs:
        session.notify("bench_tables")
    # not editable: an installed package has its bytecode, and that is what a user starts
    install(session, "bench", ".[cli]")
    session.run("pytest", "-o", "addopts=--import-mode=importlib", "benchmarks", *session.posargs)


@nox.session(python=OLDEST)
def bench_tables(session: nox.Session) -> None:
    """Tables of ten million claim lines beside SQL: paired runs, the same findings. Some 20 minutes.

    `-- --lines 0.5 --runs 1` is a short form.
    """
    install(session, "bench", ".[cli,frames]")
    asked = session.posargs or ["--runs", "3"]
    session.run("python", "benchmarks/frames/run.py", session.create_tmp(), *asked)


@nox.session(python=next((version for version in PYTHONS if version != "3.11"), OLDEST))
def oracle(session: nox.Session) -> None:
    """Pairs and add-ons beside those of another package; needs real tables and Python 3.12 or newer."""
    if session.python == "3.11" or not os.environ.get("CPTKIT_REAL_DATA"):
        session.skip("needs Python 3.12 or newer, and CPTKIT_REAL_DATA, which names a folder of real tables")
    tools = nox.project.dependency_groups(PYPROJECT, "test")
    session.install("-c", "constraints/oracle.txt", *tools, "pyoce", "-e", ".")
    session.run("pytest", "-q", "tests/edits/real/test_oracle.py", *session.posargs)


@nox.session(python=OLDEST)
def spark(session: nox.Session) -> None:
    """Tables of claims within Spark, in one process: the same findings as without it. Needs Java 17 or newer.

    About a minute; `-- -k same` is the comparison alone.
    """
    if not (shutil.which("java") or os.environ.get("JAVA_HOME")):
        session.skip("needs Java 17 or newer, which runs Spark")
    session.install("-c", "constraints/spark.txt", "hypothesis", "pytest", "-e", ".[spark]")
    python = str(Path(session.bin, "python"))
    tests = ("tests/frames/test_partitions.py", "tests/frames/test_spark.py", "src/cptkit/frames/spark.py")
    session.run("pytest", "-q", *tests, *session.posargs, env={"PYSPARK_PYTHON": python})


@nox.session(python=OLDEST)
def first_run(session: nox.Session) -> None:
    """The README's first command, as a newcomer runs it: a new environment and the built wheel."""
    session.install("-c", "constraints/types.txt", "build")
    folder = Path(session.create_tmp()).resolve()
    built = wheel(session, folder / "wheel")
    shutil.rmtree(folder / "venv", ignore_errors=True)
    session.run(
        "virtualenv", "--quiet", str(folder / "venv"), "--python", session.bin + "/python", external=True
    )
    bin_folder = folder / "venv" / ("Scripts" if os.name == "nt" else "bin")
    session.run(str(bin_folder / "python"), "-m", "pip", "install", "-q", f"{built}[cli]", external=True)
    # Away from the sources; 1 is the exit status for "findings".
    shutil.copy(ROOT / "examples" / "clinic-week.csv", folder)
    with session.chdir(folder):
        cptkit = str(bin_folder / "cptkit")
        shown = (
            session.run(cptkit, "check", "clinic-week.csv", external=True, success_codes=[1], silent=True)
            or ""
        )
        text = session.run(
            cptkit,
            "check",
            "clinic-week.csv",
            "--format",
            "json",
            external=True,
            success_codes=[1],
            silent=True,
        )
    session.log(shown)
    if "rows read" not in shown:
        session.error("the report of the clinic week has no summary of the rows read")
    report = json.loads(text or "{}")
    missing = {"format", "pins", "findings", "not_checked", "summary"} - set(report)
    if missing or not report["findings"]:
        session.error(f"the JSON report lacks {', '.join(sorted(missing)) or 'findings'}")
    files = [file for file in folder.glob("venv/lib/*/site-packages/cptkit/**/*") if file.is_file()]
    size = sum(file.stat().st_size for file in files if file.suffix != ".pyc")
    whole = sum(file.stat().st_size for file in files)
    session.log(
        f"installed size: {size / 1e6:.2f} MB without dependencies, "
        f"{whole / 1e6:.2f} MB with the byte code that Python keeps beside it"
    )
    if size >= 5e6:
        session.error("the installed size is over 5 MB")


@nox.session(python=OLDEST)
def mutation(session: nox.Session) -> None:
    """Change the code of timerule, edits and rules bit by bit; the tests must notice 95 % of it. Long.

    A part by name: `-- "cptkit.rules.cod*"`. What has no mutants at all is listed, and may be no rule.
    """
    # cptkit itself is not installed: mutmut puts its changed copy of src/ first on the path.
    install(session, "mutation", *PYPROJECT["project"]["dependencies"])
    if not session.posargs:
        shutil.rmtree(ROOT / "mutants", ignore_errors=True)
    session.run("mutmut", "run", *session.posargs)
    folders = (f"src/cptkit/{name}" for name in ("timerule", "edits", "rules"))
    session.run("python", "tools/mutated.py", "mutants", *folders)
    session.run("mutmut", "results")
    session.run("mutmut", "export-cicd-stats")
    stats = json.loads((ROOT / "mutants" / "mutmut-cicd-stats.json").read_text())
    noticed = stats["killed"] + stats["timeout"]
    judged = noticed + stats["survived"] + stats["no_tests"] + stats["suspicious"]
    if not judged:
        session.error("no mutant was judged")
    score = 100 * noticed / judged
    session.log(f"mutation score {score:.1f} %: {noticed} of {judged} mutants noticed")
    if score < MUTATION_BAR:
        session.error(f"the mutation score is under {MUTATION_BAR} %")
