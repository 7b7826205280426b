"""The keys of MODELS_PRIVATE_KEY and MODELS_PUBLIC_KEY, looked at before anything is signed or served with them."""

from pathlib import Path

from model import KeyUnusable, Signer, Verifier


class WrongKey(Exception):
    """A key that can't be used. The message is one line that names the setting, never its value or the key."""


def keys(private: Path | None, public: Path | None) -> tuple[Signer | None, Verifier | None]:
    """Open the keys that are set. Raises WrongKey, for two that do not belong together as well."""
    name = "MODELS_PRIVATE_KEY"
    try:
        signer = Signer(private) if private else None
        name = "MODELS_PUBLIC_KEY"
        verifier = Verifier(public) if public else None
    except KeyUnusable as error:
        raise WrongKey(f"{name} can't be used: {error}") from None
    if signer and verifier and not verifier.belongs_to(signer):
        raise WrongKey("MODELS_PRIVATE_KEY and MODELS_PUBLIC_KEY do not belong together: take both of one pair")
    return signer, verifier
