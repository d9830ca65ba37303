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


class SecretGiven(Refusal):
    """{subject} comes from the environment. Give the new one there, the old as LINLI_FORMER_SEALING_SECRET."""


def token_secret(settings: Settings) -> bytes:
    """What signs the bearer tokens."""
    return _secret(settings, "token_secret", settings.token_secret)


def keyring(settings: Settings) -> Keyring:
    """What seals personal data: today's secret, and those of before while rows are still under them."""
    secrets_ = _given_secrets(settings) if settings.sealing_secret else _kept_secrets(settings)
    return Keyring.from_secrets(secrets_, _log_secret(settings, secrets_[min(secrets_)]))


def add_sealing_secret(settings: Settings) -> int:
    """Make the next secret in the data folder; gives its generation. The servers seal under it when they next start.

    Refused when the environment gives the secret: then whoever gives it makes the next one.
    """
    if settings.sealing_secret is not None:
        raise SecretGiven("LINLI_SEALING_SECRET")
    generation = keyring(settings).generation + 1
    _keep(_kept(settings, f"sealing_secret_{generation}"))
    return generation


def _given_secrets(settings: Settings) -> dict[int, bytes]:
    """Generation to secret, from the environment: today's, and the former ones counted down from it."""
    today = _secret(settings, "sealing_secret", settings.sealing_secret)
    former = settings.former_sealing_secret
    before = [secret.encode() for secret in former.get_secret_value().split(",")] if former else []
    newest = max(settings.sealing_generation, len(before) + 1)
    return dict(enumerate([*before, today], start=newest - len(before)))


def _kept_secrets(settings: Settings) -> dict[int, bytes]:
    """Generation to secret, from the data folder; the first is made when there is none at all."""
    names = {int(path.name.rsplit("-", 1)[1]): path for path in settings.data.glob("sealing-secret-[0-9]*")}
    found = {number: path.read_bytes() for number, path in names.items()}
    if not found or _kept(settings, "sealing_secret").exists():
        found[1] = _secret(settings, "sealing_secret", None)
    return found


def _log_secret(settings: Settings, oldest: bytes) -> bytes:
    """Its own secret; where the environment gives all secrets but this one, the oldest that seals."""
    if settings.read_log_secret is None and settings.sealing_secret is not None:
        return oldest
    return _secret(settings, "read_log_secret", settings.read_log_secret)


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
