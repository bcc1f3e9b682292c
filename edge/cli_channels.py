"""``miseban test-channel``: whether people would hear of an alert by one of the channels."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def send_test(
    channel: Annotated[str, typer.Argument(metavar="ID", help="Its id in device.toml; push, if none is named there.")],
    device: Annotated[Path, typer.Option(help="What is plugged in.")] = Path("device.toml"),
    store: Annotated[
        Path | None, typer.Option(help="What the installer drew; without it store.toml in this folder, if any.")
    ] = None,
) -> None:
    """Send a test by a channel and tell the true result; exit code 1 if it was not taken.

    The box may be running meanwhile.
    """
    from edge.daemon.channel_check import try_channel

    trial = try_channel(channel, device, store or (Path("store.toml") if Path("store.toml").exists() else None))
    if not trial.ok:
        typer.echo(f"Not told after {trial.took_ms} ms: {trial.fault}", err=True)
        raise typer.Exit(1)
    typer.echo(f"Told within {trial.took_ms} ms: {trial.detail}")
