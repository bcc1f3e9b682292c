"""Who may do what at a broker of ours: the box writes everything, the app reads and answers."""

from __future__ import annotations

from dataclasses import dataclass, field

from edge.delivery.wire import Topics


@dataclass(frozen=True, slots=True)
class Account:
    """A broker's account.  The password is kept out of logs."""

    username: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Roles:
    """The two accounts and their topics."""

    topics: Topics
    box: Account
    app: Account
    more: tuple[str, ...] = ()
    """Topics outside the box's own that it may read and write too: where Home Assistant looks for devices."""

    def passwords(self) -> dict[str, str]:
        """Password by user name."""
        return {account.username: account.password for account in (self.box, self.app)}

    def readable(self) -> dict[str, list[str]]:
        """Topic filters that each user may subscribe to."""
        everything = [f"{self.topics.prefix}/#"]
        return {self.box.username: [*everything, *self.more], self.app.username: everything}

    def writable(self) -> dict[str, list[str]]:
        """Topic filters that each user may publish to."""
        return {self.box.username: [f"{self.topics.prefix}/#", *self.more], self.app.username: [self.topics.acks]}
