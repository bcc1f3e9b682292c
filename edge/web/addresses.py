"""Under which names and addresses this machine is reached."""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass

import ifaddr

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
IpNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network
_HOST_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class Interface:
    """An address of this machine and the network in which it is valid."""

    address: IpAddress
    network: IpNetwork


def own_names() -> tuple[str, ...]:
    """The machine's own name, alone and as phones find it by multicast DNS."""
    name = socket.gethostname().split(".")[0].lower()
    return (name, f"{name}.local") if _HOST_NAME.fullmatch(name) and name != "localhost" else ()


def interfaces() -> tuple[Interface, ...]:
    """Every address by which the network reaches this machine, IPv4 first; without link-local ones."""
    found = sorted(_found(), key=lambda one: (one.address.version, int(one.address)))
    return tuple(dict.fromkeys(found))


def _found() -> Iterator[Interface]:
    for adapter in ifaddr.get_adapters():
        for one in adapter.ips:
            text = one.ip if isinstance(one.ip, str) else one.ip[0]
            whole = ipaddress.ip_interface(f"{text}/{one.network_prefix}")
            if not (whole.is_loopback or whole.is_link_local or whole.is_unspecified):
                yield Interface(whole.ip, whole.network)
