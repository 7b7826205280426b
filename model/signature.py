"""Signatures of versions: model.sig, over every other file of a folder, by sigstore's model-signing and a local key.

The keys are elliptic curve keys in PEM files (P-256, P-384 or P-521). A signature says that whoever holds the private
key made this version; which version is served, and why, is decided elsewhere. model-signing, the extra `signing`, takes
a second and 60 MB to load: it is, when the first signature is made or checked.
"""

import json
import threading
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

from model.errors import ModelError, ModelUnavailable
from model.registry import METRICS, SIGNATURE

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
    from model_signing.hashing import Config as Hashing

_NEEDED: Final = ("cryptography", "model_signing", "OpenSSL")
_CURVES: Final = ("secp256r1", "secp384r1", "secp521r1")  # what model-signing takes


class KeyUnusable(ModelError):
    """A key can't be used. The message is one line, which holds nothing of the key and not its path."""


class Signer:
    """The private key of whoever trains. Raises KeyUnusable."""

    def __init__(self, key: Path) -> None:
        self._path = key
        self.public = _private(key)

    def sign(self, folder: Path) -> None:
        """Sign the version in `folder`, in place of any signature that it has. Raises KeyUnusable, OSError."""
        from model_signing import signing

        try:
            signer = signing.Config().use_elliptic_key_signer(private_key=self._path)
        except (OSError, TypeError, ValueError) as error:  # it was looked at before
            raise KeyUnusable("it was taken away or changed meanwhile") from error
        signer.set_hashing_config(_everything()).sign(folder, folder / SIGNATURE)


class Verifier:
    """The public key that all versions must be signed for. Raises KeyUnusable."""

    def __init__(self, key: Path) -> None:
        self._path = key
        self._public = _public(key)
        self._turn = threading.Lock()  # model-signing's settings are changed by each use

    def belongs_to(self, signer: Signer) -> bool:
        """Whether what `signer` signs is taken."""
        return self._public == signer.public

    def check(self, folder: Path, name: str) -> None:
        """See that the version in `folder` is signed, all of it, and is the one called `name`.

        Takes a second when it is the first, then some 10 ms. Raises ModelUnavailable.
        """
        if not (folder / SIGNATURE).is_file():
            raise _unavailable(folder, "it is not signed, and MODELS_PUBLIC_KEY is set")
        from model_signing import verifying

        with self._turn:
            try:
                verifier = verifying.Config().use_elliptic_key_verifier(public_key=self._path)
                verifier.set_hashing_config(_everything()).verify(folder, folder / SIGNATURE)
                signed = json.loads((folder / METRICS).read_bytes())["version"]
            except Exception as error:  # a forged file can be anything, and then anything can be wrong with it
                raise _unavailable(folder, "its signature does not fit, or is another key's") from error
        if signed != name:  # an older version, or a refused one, in the place of another
            raise _unavailable(folder, f"what is signed in it is another version, {signed!r}")


def _everything() -> "Hashing":
    """Every file but the signature itself, whatever a signature would like to leave out."""
    from model_signing import hashing

    return hashing.Config().set_ignored_paths(paths=[SIGNATURE], ignore_git_paths=False)


def _private(path: Path) -> "EllipticCurvePublicKey":
    """Read a private key and give its public one: the key itself is not kept."""
    pem = _pem(path)
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(pem, None)
    except TypeError:  # the cause says nothing that could not be said here, and might hold something of the key
        raise KeyUnusable("the key has a password; one without is needed") from None
    except (ValueError, UnsupportedAlgorithm):
        raise KeyUnusable("there is no private key in PEM form in it") from None
    return _elliptic(key.public_key())


def _public(path: Path) -> "EllipticCurvePublicKey":
    pem = _pem(path)
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key = load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm):
        raise KeyUnusable("there is no public key in PEM form in it") from None
    return _elliptic(key)


def _pem(path: Path) -> bytes:
    missing = [package for package in _NEEDED if find_spec(package) is None]
    if missing:
        raise KeyUnusable("a package is missing: install digit-bot[signing]")
    try:
        return path.read_bytes()
    except OSError as error:
        raise KeyUnusable(f"the file can't be read ({error.strerror})") from None  # the cause holds the path


def _elliptic(key: object) -> "EllipticCurvePublicKey":
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

    if not isinstance(key, EllipticCurvePublicKey) or key.curve.name not in _CURVES:
        raise KeyUnusable("the key is of another kind; an elliptic curve key is needed (P-256, P-384, P-521)")
    return key


def _unavailable(folder: Path, problem: str) -> ModelUnavailable:
    return ModelUnavailable(
        f"the model in {folder} can't be served: {problem}; if you trust it, sign it: python -m model sign {folder}"
    )
