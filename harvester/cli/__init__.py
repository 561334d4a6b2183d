"""The `harvest` command. Each command is one file, imported only when it is asked for: `--help` stays fast."""

from __future__ import annotations

import importlib
import os
import sys
from typing import IO, TYPE_CHECKING, Any

import click

from harvester import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

# command → (module, one line for --help). The line stands here so that --help imports no command.
COMMANDS = {
    "init": ("init", "Write an event file from flags or by asking."),
    "crawl": ("crawl", "Find and fetch what was written about an event."),
    "import": ("import_", "Read files you already hold: X exports, CSV, URL lists, OPML."),
    "classify": ("classify", "Judge again who wrote each post and whether it is about the event."),
    "audit": ("audit", "Let people check a random sample; counts and ratio corrected by it."),
    "report": ("report", "Participants against media: how much, when, by whom."),
    "diff": ("diff", "What changed between two frozen reports, and which posts made the change."),
    "compare": ("compare", "Editions of a series side by side: more, fewer or no clear change."),
    "kpi": ("kpi", "Type in numbers of places that nobody harvests: surveys, Slack, Facebook."),
    "search": ("search", "Posts by the words in them, Japanese words of two characters included."),
    "explain": ("explain", "Why a post or author was judged as it was."),
    "review": ("review", "Decide what the rules could not, most valuable first, by a key each."),
    "label": ("label", "Say what an author is, or whether a post is about the event; your word is final."),
    "evaluate": ("evaluate", "Score the judging on pages that humans labelled."),
    "merge": ("merge", "Which accounts are one person's: suggested with evidence, decided by you."),
    "browse": ("browse", "Open the database in Datasette."),
    "export": ("export", "Write an event's records as interchange JSONL or CSV."),
    "extract": ("extract", "Read pages or feeds from files, offline, into JSON lines."),
    "outlets": ("outlets", "Who is known to publish, and whose an address is."),
    "sources": ("sources", "What can be crawled, and what each source needs."),
    "status": ("status", "What the last runs asked, got and missed."),
    "backup": ("backup", "Copy the database, also while a crawl writes."),
    "restore": ("restore", "Put a backup back; what was erased stays erased."),
    "forget": ("forget", "Erase a person or a post from every file, for good."),
    "comply": ("comply", "Erase what was deleted at its platform; X wants that within a day."),
    "verify": ("verify", "Check that the database is what was written into it."),
    "doctor": ("doctor", "What is wrong with this machine or database, and the repair."),
    "demo": ("demo", "Crawl a synthetic web and compare the report with its truth."),
}


class LazyGroup(click.Group):
    """A group that imports a command's module when that command runs."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Names in the order of a working day, not the alphabet's."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """The command object, imported now; None lets click print its own error."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"harvester.cli.{COMMANDS[cmd_name][0]}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        """The list under --help, from the table alone."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="\b\nA first report in five minutes, no key needed:\n"
    "  harvest init my-event.toml\n  harvest crawl my-event.toml\n  harvest report my-event\n"
    "\nSee it work on a synthetic web first:  harvest demo",
)
@click.version_option(__version__, prog_name="harvest")
def cli() -> None:
    """Who wrote about your community event: participants or media? How much, when, with what evidence?"""
    # `doctor` tells what is wrong with that file, among other things.
    told_later = click.get_current_context().invoked_subcommand == "doctor"
    if (named := os.environ.get("HARVEST_CREDENTIALS", "")) and not told_later:
        from pathlib import Path

        from harvester import credentials

        credentials.adopt(os.environ, Path(named).expanduser())


def main(argv: Sequence[str] | None = None) -> None:
    """Entry point: harvester's own errors become one line and an exit code, never a traceback."""
    _settle()
    sys.exit(run(argv))


def run(argv: Sequence[str] | None = None) -> int:
    """Run one command line; the exit code. Ctrl-C is 130, a closed pipe (`| head`) is 0."""
    from harvester.errors import HarvestError  # kept out of module import: nothing is needed for --version

    try:
        result: Any = cli.main(args=None if argv is None else list(argv), prog_name="harvest", standalone_mode=False)
        _flush()
    except SystemExit:  # click's own answer to a pipe whose reader has gone, and to nothing else here
        _silence(sys.stdout)
        return 0
    except click.exceptions.Abort:
        click.echo("stopped", err=True)
        return 130
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except HarvestError as error:
        for line in getattr(error, "problems", ()) or (str(error),):
            click.echo(f"Error: {_one_line(line)}", err=True)
        return error.exit_code
    except BrokenPipeError:
        _silence(sys.stdout)
        return 0
    except OSError as error:
        click.echo(f"Error: {_one_line(str(error))}; check the disk and permissions", err=True)
        _silence(sys.stdout)
        return 74
    except Exception as error:  # noqa: BLE001 - the last line of defence: a bug is one line and 70, not a traceback
        return _bug(error)
    return result if isinstance(result, int) else 0


def _bug(error: Exception) -> int:
    """Tell of an error that nobody foresaw; HARVEST_DEBUG=1 shows where it came from."""
    import traceback

    if os.environ.get("HARVEST_DEBUG"):
        traceback.print_exception(error)
    told = _one_line(f"{type(error).__name__}: {error}")
    click.echo(f"Error: {told} (a bug in harvester; run again with HARVEST_DEBUG=1 and report it)", err=True)
    return 70


def _one_line(text: str) -> str:
    from harvester.text import shown

    return shown(text)


def _settle() -> None:
    """What cron's empty environment leaves open: UTF-8 everywhere, and files that only their owner reads."""
    os.umask(0o077)
    if sys.getfilesystemencoding() != "utf-8" and os.environ.get("PYTHONUTF8") != "1":
        # Names of files and of columns are Japanese: the encoding of paths is chosen when Python starts.
        os.environ["PYTHONUTF8"] = "1"
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606 - ourselves, no shell
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure and (stream.encoding or "").lower().replace("-", "") != "utf8":
            reconfigure(encoding="utf-8", errors="backslashreplace")
    from harvester.cli import _screen

    _screen.calm()


def _flush() -> None:
    """Write what is left; that nobody reads it does not change the exit code. Raises OSError for a full disk."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BrokenPipeError:
            _silence(stream)


def _silence(stream: IO[str]) -> None:
    """Point a stream at nothing, so that the interpreter's last flush does not complain about the closed pipe."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


if __name__ == "__main__":
    main()
