"""The box's own certificate authority, for shops without a public name: phones trust it once.

Its key never leaves the data folder, and it could sign for nothing but this box's names and addresses of private
networks: whoever steals the box cannot pose as anybody's bank (name constraints, RFC 5280 section 4.2.1.10).
"""

from __future__ import annotations

import datetime
import ipaddress
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from edge.clock import NS_PER_S, utc_ns
from edge.errors import EdgeError
from edge.web.addresses import Interface, IpAddress, IpNetwork, interfaces, own_names

CA_LASTS: Final = datetime.timedelta(days=3650)
SERVER_LASTS: Final = datetime.timedelta(days=397)
"""Phones take no longer ones."""
RENEW_BEFORE: Final = datetime.timedelta(days=30)
BACKDATED: Final = datetime.timedelta(days=1)
"""For phones whose clock is behind."""
PRIVATE_NAMES: Final = ("localhost", "local", "lan", "internal", "home.arpa")
"""What ends so is nobody's name on the internet."""
PRIVATE_NETWORKS: Final = tuple(
    ipaddress.ip_network(text)
    for text in (
        "127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10",
        "::1/128", "fc00::/7", "fe80::/10",
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """What the server shows, and the key to it; PEM."""

    certificate: Path
    key: Path


@dataclass(frozen=True, slots=True)
class _Issuer:
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    def permits(self, name: str | IpAddress) -> bool:
        """Whether a certificate for this would be believed."""
        allowed = self.certificate.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees
        for one in allowed or ():
            if isinstance(name, str):
                if isinstance(one, x509.DNSName) and f".{name}".endswith(f".{one.value}"):
                    return True
            elif isinstance(one, x509.IPAddress) and not isinstance(one.value, IpAddress) and name in one.value:
                return True
        return False


class Authority:
    """Makes the CA once, and the page's certificate whenever a new one is due.

    Parameters
    ----------
    folder
        Where the keys lie; made, and readable by the box's user alone.
    names
        Host names that the owner has given the page.
    subject
        What phones call the CA in their lists.

    Raises
    ------
    EdgeError
        Here and in :meth:`renew`, when the files cannot be written or read.
    """

    def __init__(self, folder: Path, names: Sequence[str], subject: str) -> None:
        self._folder = folder
        self._names = tuple(dict.fromkeys(name.lower().rstrip(".") for name in names if not _is_address(name)))
        self._subject = subject
        self.files = TlsFiles(folder / "page.pem", folder / "page-key.pem")
        self.replaced = False
        """Whether phones must trust a new CA: the old one ended, or may not speak for a name that was added."""
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise EdgeError(str(folder), f"cannot be made ({error.strerror})", _REMEDY) from None
        self._issuer = self._find_issuer()
        self.renew()

    @property
    def certificate(self) -> bytes:
        """The CA's certificate, DER."""
        return self._issuer.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def subject(self) -> str:
        """What phones call it in their lists."""
        return str(self._issuer.certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, in pairs of digits, as phones show it."""
        digits = self._issuer.certificate.fingerprint(hashes.SHA256()).hex().upper()
        return " ".join(digits[i : i + 2] for i in range(0, len(digits), 2))

    def renew(self) -> bool:
        """Make the page's certificate anew where it ends soon, or names or addresses have changed; whether it was."""
        self._issuer = self._find_issuer()  # a clock that was set may have ended it
        try:
            wanted = self._wanted(interfaces())
            if self._stands(wanted):
                return False
            self._make_server_certificate(wanted)
        except OSError as error:
            raise EdgeError(str(self._folder), f"no certificate can be made ({error})", _REMEDY) from None
        return True

    # ---- the CA

    def _find_issuer(self) -> _Issuer:
        certificate, key = self._folder / "ca.pem", self._folder / "ca-key.pem"
        try:
            if certificate.exists() and key.exists():
                known = _Issuer(x509.load_pem_x509_certificate(certificate.read_bytes()), _read_key(key))
                if self._serves(known):
                    return known
                self.replaced = True
            made = _new_issuer(self._subject, self._names, interfaces())
            _write(key, _pem(made.key))
            _write(certificate, made.certificate.public_bytes(serialization.Encoding.PEM))
        except (OSError, ValueError) as error:
            raise EdgeError(str(self._folder), f"the box's own CA cannot be used ({error})", _REMEDY) from None
        return made

    def _serves(self, known: _Issuer) -> bool:
        belongs = known.key.public_key() == known.certificate.public_key()
        lasts = _now() + SERVER_LASTS < known.certificate.not_valid_after_utc
        return belongs and lasts and all(known.permits(name) for name in self._names)

    # ---- the page's certificate

    def _wanted(self, found: Iterable[Interface]) -> frozenset[str | IpAddress]:
        loopback = (ipaddress.ip_address("127.0.0.1"), ipaddress.ip_address("::1"))
        every = ("localhost", *own_names(), *self._names, *loopback, *(one.address for one in found))
        return frozenset(name for name in every if self._issuer.permits(name))

    def _stands(self, wanted: frozenset[str | IpAddress]) -> bool:
        if not (self.files.certificate.exists() and self.files.key.exists()):
            return False
        try:
            shown = x509.load_pem_x509_certificate(self.files.certificate.read_bytes())
            names = shown.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
            shown.verify_directly_issued_by(self._issuer.certificate)
            same_key = _read_key(self.files.key).public_key() == shown.public_key()
        except Exception:  # noqa: BLE001  (whatever is wrong with it, a new one is made)
            return False
        covered = {*names.get_values_for_type(x509.DNSName), *names.get_values_for_type(x509.IPAddress)}
        in_time = shown.not_valid_before_utc <= _now() < shown.not_valid_after_utc - RENEW_BEFORE
        return same_key and in_time and covered == wanted

    def _make_server_certificate(self, wanted: frozenset[str | IpAddress]) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        names: list[x509.GeneralName] = [
            x509.DNSName(one) if isinstance(one, str) else x509.IPAddress(one) for one in sorted(wanted, key=str)
        ]
        issuer, begin = self._issuer, _now() - BACKDATED
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
        identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key())
        certificate = (
            _builder(f"{self._subject}, page"[:64], issuer.certificate.subject, key, begin, begin + SERVER_LASTS)
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .add_extension(usage, critical=False)
            .add_extension(identifier, critical=False)
            .sign(issuer.key, hashes.SHA256())
        )
        _write(self.files.key, _pem(key))
        _write(self.files.certificate, certificate.public_bytes(serialization.Encoding.PEM))


_REMEDY: Final = "Check the folder's permissions; to begin anew, move it away: phones must then trust the new CA."


def _new_issuer(subject: str, names: Iterable[str], found: Iterable[Interface]) -> _Issuer:
    key = ec.generate_private_key(ec.SECP256R1())
    networks: list[IpNetwork] = [*PRIVATE_NETWORKS]
    # A shop whose network has other addresses: that network, and no other.
    networks += [one.network for one in found if not any(_within(one.network, known) for known in networks)]
    permitted: list[x509.GeneralName] = [
        x509.DNSName(name) for name in dict.fromkeys((*PRIVATE_NAMES, *own_names(), *names))
    ]
    permitted += [x509.IPAddress(network) for network in dict.fromkeys(networks)]
    begin = _now() - BACKDATED
    common_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject[:64])])
    certificate = (
        _builder(subject[:64], common_name, key, begin, begin + CA_LASTS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.NameConstraints(permitted, None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return _Issuer(certificate, key)


def _builder(
    subject: str, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, begin: datetime.datetime, end: datetime.datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(end)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _within(network: IpNetwork, other: IpNetwork) -> bool:
    return network.version == other.version and network.network_address in other


def _now() -> datetime.datetime:
    return datetime.datetime.fromtimestamp(utc_ns() // NS_PER_S, datetime.UTC)


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _read_key(path: Path) -> ec.EllipticCurvePrivateKey:
    key = serialization.load_pem_private_key(path.read_bytes(), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ValueError(f"{path} holds another kind of key")
    return key


def _write(path: Path, content: bytes) -> None:
    """All of it or nothing, for this user alone."""
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
