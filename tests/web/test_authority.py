"""The box's own CA: what it signs is believed for the box's names and for nothing else; and the owner's certificate."""

import datetime
import ipaddress
import plistlib
import re
import shutil
import socket
import ssl
import subprocess

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from edge.errors import DeliveryError, EdgeError, SettingsError
from edge.settings import WebSettings
from edge.web import authority as module
from edge.web.addresses import Interface, interfaces, own_names
from edge.web.authority import SERVER_LASTS, Authority, TlsFiles
from edge.web.certificate import own_files, web_concerns, web_faults
from edge.web.server import WebServer
from edge.web.trust_page import TrustPage, profile
from edge.web.trust_words import WORDS

NAME = "box.shop.example"


def made(folder, names=(NAME,)):
    return Authority(folder / "tls", names, "Miseban store box")


def shown(authority):
    return x509.load_pem_x509_certificate(authority.files.certificate.read_bytes())


def names_of(certificate):
    return certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value


async def hello(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})


def served(tls, port=0):
    server = WebServer(WebSettings(port=port), hello, tls)
    server.start()
    return server


def handshake(port, ca, name):
    """What a phone that trusts a CA makes of the page under a name: its certificate, or why it is not believed."""
    context = ssl.create_default_context(cafile=None if ca is None else str(ca))
    with (
        socket.create_connection(("127.0.0.1", port), timeout=5) as plain,
        context.wrap_socket(plain, server_hostname=name) as secure,
    ):
        return secure.getpeercert(binary_form=True)


# ---- the CA


def test_a_phone_that_trusts_the_ca_believes_the_page_under_all_its_names(tmp_path):
    authority = made(tmp_path)
    server = served(authority.files)
    for name in (NAME, "localhost", "127.0.0.1", *own_names(), *(str(one.address) for one in interfaces())):
        assert handshake(server.port, tmp_path / "tls/ca.pem", name), name
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        handshake(server.port, tmp_path / "tls/ca.pem", "other.example")
    with pytest.raises(ssl.SSLCertVerificationError, match="unable to get local issuer"):
        handshake(server.port, None, NAME)
    assert server.url == f"https://localhost:{server.port}/"
    server.check_answers()
    server.stop()


def test_the_keys_are_this_users_alone_and_the_certificates_are_short_lived(tmp_path):
    authority = made(tmp_path)
    assert (tmp_path / "tls").stat().st_mode & 0o077 == 0
    assert {p.stat().st_mode & 0o077 for p in (tmp_path / "tls").iterdir()} == {0}
    certificate = shown(authority)
    assert certificate.not_valid_after_utc - certificate.not_valid_before_utc == SERVER_LASTS
    ca = x509.load_der_x509_certificate(authority.certificate)
    constraints = ca.extensions.get_extension_for_class(x509.BasicConstraints)
    assert (constraints.critical, constraints.value.ca, constraints.value.path_length) == (True, True, 0)
    assert ca.extensions.get_extension_for_class(x509.NameConstraints).critical
    assert authority.fingerprint.replace(" ", "").lower() == ca.fingerprint(hashes.SHA256()).hex()


@pytest.mark.parametrize("stolen_for", ["bank.example", "8.8.8.8", "evil.com"])
def test_whoever_steals_the_cas_key_cannot_pose_as_somebody_else(tmp_path, stolen_for):
    authority = made(tmp_path)
    files = forged(tmp_path, authority, stolen_for)
    server = served(files)
    with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree violation"):
        handshake(server.port, tmp_path / "tls/ca.pem", stolen_for)
    server.stop()


def forged(folder, authority, name):
    ca = x509.load_der_x509_certificate(authority.certificate)
    ca_key = serialization.load_pem_private_key((folder / "tls/ca-key.pem").read_bytes(), None)
    return own(folder, name, issuer=ca.subject, issuer_key=ca_key)


