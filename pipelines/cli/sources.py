"""Commands about sources: which there are, a new one from a sample, a mapping tried on a file."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated

import typer

from orderhouse.ledger import Accepted, open_ledger, record_source
from orderhouse.settings import Settings, get_settings
from pipelines.cli.errors import UsageError

source_app = typer.Typer(no_args_is_help=True)


@source_app.command("list")
def list_sources() -> None:
    """Every source: the shipped ones, and this house's own."""
    from ingestion.mapping import source_names

    settings = get_settings()
    own = {path.parent.name for path in settings.sources_dir.glob("*/mapping.yml")}
    for name in source_names(settings.sources_dir):
        print(f"{name}  (own)" if name in own else name)


@source_app.command("new")
def new(  # noqa: PLR0917  the options of a command
    name: Annotated[str, typer.Argument(help="Its folder: small letters, digits, _.")],
    sample: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="A file it sends.")],
    stream: Annotated[
        list[str] | None, typer.Option(help="What its rows are; may be given several times.")
    ] = None,
    zone: Annotated[str, typer.Option(help="Of times without an offset.")] = "",
    currency: Annotated[str, typer.Option(help="Where no column says it.")] = "",
    channel: Annotated[str, typer.Option(help="Where its orders are from; default NAME.")] = "",
    field: Annotated[
        list[str] | None,
        typer.Option(
            help="What you know better: orders.sku=column:Art, =value:X or =nothing; repeatable."
        ),
    ] = None,
    force: Annotated[bool, typer.Option(help="Write over a mapping that is there.")] = False,
) -> None:
    """Propose a mapping for a table nobody has seen, and show what it makes of the sample."""
    from ingestion.proposing import (
        NoStream,
        Unreadable,
        check_free,
        look_at,
        proposed,
        try_out,
        write_source,
    )
    from orderhouse.source_choices import Choices
    from orderhouse.source_drafts import safe_name

    settings = get_settings()
    choices = Choices(
        name=name, channel=channel, zone=zone, currency=currency, streams=tuple(stream or ()),
        fields=dict(one.partition("=")[::2] for one in field or ()), replaces=force,
    )  # fmt: skip
    choices.check()
    if not force:
        check_free(settings.sources_dir, name)
    data = sample.read_bytes()
    try:
        proposal = proposed(settings, choices, look_at(data))
    except (Unreadable, NoStream) as error:
        raise UsageError(f"{sample.name}: {error}") from error
    _accepted(settings, name, proposal.text, replaces=force)
    trial = try_out(name, proposal.text, data, file_name=sample.name, now=settings.clock())
    written = write_source(
        settings.sources_dir, name, proposal, safe_name(sample.name), replaces=force
    )
    for header, column in proposal.found.items():
        print(f"  {header}  ->  {column}")
    if proposal.left:
        print(f"Kept, sealed, and not used: {', '.join(proposal.left)}")
    if proposal.missing:
        print(f"Needed, and not found: {', '.join(proposal.missing)}")
    print("\n".join(trial.lines()))
    print(f"Written: {written[0]}. Next: orderhouse land {sample} --source {name}")


def _accepted(settings: Settings, name: str, text: str, *, replaces: bool) -> None:
    """The ledger knows of a source before any file of it is written, as when the app makes one."""
    now = settings.clock()
    digest = hashlib.sha256(text.encode()).hexdigest()
    accepted = Accepted(
        name=name,
        key=f"console/{digest[:12]}/{now:%Y%m%dT%H%M%S}",
        mapping_sha256=digest,
        replaces=replaces,
    )
    ledger = open_ledger(settings.ledger_address)
    try:
        record_source(ledger, None, accepted, now=now)
    finally:
        ledger.close()


@source_app.command("try")
def try_source(
    name: Annotated[str, typer.Argument(help="A source.")],
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A file of it.")],
) -> None:
    """Show what a source's mapping makes of a file; nothing is kept."""
    from ingestion.mapping import mapping_path
    from ingestion.proposing import try_out

    settings = get_settings()
    text = mapping_path(name, settings.sources_dir).read_text("utf-8")
    trial = try_out(name, text, file.read_bytes(), file_name=file.name, now=settings.clock())
    print("\n".join(trial.lines()))


@source_app.command("sheet")
def sheet(
    target: Annotated[Path, typer.Argument(help="Where to write it: orders.xlsx")],
) -> None:
    """Write the empty workbook for orders entered by hand."""
    from ingestion.sheet import write_sheet

    write_sheet(target)
    print(f"Written: {target}. When filled in: orderhouse land {target} --source order_sheet")
