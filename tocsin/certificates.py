"""The two certificates of an unlocking over mutual TLS. Each side trusts the one certificate of the other, and no
authority: there is nobody else who could vouch for either."""

import ipaddress
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

LASTS = timedelta(days=3650)
EARLIER = timedelta(days=1)  # clocks differ


def pair(host: str, now: datetime) -> "tuple[tuple[str, str], tuple[str, str]]":
    """Both sides, as ((certificate of the server at `host`, with its key), (the same of the client)), in PEM."""
    server = _self_signed(host, ExtendedKeyUsageOID.SERVER_AUTH, _named(host), now)
    client = _self_signed("tocsin", ExtendedKeyUsageOID.CLIENT_AUTH, x509.DNSName("tocsin"), now)
    return server, client


def _named(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _self_signed(
    common_name: str, use: x509.ObjectIdentifier, also: x509.GeneralName, now: datetime
) -> tuple[str, str]:
    """A certificate, and the same followed by its key."""
    key: EllipticCurvePrivateKey = generate_private_key(SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name[:64])])
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    usage = x509.KeyUsage(
        digital_signature=True, key_cert_sign=True, content_commitment=False, key_encipherment=False,
        data_encipherment=False, key_agreement=False, crl_sign=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - EARLIER)
        .not_valid_after(now + LASTS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([use]), critical=False)
        .add_extension(x509.SubjectAlternativeName([also]), critical=False)
        .add_extension(identifier, critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), critical=False)
        .sign(key, SHA256())
        .public_bytes(Encoding.PEM)
        .decode()
    )
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return certificate, certificate + secret
