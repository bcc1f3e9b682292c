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


def network_of(text: str) -> str:
    """An IPv4 address as it is; of an IPv6 address its network of 64 bits, which one machine has to itself."""
    try:
        address = ipaddress.ip_address(text.split("%")[0])
    except ValueError:
        return text
    if address.version == 4 or address.ipv4_mapped is not None:
        return str(address if address.version == 4 else address.ipv4_mapped)
    return str(ipaddress.ip_network((int(address), 64), strict=False))


def _found() -> Iterator[Interface]:
    for adapter in ifaddr.get_adapters():
        for one in adapter.ips:
            text = one.ip if isinstance(one.ip, str) else one.ip[0]
            whole = ipaddress.ip_interface(f"{text}/{one.network_prefix}")
            if not (whole.is_loopback or whole.is_link_local or whole.is_unspecified):
                yield Interface(whole.ip, whole.network)
