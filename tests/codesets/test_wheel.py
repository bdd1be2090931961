"""Private wheels, and editions that installed packages offer through the entry point."""

import base64
import hashlib
import importlib.util
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

import cptkit
from cptkit import Catalog
from cptkit.cli import main
from cptkit.codesets import Codeset, lookup
from cptkit.codesets.build.own import build_edition, write_edition
from cptkit.codesets.files import MANIFEST
from cptkit.codesets.lockfile import write_lock
from cptkit.codesets.wheel import write_wheel
from cptkit.errors import BrokenEdition, LockMismatch, UnknownEdition

EVIDENCE = "OWN\tverified\t2026-11-01\n"
END = "sources\tconfidence\tchecked\n"


@pytest.fixture
def edition(tmp_path):
    """The folder of 2026.1+acme: 2026.1 with one local code more."""
    tables = tmp_path / "tables"
    tables.mkdir()
    (tables / "codes.tsv").write_text(f"code\tlabel\tfamily\t{END}W9901\tlocal session\tlocal\t{EVIDENCE}")
    (tables / "code-history.tsv").write_text(f"code\tfrom\t{END}W9901\t2024-01-01\t{EVIDENCE}")
    (tables / "sources.tsv").write_text("key\tgrade\twhere\nOWN\tB\tthe contract of 2026\n")
    return write_edition(build_edition(tables, "2026.1+acme", extends="2026.1"), tmp_path / "editions")


# ---- the file ------------------------------------------------------------------------------


def test_a_wheel_holds_the_edition_the_entry_point_and_a_right_record(edition, tmp_path):
    made = write_wheel(edition, tmp_path / "dist", name="Acme.CPT")
    assert made.name == "acme_cpt-2026.1+acme-py3-none-any.whl"
    with zipfile.ZipFile(made) as wheel:
        files = {name: wheel.read(name) for name in wheel.namelist()}
    home = "acme_cpt-2026.1+acme.dist-info"
    for path in edition.iterdir():
        assert files.pop(f"acme_cpt/2026.1+acme/{path.name}") == path.read_bytes()
    assert sorted(files) == [
        *(f"{home}/{name}" for name in ("METADATA", "PRIVATE.txt", "RECORD", "WHEEL", "entry_points.txt")),
        "acme_cpt/__init__.py",
    ]
    assert files[f"{home}/entry_points.txt"] == b"[cptkit.editions]\nacme_cpt = acme_cpt\n"
    metadata = files[f"{home}/METADATA"].decode()
    assert "\nName: Acme.CPT\nVersion: 2026.1+acme\n" in metadata
    assert "\nLicense: private\nClassifier: Private :: Do Not Upload\n" in metadata
    assert "\nRequires-Dist: cptkit\n" in metadata
    with zipfile.ZipFile(made) as wheel:
        recorded = dict(line.split(",", 1) for line in files[f"{home}/RECORD"].decode().splitlines())
        assert set(recorded) == set(wheel.namelist())
        assert recorded.pop(f"{home}/RECORD") == ","
        for name, entry in recorded.items():
            data = wheel.read(name)
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            assert entry == f"sha256={digest},{len(data)}"


def test_the_same_edition_gives_the_same_bytes(edition, tmp_path):
    one = write_wheel(edition, tmp_path / "one", name="acme-cpt")
    for path in edition.iterdir():
        os.utime(path, (0, 0))
    assert write_wheel(edition, tmp_path / "two", name="acme-cpt").read_bytes() == one.read_bytes()
    assert write_wheel(edition.parent, tmp_path / "three", name="acme-cpt").read_bytes() == one.read_bytes()
    assert write_wheel(edition, tmp_path / "one", name="acme-cpt").read_bytes() == one.read_bytes()
    assert [path.name for path in (tmp_path / "one").iterdir()] == [one.name]


def test_a_version_of_ones_own_and_several_editions(edition, tmp_path):
    write_edition(build_edition(tmp_path / "tables", "2025.2+acme-b"), edition.parent)
    made = write_wheel(edition.parent, tmp_path / "dist", name="9cpt", version="3.1")
    assert made.name == "editions_9cpt-3.1-py3-none-any.whl"
    with zipfile.ZipFile(made) as wheel:
        folders = {name.split("/")[1] for name in wheel.namelist() if name.endswith(MANIFEST)}
    assert folders == {"2025.2+acme-b", "2026.1+acme"}
    only = write_wheel(edition.parent / "2025.2+acme-b", tmp_path / "dist", name="acme-cpt")
    assert only.name == "acme_cpt-2025.2+acme.b-py3-none-any.whl"


def test_what_is_not_whole_is_not_wrapped(edition, tmp_path):
    path = edition / "codes.tsv"
    path.write_bytes(path.read_bytes().replace(b"local session", b"local sessioN"))
    with pytest.raises(BrokenEdition, match=r"2026\.1\+acme/codes\.tsv: was changed"):
        write_wheel(edition, tmp_path / "dist", name="acme-cpt")
    assert not (tmp_path / "dist").exists()