def own(folder, *names, begins_d=-1, ends_d=90, issuer=None, issuer_key=None, key=None, stem="shop"):
    """A certificate as an owner has it; self-signed, unless somebody else signs."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    now = datetime.datetime.now(datetime.UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    general = []
    for name in names:
        try:
            general.append(x509.IPAddress(ipaddress.ip_address(name)))
        except ValueError:
            general.append(x509.DNSName(name))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer or subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + datetime.timedelta(days=begins_d))
        .not_valid_after(now + datetime.timedelta(days=ends_d))
        .add_extension(x509.SubjectAlternativeName(general), critical=False)
        .sign(issuer_key or key, hashes.SHA256())
    )
    files = TlsFiles(folder / f"{stem}.pem", folder / f"{stem}-key.pem")
    files.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    files.key.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
    return files


def test_the_next_start_keeps_all_of_it(tmp_path):
    first = made(tmp_path)
    before = {p.name: p.read_bytes() for p in (tmp_path / "tls").iterdir()}
    again = made(tmp_path)
    assert {p.name: p.read_bytes() for p in (tmp_path / "tls").iterdir()} == before
    assert (again.fingerprint, again.replaced, again.renew()) == (first.fingerprint, False, False)


def test_a_new_address_gets_a_new_certificate_from_the_same_ca_without_a_restart(tmp_path, monkeypatch):
    authority = made(tmp_path)
    server = served(authority.files)
    before = handshake(server.port, tmp_path / "tls/ca.pem", NAME)
    moved = Interface(ipaddress.ip_address("192.168.7.9"), ipaddress.ip_network("192.168.7.0/24"))
    monkeypatch.setattr(module, "interfaces", lambda: (moved,))
    assert authority.renew()
    server.show_anew()
    assert handshake(server.port, tmp_path / "tls/ca.pem", "192.168.7.9") != before
    assert not authority.replaced
    server.stop()


def test_an_address_that_the_ca_may_not_speak_for_is_left_out(tmp_path, monkeypatch):
    authority = made(tmp_path)
    public = Interface(ipaddress.ip_address("8.8.8.8"), ipaddress.ip_network("8.8.8.0/24"))
    monkeypatch.setattr(module, "interfaces", lambda: (public,))
    authority.renew()
    assert ipaddress.ip_address("8.8.8.8") not in names_of(shown(authority)).get_values_for_type(x509.IPAddress)


@pytest.mark.parametrize(("days", "renewed"), [(360, False), (367, True), (500, True), (-2, True)])
def test_a_certificate_is_renewed_before_it_ends(tmp_path, monkeypatch, days, renewed):
    authority = made(tmp_path)
    later = module._now() + datetime.timedelta(days=days)
    monkeypatch.setattr(module, "_now", lambda: later)
    assert authority.renew() is renewed
    assert shown(authority).not_valid_after_utc > later
    assert not authority.replaced


def test_a_ca_that_ends_or_may_not_speak_for_a_new_name_is_replaced_and_says_so(tmp_path, monkeypatch):
    first = made(tmp_path)
    assert not made(tmp_path, (NAME, "box.lan")).replaced
    other = made(tmp_path, (NAME, "other.example"))
    assert other.replaced
    assert other.fingerprint != first.fingerprint
    assert "other.example" in names_of(shown(other)).get_values_for_type(x509.DNSName)
    later = module._now() + datetime.timedelta(days=3400)
    monkeypatch.setattr(module, "_now", lambda: later)
    assert made(tmp_path, (NAME, "other.example")).replaced


@pytest.mark.parametrize("lost", ["ca.pem", "ca-key.pem", "page.pem", "page-key.pem"])
def test_what_a_power_cut_left_half_written_is_made_anew(tmp_path, lost):
    made(tmp_path)
    (tmp_path / "tls" / lost).unlink()
    authority = made(tmp_path)
    server = served(authority.files)
    assert handshake(server.port, tmp_path / "tls/ca.pem", NAME)
    server.stop()


def test_a_ca_that_cannot_be_read_is_named_and_not_replaced(tmp_path):
    made(tmp_path)
    (tmp_path / "tls/ca.pem").write_text("no certificate")
    with pytest.raises(EdgeError, match=r"own CA cannot be used.*move it away"):
        made(tmp_path)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl on PATH")
def test_openssl_agrees(tmp_path):
    made(tmp_path)
    command = ["openssl", "verify", "-x509_strict", "-CAfile", tmp_path / "tls/ca.pem", tmp_path / "tls/page.pem"]
    told = subprocess.run(command, capture_output=True, text=True, timeout=20)
    assert (told.returncode, told.stderr) == (0, "")


def test_plain_http_on_the_https_port_is_no_way_in(tmp_path):
    server = served(made(tmp_path).files)
    with pytest.raises(httpx.TransportError):
        httpx.get(f"http://localhost:{server.port}/")
    server.stop()


# ---- the owner's certificate


def settings_for(files, **more):
    return WebSettings(tls="own", certificate=files.certificate, key=files.key, port=0, **more)


def test_an_owners_certificate_is_shown_and_replaced_without_a_restart(tmp_path):
    files = own(tmp_path, NAME)
    server = served(own_files(settings_for(files)))
    before = handshake(server.port, files.certificate, NAME)
    own(tmp_path, NAME)
    server.show_anew()
    assert handshake(server.port, files.certificate, NAME) != before
    files.key.write_text("half a f")
    with pytest.raises(DeliveryError, match="the old one is shown"):
        server.show_anew()
    assert handshake(server.port, files.certificate, NAME)
    server.stop()


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        ("missing certificate", r"web.certificate: .*shop.pem cannot be read \(No such file"),
        ("missing key", r"web.key: .*shop-key.pem cannot be read \(No such file"),
        ("other key", r"web.key: .*shop-key.pem is not the key of .*shop.pem"),
        ("ended", r"web.certificate: .*shop.pem ended on 20\d\d-\d\d-\d\d\. Renew it"),
        ("not begun", r"web.certificate: .*is not valid before .*clock right\?"),
        ("no certificate", r"web.certificate: .*holds no certificate in PEM"),
        ("no key", r"web.key: .*holds no private key in PEM"),
        ("locked key", r"web.key: .*needs a password"),
    ],
)
def test_what_is_wrong_with_an_owners_certificate_is_said_plainly(tmp_path, spoil, words):
    files = own(
        tmp_path, NAME, **{"ended": {"begins_d": -9, "ends_d": -1}, "not begun": {"begins_d": 2}}.get(spoil, {})
    )
    match spoil:
        case "missing certificate":
            files.certificate.unlink()
        case "missing key":
            files.key.unlink()
        case "other key":
            files.key.write_bytes(own(tmp_path, NAME, stem="other").key.read_bytes())
        case "no certificate":
            files.certificate.write_text("-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n")
        case "no key":
            files.key.write_text("secret")
        case "locked key":
            locked = serialization.BestAvailableEncryption(b"x")
            key = ec.generate_private_key(ec.SECP256R1())
            files.key.write_bytes(
                key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, locked)
            )
    with pytest.raises(SettingsError, match=words):
        own_files(settings_for(files))
    (fault,) = web_faults(settings_for(files), tmp_path / "device.toml")
    assert str(fault).startswith(f"{tmp_path / 'device.toml'} web.")


def test_what_was_hardly_meant_is_told(tmp_path):
    files = own(tmp_path, "shop.example", "*.lan.example", ends_d=9)
    told = web_concerns(settings_for(files, names=("a.lan.example", "b.example")))
    assert any("ends on" in one for one in told)
    assert [re.findall(r"'(\S+)'", one) for one in told if "made out" in one] == [["b.example"]]
    assert "unencrypted" in web_concerns(WebSettings(host="192.168.1.7", tls="off"))[0]
    assert web_concerns(WebSettings()) == ()


# ---- the page that leads phones to trust the CA


@pytest.fixture
def trust(tmp_path):
    authority = made(tmp_path)
    server = WebServer(WebSettings(port=0), TrustPage(authority, ("localhost", NAME), lambda: 8480).app())
    server.start()
    with httpx.Client(base_url=server.url) as client:
        yield client, authority
    server.stop()


@pytest.mark.parametrize(
    ("asked", "language"),
    [("ja,en;q=0.5", "ja"), ("en-GB,ja", "en"), ("fr-FR, ja;q=0.8", "ja"), ("fr", "en"), ("", "en")],
)
def test_the_page_speaks_the_phones_language_and_shows_the_fingerprint(trust, asked, language):
    client, authority = trust
    page = client.get("/", headers={"accept-language": asked})
    assert page.status_code == 200
    assert f'<html lang="{language}">' in page.text
    assert WORDS[language].title in page.text
    assert authority.fingerprint in page.text
    assert authority.subject in page.text
    assert "{" not in page.text
    assert "<script" not in page.text
    assert "strict-transport-security" not in page.headers
    assert "default-src 'none'" in page.headers["content-security-policy"]
    other = "en" if language == "ja" else "ja"
    assert f'<html lang="{other}">' in client.get(f"/?lang={other}", headers={"accept-language": asked}).text


def test_a_phone_gets_the_certificate_in_the_form_that_it_takes(trust):
    client, authority = trust
    android = client.get("/miseban-ca.crt")
    assert (android.headers["content-type"], android.content) == ("application/x-x509-ca-cert", authority.certificate)
    iphone = client.get("/miseban-ca.mobileconfig")
    assert iphone.headers["content-type"] == "application/x-apple-aspen-config"
    told = plistlib.loads(iphone.content)
    (payload,) = told["PayloadContent"]
    assert (told["PayloadType"], payload["PayloadType"]) == ("Configuration", "com.apple.security.root")
    assert payload["PayloadContent"] == authority.certificate
    assert told["PayloadUUID"] != payload["PayloadUUID"]
    assert profile(authority) == iphone.content  # installed again, it replaces itself


@pytest.mark.parametrize("path", ["/api/session", "/anything/else?x=1", "/sw.js", "/mqtt", "/../../etc/passwd"])
def test_whatever_else_is_asked_goes_to_https(trust, path):
    client, _ = trust
    for method in ("GET", "POST"):
        answer = client.request(method, path)
        assert answer.status_code == 307
        assert answer.headers["location"].startswith("https://localhost:8480/")


@pytest.mark.parametrize(
    ("host", "where"),
    [(NAME, f"https://{NAME}:8480/"), ("192.168.1.7:8481", "https://192.168.1.7:8480/"), ("[fd00::2]:8481", "https://[fd00::2]:8480/")],
)  # fmt: skip
def test_a_phone_stays_on_the_name_under_which_it_came(trust, host, where):
    client, _ = trust
    assert client.get("/x", headers={"host": host}).headers["location"] == f"{where}x"
    assert where in client.get("/", headers={"host": host}).text


def test_it_leads_nobody_to_another_box(trust):
    client, _ = trust
    assert client.get("/x", headers={"host": "evil.example"}).status_code == 421
    assert client.get("//evil.example/x").headers["location"].startswith("https://localhost:8480/")
