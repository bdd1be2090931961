"""``cptkit profile``: whose rules judge, and what a payer does otherwise."""

import json
import sys

import click

from cptkit.cli.options import format_option
from cptkit.cli.screen import Page, visible, width_of
from cptkit.errors import BrokenProfile
from cptkit.rules import Profile, bundled_profiles
from cptkit.rules.profiles.reading import profile_of
from cptkit.sources import Citation

__all__ = ["command"]


@click.group("profile")
def command() -> None:
    """List, show or verify profiles: the ways of a payer."""


@command.command("list")
def list_profiles() -> int:
    """List the bundled profiles, with their digests."""
    page = Page(width_of(sys.stdout))
    for name in bundled_profiles():
        profile = profile_of(name)
        page.entry(f"{profile.title} (basis {profile.basis})", label=f"{name}  ", label_style="bold")
        page.line(f"  {profile.digest}", style="dim")
    page.show()
    return 0


@command.command("show")
@click.argument("name", metavar="NAME|FILE")
@format_option("text", "json")
def show(name: str, form: str) -> int:
    """Show what a profile says: a bundled one by its NAME, or one of a FILE."""
    profile = profile_of(name)
    if form == "json":
        print(json.dumps(profile.to_dict() | {"digest": profile.digest}, indent=2, ensure_ascii=False))
    else:
        _page(profile).show()
    return 0


@command.command("verify")
@click.argument("names", metavar="[NAME|FILE]...", nargs=-1)
def verify(names: tuple[str, ...]) -> int:
    """Verify the profiles named, or all bundled ones.

    Exit status: 0 when all can be read, 1 when one has a problem: each is told with its line;
    2 when a file cannot be read.
    """
    page = Page(width_of(sys.stdout))
    status = 0
    for name in names or bundled_profiles():
        try:
            profile = profile_of(name)
        except BrokenProfile as error:
            status = max(status, 2 if isinstance(error.__cause__, OSError) else 1)
            page.line(f"{visible(name)}  BROKEN", style="bold red")
            for problem in str(error).split("\n"):
                page.line(f"  {visible(problem)}")
        else:
            page.line(f"{profile.id}  ok  {profile.digest}")
    page.show()
    return status


def _page(profile: Profile) -> Page:
    page = Page(width_of(sys.stdout))
    page.line(f"{profile.id}: {profile.title}", style="bold")
    page.line(profile.digest, style="dim")
    policy = profile.unit_policy or "as the basis has it"
    page.entry(f"{profile.basis}; units: {policy}", label="basis: ")
    off = f", without {', '.join(profile.ignore)}" if profile.ignore else ""
    page.entry(f"{', '.join(profile.select)}{off}", label="rules: ")
    for rule, severity in profile.severities:
        page.entry(f"{severity} at most", label=f"{rule}: ")
    for fact in profile.conventions:
        page.line()
        page.entry(f"{fact.value}, from {fact.first_day}", label=f"{fact.name}: ", label_style="bold")
        page.entry(fact.text, indent=2)
        page.entry(_cited(fact.citation), indent=2, style="dim")
    for denial in profile.denials:
        page.line()
        codes = " / ".join([f"{denial.group}-{denial.carc}", *denial.rarc])
        text = f"likely {codes}" if denial.likely else codes
        page.entry(text, label=f"denial of {denial.check}: ", label_style="bold")
        page.entry(_cited(denial.citation), indent=2, style="dim")
    for source in profile.sources:
        page.line()
        page.entry(str(source))
    if profile.note:
        page.line()
        page.entry(profile.note)
    return page


def _cited(citation: Citation) -> str:
    said = f"{citation.confidence}: {', '.join(citation.sources)}, checked {citation.checked}"
    return f"{said}. {citation.note}" if citation.note else said
