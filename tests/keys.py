"""Keys for tests, made as a person would with openssl."""

from pathlib import Path
from typing import NamedTuple

from cryptography.hazmat.primitives import serialization  # noqa: TID253 this is what makes keys
from cryptography.hazmat.primitives.asymmetric import ec, rsa  # noqa: TID253 likewise

PEM = serialization.Encoding.PEM
_PUBLIC = serialization.PublicFormat.SubjectPublicKeyInfo


class Pair(NamedTuple):
    """The files of a private key and of its public one."""

    private: Path
    public: Path


def a_pair(folder: Path, name: str = "ours", *, password: str = "") -> Pair:
    """Make an elliptic curve key in `folder`; with a password if one is given."""
    return _written(ec.generate_private_key(ec.SECP256R1()), folder, name, password)


def of_another_curve(folder: Path) -> Pair:
    """Make an elliptic curve key of the kind that Bitcoin has, which signs no version."""
    return _written(ec.generate_private_key(ec.SECP256K1()), folder, "curve", "")


def another_kind(folder: Path) -> Pair:
    """Make an RSA key, which signs no version."""
    return _written(rsa.generate_private_key(65537, 2048), folder, "rsa", "")


def _written(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey, folder: Path, name: str, password: str) -> Pair:
    pair = Pair(folder / f"{name}.pem", folder / f"{name}.pub")
    locked = serialization.BestAvailableEncryption(password.encode()) if password else serialization.NoEncryption()
    pair.private.write_bytes(key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, locked))
    pair.public.write_bytes(key.public_key().public_bytes(PEM, _PUBLIC))
    return pair
