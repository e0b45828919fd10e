from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import httpx
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.support.commands import volact
from tests.support.service import Device, Place
from volact.credential import strictjson
from volact.protocol.flows import read_answer_file
from volact.service.usecases import catalogs


def answer(place: Place, file: Path, out: Path, *, shift: str | None = None) -> tuple[int, dict[str, object]]:
    """Runs `volact service answer`, its clock set off by `shift`."""
    said = volact("service", "answer", place.folder, file, "--out", out, shift=shift)
    return said.code, said.data


def test_request_file_is_answered_without_a_server(tmp_path: Path) -> None:
    """A request file gets an answer file that its computer believes, with roots and list, and the same one again."""
    place = Place.make(tmp_path / "service")
    key = place.key("tracer-9", "mak", activations=1)
    body = Device(place.publisher).activate(key, "tracer-9", via="file")
    (tmp_path / "one.request").write_bytes(body)
    assert answer(place, tmp_path / "one.request", tmp_path / "one.response")[0] == 0
    data = (tmp_path / "one.response").read_bytes()
    trust, believed = read_answer_file(place.trust, body, data=data)
    assert believed.claims.rid in data.decode() or believed.credential in data.decode()
    assert len(strictjson.loads(data, 10**6)["roots"]) == trust.root.version
    with place.running():  # beside a running service, too
        assert answer(place, tmp_path / "one.request", tmp_path / "two.response")[0] == 0
    assert (tmp_path / "two.response").read_bytes() == data
    assert place.row(key).used == 1


def test_refused_request_file_leaves_nothing(tmp_path: Path) -> None:
    """A refusal gives its code with exit 1, and neither writes an answer nor touches one that is there."""
    place = Place.make(tmp_path / "service")
    key = place.key("tracer-9", "mak", activations=0)
    (tmp_path / "one.request").write_bytes(Device(place.publisher).activate(key, "tracer-9", via="file"))
    (tmp_path / "two.request").write_bytes(b"\xff" * 70_000)
    (tmp_path / "there").write_bytes(b"before")
    status, said = answer(place, tmp_path / "one.request", tmp_path / "one.response")
    assert (status, said["error"]["code"]) == (1, "mak_exhausted")  # type: ignore[index]
    assert said["error"]["center"]["number"]  # type: ignore[index]
    status, said = answer(place, tmp_path / "two.request", tmp_path / "there")
    assert (status, said["error"]["code"]) == (1, "request_malformed")  # type: ignore[index]
    assert (tmp_path / "there").read_bytes() == b"before"
    assert sorted(path.name for path in tmp_path.glob("*response*")) == []


def test_a_refusal_under_a_wrong_clock_stops_nobody(tmp_path: Path) -> None:
    """A request that was refused under a clock half a year ahead was not signed, so the right clock goes on signing."""
    place = Place.make(tmp_path / "service")
    key, device = place.key("tracer-9", "mak", activations=1), Device(place.publisher)
    (tmp_path / "one.request").write_bytes(device.activate(key, "tracer-9", via="file"))
    late = answer(place, tmp_path / "one.request", tmp_path / "one.response", shift="+181d")[1]
    assert late["error"]["code"] == "clock_out_of_range"  # type: ignore[index]
    assert answer(place, tmp_path / "one.request", tmp_path / "one.response")[0] == 0


def test_tls_and_url_of_a_public_service(tmp_path: Path) -> None:
    """A service with a certificate answers on any address by https, and its URL goes into publisher files."""
    place = Place.make(tmp_path / "service")
    chain, key = certificate(tmp_path)
    options = ("--tls-cert", str(chain), "--tls-key", str(key), "--url", "https://activation.acme.example/")
    with place.running(*options, bind="0.0.0.0:0") as running:
        port = running.url.rsplit(":", 1)[1]
        trusted = ssl.create_default_context(cafile=str(chain))
        said = httpx.get(f"https://127.0.0.1:{port}/.well-known/volact", verify=trusted).json()
    assert said["service"] == "https://activation.acme.example"
    with place.opened() as service:
        data, _ = catalogs.publisher_file(service)
    assert strictjson.loads(data, 10**6)["service"] == "https://activation.acme.example"


def certificate(folder: Path) -> tuple[Path, Path]:
    """A self-signed certificate for 127.0.0.1, and its key."""
    key, today = Ed25519PrivateKey.generate(), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "activation.acme.example")])
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, None)
    )
    (folder / "chain.pem").write_bytes(signed.public_bytes(Encoding.PEM))
    (folder / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return folder / "chain.pem", folder / "key.pem"
