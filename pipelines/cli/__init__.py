"""The command line `orderhouse`: one file a theme, gathered here.

Each command prints what it did or an error that says what to do, and exits non-zero on failure.
Heavy libraries are imported inside the commands that need them, so that `--help` is instant.
"""

from __future__ import annotations

import logging
import sys

import typer

from pipelines.cli import facts, house, marts, network, people, sources
from pipelines.cli.errors import explain

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="Orderhouse: an order-management warehouse. 订单之家。",
    pretty_exceptions_enable=False,
)
for theme in (facts, network, marts, house):
    theme.register(app)
app.add_typer(people.user_app, name="user", help="Local accounts.")
app.add_typer(sources.source_app, name="source", help="Systems that send files.")
app.add_typer(people.audit_app, name="audit", help="The ledger's hash chain.")


def main() -> None:
    """Runs the command line; expected failures end with one clear sentence, not a traceback."""
    steps = logging.getLogger("orderhouse.progress")
    steps.setLevel(logging.INFO)
    steps.addHandler(logging.StreamHandler(sys.stdout))
    steps.propagate = False
    try:
        app()
    except Exception as error:
        message = explain(error)
        if message is None:
            raise
        print(f"Error: {message}", file=sys.stderr)
        sys.exit(1)
