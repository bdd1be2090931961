"""The commands, found by name and loaded when asked for; and what becomes of errors."""

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import click

from cptkit import __version__
from cptkit.cli.screen import visible
from cptkit.cli.told import deprecations_told, in_options
from cptkit.errors import CptkitError

__all__ = ["commands", "run"]

_MODULES = {
    "bands": "bands",
    "changes": "changes",
    "check": "check",
    "code": "code",
    "codeset": "codeset",
    "edition": "edition",
    "edits": "edits",
    "explain": "explain",
    "import": "import_files",
    "lock": "lock",
    "pair": "pair",
    "profile": "profile",
    "rules": "rules",
    "time": "time",
    "units": "units",
}


class Commands(click.Group):
    """The commands of ``_MODULES``; each module is imported when its command is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The names of the commands."""
        return list(_MODULES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - as above
        """The command of that name."""
        if cmd_name not in _MODULES:
            return None
        found: click.Command = import_module(f"cptkit.cli.{_MODULES[cmd_name]}").command
        return found

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; an interrupt ends it without a word."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            ctx.exit(130)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="cptkit", message="%(prog)s %(version)s")
def commands() -> None:
    """Check CPT and HCPCS codes, minutes and claim lines; every answer with its source.

    Exit status: 0 when nothing failed, 1 when something failed or rows were rejected, 2 for wrong
    usage or unreadable input.
    """


def run(arguments: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit status; errors become one line on standard error."""
    try:
        given = None if arguments is None else list(arguments)
        with deprecations_told():
            status = commands.main(args=given, prog_name="cptkit", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:
        return 130
    except CptkitError as error:
        return _refused(in_options(error))
    except OSError as error:
        return _refused(f"{error.filename or 'the output'} cannot be written ({error.strerror or error})")
    return status if isinstance(status, int) else 0


def _refused(why: str) -> int:
    # several problems of a file stand on lines of their own; other line breaks were quoted before
    print("cptkit: " + "\n".join(visible(line) for line in why.split("\n")), file=sys.stderr)
    return 2