def test_a_folder_of_another_name_and_a_folder_without_editions(edition, tmp_path):
    edition.rename(tmp_path / "2026.2+acme")
    with pytest.raises(BrokenEdition, match=r"holds the edition 2026\.1\+acme: name it so"):
        write_wheel(tmp_path / "2026.2+acme", tmp_path / "dist", name="acme-cpt")
    with pytest.raises(BrokenEdition, match="no edition is here"):
        write_wheel(tmp_path / "tables", tmp_path / "dist", name="acme-cpt")


@pytest.mark.parametrize("name", ["", "-acme", "acme cpt", "../acme"])
def test_a_name_that_pip_would_not_take(edition, tmp_path, name):
    with pytest.raises(ValueError, match="not a name of a package"):
        write_wheel(edition, tmp_path / "dist", name=name)


def test_the_command(edition, tmp_path, capsys):
    arguments = ["codeset", "wheel", str(edition), "--into", str(tmp_path / "dist"), "--name"]
    assert main([*arguments, "acme-cpt"]) == 0
    assert "acme_cpt-2026.1+acme-py3-none-any.whl" in capsys.readouterr().out.replace("\n", "")
    assert main([*arguments, "acme cpt"]) == 2
    assert main([*arguments, "acme-cpt", "--version", "new"]) == 2
    (edition / "addons.tsv").unlink()
    assert main([*arguments, "acme-cpt"]) == 1
    assert "addons.tsv: cannot be read" in capsys.readouterr().err


# ---- installed -----------------------------------------------------------------------------

PROGRAM = """
import sys
import cptkit
from cptkit.codesets.lookup import installed_editions

digest = sys.argv[1]
found = cptkit.codeset("2026.1+acme", digest=digest)
print(found["W9901"].label, "90834" in found, cptkit.codeset("2026").edition)
print([(each.name, each.package) for each in installed_editions()])
print([pin.name for pin in cptkit.Catalog.from_lock(sys.argv[2]).pins])
try:
    cptkit.codeset("2026.1+acme", digest="sha256:0")
except cptkit.CptkitError as error:
    print(type(error).__name__)
"""


def test_a_wheel_is_installed_into_a_fresh_environment_pinned_and_asked(edition, tmp_path):
    made = write_wheel(edition, tmp_path / "dist", name="acme-cpt")
    home = tmp_path / "fresh"
    has_pip = importlib.util.find_spec("pip") is not None
    venv.create(home, with_pip=not has_pip)
    python = home / ("Scripts" if os.name == "nt" else "bin") / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python)] if has_pip else [str(python), "-m", "pip"]
    subprocess.run(
        [*pip, "install", "--quiet", "--no-index", "--no-deps", "--disable-pip-version-check", str(made)],
        check=True,
        capture_output=True,
    )
    lock = tmp_path / "cptkit.lock"
    write_lock(Catalog.from_editions(Codeset.from_folder(edition)), lock)
    # cptkit and what it needs come from here; the private package comes from the new environment
    paths = [str(Path(cptkit.__file__).parents[1]), sysconfig.get_path("purelib")]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths)}
    digest = Codeset.from_folder(edition).digest

    def asked(*arguments):
        return subprocess.run(
            [str(python), *arguments],
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )

    done = asked("-c", PROGRAM, digest, str(lock))
    assert done.stdout.splitlines() == [
        "local session True 2026.1",
        "[('2026.1+acme', 'acme-cpt')]",
        "['2026.1+acme']",
        "DigestMismatch",
    ], done.stderr
    shown = asked("-m", "cptkit", "edition", "list").stdout
    assert "2026.1+acme  up to 2026-12-31" in shown
    assert "from acme-cpt" in shown
    assert asked("-m", "cptkit", "code", "W9901", "--edition", "2026.1+acme").returncode == 0
    assert asked("-m", "cptkit", "edition", "verify", "2026.1+acme").returncode == 0
    (installed,) = home.rglob("acme_cpt/2026.1+acme/codes.tsv")
    installed.write_bytes(installed.read_bytes().replace(b"local session", b"local sessioN"))
    assert asked("-m", "cptkit", "edition", "verify", "2026.1+acme").returncode == 1
    assert asked("-m", "cptkit", "lock", str(lock), "--check").returncode == 1


# ---- entry points --------------------------------------------------------------------------


