"""``miseban users``: for who has a shell on the box, above all an owner who is locked out."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edge.errors import EdgeError
from edge.settings import load_device

if TYPE_CHECKING:
    from edge.web.accounts import Accounts, Invitation

app = typer.Typer(
    name="users",
    help="Who may sign in: list them, let somebody in, give a locked-out owner a new code.",
    no_args_is_help=True,
)

DeviceOption = Annotated[Path, typer.Option(help="What is plugged in; its data_dir holds the accounts.")]
NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="1 to 40 printable characters.")]


class RoleName(StrEnum):
    """Roles, as they are typed."""

    OWNER = "owner"
    STAFF = "staff"
    INSTALLER = "installer"
    VIEWER = "viewer"


@app.command("list")
def list_users(device: DeviceOption = Path("device.toml")) -> None:
    """List everybody: role, state, when they were last here."""
    with _accounts(device) as accounts:
        everybody = accounts.users()
    for one in everybody:
        state = "invited" if one.invited else "enabled" if one.enabled else "disabled"
        seen = (
            "never" if one.seen_ms is None else f"{datetime.fromtimestamp(one.seen_ms / 1000, UTC):%Y-%m-%d %H:%M} UTC"
        )
        typer.echo(f"{one.name}  {one.role}  {state}  last here: {seen}")
    if not everybody:
        typer.echo("nobody yet; the first: miseban users add NAME --role owner")


@app.command("add")
def add_user(
    name: NameArgument,
    role: Annotated[RoleName, typer.Option(help="What they may do.")],
    device: DeviceOption = Path("device.toml"),
) -> None:
    """Let somebody in; prints the code with which they choose their password."""
    from edge.web.rights import Role

    with _accounts(device) as accounts:
        _tell(accounts.invite(name, Role(role.value)))


@app.command("reset")
def reset_user(name: NameArgument, device: DeviceOption = Path("device.toml")) -> None:
    """Make somebody's password void, end their sessions, and print a new code."""
    with _accounts(device) as accounts:
        _tell(accounts.invite_again(name, last_owner_too=True))


def _tell(invitation: Invitation) -> None:
    typer.echo(f"Name:  {invitation.name}  ({invitation.role})")
    typer.echo(f"Code:  {invitation.code}  (good until {_time(invitation.expires_ms)}, once)")
    typer.echo("They open the box's page with #setup= and this code behind the address, and choose a password.")


def _time(t_ms: int) -> str:
    return f"{datetime.fromtimestamp(t_ms / 1000, UTC):%Y-%m-%d %H:%M} UTC"


@contextmanager
def _accounts(device: Path) -> Iterator[Accounts]:
    from edge.web.accounts import Accounts

    data_dir = load_device(device).data_dir
    if not data_dir.is_dir():
        raise EdgeError(str(data_dir), "is not there yet", "Run the box once.")
    owner = data_dir.stat().st_uid
    if owner != os.geteuid():  # a file of another user's would shut the box out of its own accounts
        raise EdgeError(str(data_dir), f"belongs to user {owner}", "Run this as that user, with sudo -u.")
    accounts = Accounts(data_dir / "accounts.sqlite")
    try:
        yield accounts
    finally:
        accounts.close()
