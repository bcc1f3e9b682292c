"""Accounts and rights inside amqtt, which loads these plugins by name."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field

from amqtt.plugins.base import BaseAuthPlugin
from amqtt.plugins.topic_checking import TopicAccessControlListPlugin
from amqtt.session import Session


class RoleAuthPlugin(BaseAuthPlugin):  # type: ignore[misc]  # amqtt ships no types
    """Lets in who knows an account's password.

    The passwords are random, 256 bits, and live as long as this process: they need no slow hash (amqtt's own file of
    argon2 hashes takes 150 ms of the event loop for each connection).
    """

    async def authenticate(self, *, session: Session) -> bool:
        """Whether the session may connect."""
        password = self.config.passwords.get(session.username or "")
        given = session.password or ""
        if password is None:
            return False
        return hmac.compare_digest(password.encode(), given.encode() if isinstance(given, str) else given)

    @dataclass
    class Config:
        """Password by user name."""

        passwords: dict[str, str] = field(default_factory=dict, repr=False)


class RoleTopicPlugin(TopicAccessControlListPlugin):  # type: ignore[misc]  # amqtt ships no types
    """amqtt's own check of topics, with the two lists that we give it."""

    @dataclass
    class Config:
        """Topic filters by user name."""

        publish_acl: dict[str, list[str]] = field(default_factory=dict)
        subscribe_acl: dict[str, list[str]] = field(default_factory=dict)