@pytest.fixture
def packages(tmp_path, monkeypatch):
    """A place for installed packages, first on the path: name, the module's text, editions."""
    place = tmp_path / "packages"
    place.mkdir()
    monkeypatch.syspath_prepend(str(place))

    def install(name, *editions, text="", value=None):
        (place / name).mkdir()
        (place / name / "__init__.py").write_text(text)
        for folder in editions:
            (place / name / folder.name).symlink_to(folder, target_is_directory=True)
        info = place / f"{name}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[{lookup.GROUP}]\n{name}-editions = {value or name}\n")
        importlib.invalidate_caches()

    yield install
    for name in list(sys.modules):
        if name.startswith("offer_"):
            del sys.modules[name]


def test_an_installed_edition_is_found_by_its_whole_name_only(packages, edition):
    packages("offer_one", edition)
    assert cptkit.codeset("2026.1+acme")["W9901"].family == "local"
    assert cptkit.codeset("2026.1+acme") is cptkit.codeset("2026.1+acme")
    assert cptkit.codeset("2026").edition == "2026.1"
    assert "2026.1+acme" not in {pin.name for pin in Catalog.bundled().pins}
    assert [pin.name for pin in Catalog.from_editions("2025.1", "2026.1+acme").pins] == [
        "2025.1",
        "2026.1+acme",
    ]
    with pytest.raises(UnknownEdition, match="2026 is there twice"):
        Catalog.from_editions("2026.1", "2026.1+acme")
    with pytest.raises(UnknownEdition) as caught:
        cptkit.codeset("2026.1+acmee")
    assert "2026.1+acme" in caught.value.near
    assert "2026.1+acme" in caught.value.expected
    assert "cptkit codeset --help" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "value", "reason"),
    [
        ("", "offer_nothing", "ModuleNotFoundError: No module named 'offer_nothing'"),
        ("raise RuntimeError('no licence here')", None, "RuntimeError: no licence here"),
        ("1 +", None, "SyntaxError"),
        ("", None, "holds no edition"),
    ],
)
def test_a_broken_entry_point_is_named_and_hides_no_others(packages, edition, text, value, reason, capsys):
    packages("offer_broken", text=text, value=value)
    packages("offer_whole", edition)
    assert cptkit.codeset("2026.1+acme")["W9901"]
    with pytest.raises(UnknownEdition) as caught:
        cptkit.codeset("2031.1")
    assert "the entry point offer_broken-editions of offer_broken cannot be read" in str(caught.value)
    assert reason in str(caught.value)
    assert "2026.1+acme" in str(caught.value)
    assert main(["edition", "list"]) == 1
    captured = capsys.readouterr()
    assert "2026.1+acme  up to 2026-12-31" in captured.out
    assert reason in captured.err
    assert main(["edition", "verify"]) == 1
    assert "2026.1+acme  ok" in capsys.readouterr().out


def test_two_packages_with_one_edition_are_both_named(packages, edition):
    packages("offer_a", edition)
    packages("offer_b", edition)
    with pytest.raises(BrokenEdition, match=r"two packages offer this edition.*offer_a, offer_b"):
        cptkit.codeset("2026.1+acme")


def test_a_bundled_name_is_never_taken_from_a_package(packages, small_folder):
    packages("offer_other", small_folder)
    assert cptkit.codeset("2026.1").digest != Codeset.from_folder(small_folder).digest
    assert lookup.installed_editions() == ()


def test_a_folder_that_holds_another_edition_is_refused(packages, edition, tmp_path):
    edition.rename(tmp_path / "2026.7+acme")
    packages("offer_wrong", tmp_path / "2026.7+acme")
    with pytest.raises(BrokenEdition, match=r"the folder 2026\.7\+acme holds the edition 2026\.1\+acme"):
        cptkit.codeset("2026.7+acme")
    assert main(["edition", "list"]) == 1


def test_a_lock_names_an_installed_edition_and_misses_it_when_it_is_gone(packages, edition, tmp_path):
    lock = tmp_path / "cptkit.lock"
    write_lock(Catalog.from_editions(Codeset.from_folder(edition), "2025.1"), lock)
    with pytest.raises(LockMismatch, match=r"no such edition: '2026\.1\+acme'"):
        Catalog.from_lock(lock)
    packages("offer_late", edition)
    assert [pin.name for pin in Catalog.from_lock(lock).pins] == ["2025.1", "2026.1+acme"]


@pytest.mark.parametrize(
    ("names", "ordered"),
    [
        (["2026.10", "2026.9", "2026.9+b", "2026.9+a"], ["2026.9", "2026.9+a", "2026.9+b", "2026.10"]),
        (["2026.1+acme", "mine", "2025.1"], ["mine", "2025.1", "2026.1+acme"]),
    ],
)
def test_the_order_of_names(names, ordered):
    assert sorted(names, key=lookup.edition_order) == ordered


@pytest.mark.parametrize("name", ["cptkit", "attrs", "json", "class"])
def test_a_wheel_stands_in_nobody_s_place(name, tmp_path):
    with pytest.raises(ValueError, match="take a name of your own"):
        write_wheel(tmp_path, tmp_path / "dist", name=name)
