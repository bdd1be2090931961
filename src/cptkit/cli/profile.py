"""``cptkit profile``: whose rules judge, and what a payer does otherwise."""

import json
import sys

import click

from cptkit.cli.options import format_option
from cptkit.cli.screen import Page, visible, width_of
from cptkit.errors import BrokenProfile
from cptkit.rules import Profile, bundled_profiles
from cptkit.rules.profiles.doubtful import doubts
from cptkit.rules.profiles.reading import page_of, profile_of
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


@command.command("show", short_help="Show what a profile says.")
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


@command.command("verify", short_help="Verify profiles: the bundled ones, or others.")
@click.argument("names", metavar="[NAME|FILE]...", nargs=-1)
@click.option("--strict", is_flag=True, help="Exit status 1 for remarks too.")
def verify(names: tuple[str, ...], strict: bool) -> int:
    """Verify the profiles named, or all bundled ones.

    Each problem is told with its line. A code that no bundled edition knows is a remark, since it
    may be newer than they are or of a kind that they do not cover; so is a modifier, where the fact
    begins after the day as of which their list is complete. Everything else is a problem.

    Exit status: 0 when nothing but remarks was found, 1 when a profile has a problem, 2 when a
    file cannot be read.
    """
    page = Page(width_of(sys.stdout))
    status = 0
    for name in names or bundled_profiles():
        try:
            profile = profile_of(name)
            found = doubts(page_of(name))
        except BrokenProfile as error:
            status = max(status, 2 if isinstance(error.__cause__, OSError) else 1)
            page.line(f"{visible(name)}  BROKEN", style="bold red")
            for problem in str(error).split("\n"):
                page.line(f"  {visible(problem)}")
            continue
        is_wrong = any(doubt.is_wrong for doubt in found)
        status = max(status, int(is_wrong or (strict and bool(found))))
        if is_wrong:
            page.line(f"{profile.id}  WRONG  {profile.digest}", style="bold red")
        else:
            page.line(f"{profile.id}  ok  {profile.digest}")
        for doubt in found:
            page.line(f"  {'' if doubt.is_wrong else 'remark: '}{doubt}")
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
        said = f"; {source.supports}" if source.supports else ""
        page.entry(f"{source}{said}", hang=2)
    if profile.note:
        page.line()
        page.entry(profile.note)
    return page


def _cited(citation: Citation) -> str:
    said = f"{citation.confidence}: {', '.join(citation.sources)}, checked {citation.checked}"
    return f"{said}. {citation.note}" if citation.note else said
