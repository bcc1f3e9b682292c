"""The owner's own certificate: read, and judged in words that an installer can act on."""

from __future__ import annotations

import datetime
import ssl
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from edge.clock import NS_PER_S, utc_ns
from edge.errors import EdgeError, SettingsError
from edge.settings import TlsMode, WebSettings
from edge.web.authority import TlsFiles

SOON: Final = datetime.timedelta(days=21)


def own_files(settings: WebSettings) -> TlsFiles:
    """The owner's files.

    Raises
    ------
    SettingsError
        With the first thing that is wrong with them.
    """
    assert settings.certificate is not None  # the settings have seen to it
    assert settings.key is not None
    files = TlsFiles(settings.certificate, settings.key)
    shown = _first_certificate(files.certificate)
    key = _key(files.key)
    now = datetime.datetime.fromtimestamp(utc_ns() // NS_PER_S, datetime.UTC)
    if key != _public(shown):
        raise _fault(
            "key", f"{files.key} is not the key of {files.certificate}", "Name the two files that belong together"
        )
    if now >= shown.not_valid_after_utc:
        raise _fault("certificate", f"{files.certificate} ended on {shown.not_valid_after_utc:%Y-%m-%d}", "Renew it")
    if now < shown.not_valid_before_utc:
        begins = f"{files.certificate} is not valid before {shown.not_valid_before_utc:%Y-%m-%d}"
        raise _fault("certificate", begins, "Is the box's clock right?")
    try:  # as the server will: it also refuses what is too weak
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(files.certificate, files.key)
    except (ssl.SSLError, OSError) as error:
        raise _fault("certificate", f"{files.certificate} cannot be used ({error})", "Make a new one") from None
    return files


def web_faults(settings: WebSettings, path: Path) -> tuple[EdgeError, ...]:
    """What is wrong with the files that ``[web]`` names, for ``check-config``.

    Parameters
    ----------
    path
        The settings file, for the messages.
    """
    if settings.tls is not TlsMode.OWN:
        return ()
    try:
        own_files(settings)
    except SettingsError as fault:
        return (SettingsError(f"{path} {fault.where}", fault.what, fault.remedy),)
    return ()


def web_concerns(settings: WebSettings) -> tuple[str, ...]:
    """What is allowed in ``[web]`` but was hardly meant: one sentence each."""
    concerns: list[str] = []
    if settings.tls is TlsMode.OFF and not settings.local:
        concerns.append('tls = "off": passwords cross the network unencrypted, unless something in front encrypts')
    if settings.tls is TlsMode.OWN and not web_faults(settings, Path()) and settings.certificate is not None:
        concerns += _certificate_concerns(settings.certificate, settings.names)
    return tuple(concerns)


def _certificate_concerns(path: Path, names: Sequence[str]) -> list[str]:
    shown, concerns = _first_certificate(path), []
    now = datetime.datetime.fromtimestamp(utc_ns() // NS_PER_S, datetime.UTC)
    if shown.not_valid_after_utc - now < SOON:
        concerns.append(f"{path} ends on {shown.not_valid_after_utc:%Y-%m-%d}")
    try:
        covered = shown.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        known = {name.lower() for name in covered.get_values_for_type(x509.DNSName)}
    except x509.ExtensionNotFound:
        known = set()
    concerns += [
        f"{path} is not made out to {name!r}; phones that open that name are warned"
        for name in names
        if name.lower() not in known and f"*.{name.lower().partition('.')[2]}" not in known
    ]
    if not names:
        concerns.append(f"names is empty; phones are refused under the names of {path}: {', '.join(sorted(known))}")
    return concerns


def _first_certificate(path: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificates(_read("certificate", path))[0]
    except ValueError:
        raise _fault(
            "certificate", f"{path} holds no certificate in PEM", "Convert it, or name the right file"
        ) from None


def _key(path: Path) -> bytes:
    try:
        key = serialization.load_pem_private_key(_read("key", path), None)
    except TypeError:
        raise _fault("key", f"{path} needs a password, which nobody can type at night", "Store it without") from None
    except ValueError:
        raise _fault("key", f"{path} holds no private key in PEM", "Convert it, or name the right file") from None
    return key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def _public(shown: x509.Certificate) -> bytes:
    return shown.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def _read(key: str, path: Path) -> bytes:
    try:
        return path.read_bytes()[:1_000_000]
    except OSError as error:
        raise _fault(key, f"{path} cannot be read ({error.strerror})", "Check the path and its permissions") from None


def _fault(key: str, what: str, remedy: str) -> SettingsError:
    return SettingsError(f"web.{key}", what, remedy if remedy.endswith("?") else f"{remedy}.")
