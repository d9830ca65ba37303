"""The secrets outside the database: given by the environment, or made once and kept beside the data for us alone."""

import os
import secrets
from pathlib import Path

from pydantic import SecretStr

from services.errors import Refusal
from services.sealing import Keyring
from services.settings import Settings


class SecretMissing(Refusal):
    """{subject} must be set in production with a DATABASE_URL, since all servers of one database share it."""


def token_secret(settings: Settings) -> bytes:
    """What signs the bearer tokens."""
    return _secret(settings, "token_secret", settings.token_secret)


def keyring(settings: Settings) -> Keyring:
    """What seals personal data."""
    return Keyring.from_secret(_secret(settings, "sealing_secret", settings.sealing_secret))


def _secret(settings: Settings, name: str, given: SecretStr | None) -> bytes:
    if given is not None:
        return given.get_secret_value().encode()
    if settings.database_url and settings.environment == "production" and not _kept(settings, name).exists():
        raise SecretMissing(f"LINLI_{name.upper()}")
    return _keep(_kept(settings, name))


def _kept(settings: Settings, name: str) -> Path:
    return settings.data / name.replace("_", "-")


def _keep(path: Path) -> bytes:
    """Written beside its place and linked into it, so that of many processes one wins and none reads half."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_bytes()
