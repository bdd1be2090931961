"""A private wheel: editions of one's own as a package that pip installs and cptkit finds.

The wheel holds one package with a folder for each edition, whole in itself, and the entry point that
names it (group ``cptkit.editions``). The same folders always give the same bytes.
"""

import base64
import hashlib
import keyword
import re
import sys
import zipfile
from io import BytesIO
from pathlib import Path

from cptkit.codesets.build.verify import verify_folder
from cptkit.codesets.files import MANIFEST, read_edition
from cptkit.codesets.lookup import GROUP, edition_order, edition_parts
from cptkit.codesets.write import put_file
from cptkit.errors import BrokenEdition

__all__ = ["write_wheel"]

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_VERSION = re.compile(r"\d+(?:\.\d+)*(?:\+[a-z0-9]+(?:\.[a-z0-9]+)*)?")
_TAKEN = frozenset({"attr", "attrs", "cattr", "cattrs", "click", "cptkit", "importlib_resources", "rich"})
_NOTE = """\
Private: not for distribution.

This package holds code set data of whoever made it. What it holds of a licensed code set is covered
by that licence. Do not publish it and do not put it on a public index.
"""


def write_wheel(folder: Path | str, into: Path | str, *, name: str, version: str | None = None) -> Path:
    """Wrap an edition, or every edition in a folder, as a private wheel; the file that was made.

    :param folder: an edition, or a folder that holds one folder for each edition.
    :param name: the name of the package for pip, such as ``acme-cpt``.
    :param version: by default the name of the newest edition.
    :raises BrokenEdition: when there is no edition, or one of them has a problem; all are named.
    :raises ValueError: for a name or version that pip would not take.
    :raises OSError: when it cannot be written.

    >>> import tempfile
    >>> from cptkit.codesets.build.own import build_edition, write_edition
    >>> with tempfile.TemporaryDirectory() as home:
    ...     edition = write_edition(build_edition(home, "2026.1+acme"), home)
    ...     print(write_wheel(edition, Path(home, "dist"), name="acme-cpt").name)
    acme_cpt-2026.1+acme-py3-none-any.whl
    >>> write_wheel("no-such-folder", "dist", name="acme-cpt")
    Traceback (most recent call last):
    ...
    cptkit.errors.BrokenEdition: no edition is here; expected a folder with a manifest.json...
    """
    if not _NAME.fullmatch(name):
        raise ValueError(f"not a name of a package: {name!r}; expected letters, digits and hyphens: acme-cpt")
    module = re.sub(r"[-_.]+", "_", name).lower()
    if module[0].isdigit():
        module = f"editions_{module}"
    if module in sys.stdlib_module_names or keyword.iskeyword(module) or module in _TAKEN:
        raise ValueError(
            f"a wheel named {name} would stand in another package's place: take a name of your own"
        )
    folders = _editions(Path(folder))
    newest = max((found.name for found in folders), key=edition_order)
    chosen = version or newest.replace("-", ".")
    if not _VERSION.fullmatch(chosen):
        raise ValueError(f"not a version: {chosen!r}; expected numbers with points: 2026.1.2")
    home = f"{module}-{chosen}.dist-info"
    told = ", ".join(sorted((found.name for found in folders), key=edition_order))
    files = {
        f"{module}/__init__.py": f'"""Editions for cptkit: {told}. {_NOTE.partition(".")[0]}."""\n'.encode()
    }
    for found in folders:
        parts = {name: text.encode() for name, text in read_edition(found).texts.items()}
        parts[MANIFEST] = (found / MANIFEST).read_bytes()
        files |= {f"{module}/{found.name}/{name}": parts[name] for name in sorted(parts)}
    files[f"{home}/METADATA"] = _metadata(name, chosen, told).encode()
    files[f"{home}/WHEEL"] = (
        b"Wheel-Version: 1.0\nGenerator: cptkit\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    )
    files[f"{home}/entry_points.txt"] = f"[{GROUP}]\n{module} = {module}\n".encode()
    files[f"{home}/PRIVATE.txt"] = _NOTE.encode()
    files[f"{home}/RECORD"] = _record(files, f"{home}/RECORD").encode()
    into = Path(into)
    into.mkdir(parents=True, exist_ok=True)
    wheel = into / f"{module}-{chosen}-py3-none-any.whl"
    put_file(wheel, _zipped(files))
    return wheel


def _editions(folder: Path) -> list[Path]:
    """The edition's own folder, or those within; each one whole."""
    if (folder / MANIFEST).is_file():
        found = [folder]
    else:
        inner = sorted(folder.iterdir()) if folder.is_dir() else []
        found = [path for path in inner if edition_parts(path.name) and (path / MANIFEST).is_file()]
    if not found:
        raise BrokenEdition("no edition is here", expected=f"a folder with a {MANIFEST}", where=str(folder))
    problems = []
    for path in found:
        verdict = verify_folder(path)
        problems += [f"{path.name}/{problem}" for problem in verdict.problems]
        if verdict.edition != path.name and not verdict.problems:
            problems.append(f"{path.name}: the folder holds the edition {verdict.edition}: name it so")
    if problems:
        text = f"{len(problems)} problem(s) in the editions of {folder}\n  " + "\n  ".join(problems)
        raise BrokenEdition(text)
    return found


def _metadata(name: str, version: str, told: str) -> str:
    return f"""\
Metadata-Version: 2.1
Name: {name}
Version: {version}
Summary: Editions for cptkit: {told}
License: private
Classifier: Private :: Do Not Upload
Requires-Python: >=3.11
Requires-Dist: cptkit

{_NOTE}"""


def _record(files: dict[str, bytes], own: str) -> str:
    lines = []
    for name, data in sorted(files.items()):
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        lines.append(f"{name},sha256={digest},{len(data)}\n")
    return "".join(lines) + f"{own},,\n"


def _zipped(files: dict[str, bytes]) -> bytes:
    """The archive: sorted, without times, not compressed, since compressors differ in their bytes."""
    whole = BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_STORED) as archive:
        # the metadata stands last, as the format of wheels recommends
        for name in sorted(files, key=lambda name: (".dist-info/" in name, name)):
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.create_system = 3  # Unix, wherever it was made
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, files[name])
    return whole.getvalue()
