"""Secrets are made once, kept for us alone, and never made up where several servers must agree."""

import stat
from pathlib import Path

import pytest

from services.secrets import SecretMissing, keyring, token_secret
from services.settings import Settings

DATABASE = "postgresql://app@db/linli"


def test_a_secret_is_made_once_and_stays(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "data")
    first = token_secret(settings)
    assert len(first) == 64  # 48 random bytes in base64
    assert token_secret(settings) == first
    assert keyring(settings).index_key == keyring(settings).index_key
    assert keyring(settings).index_key not in first


def test_only_its_owner_reads_it(tmp_path: Path) -> None:
    token_secret(Settings(data=tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["token-secret"]
    assert stat.S_IMODE((tmp_path / "token-secret").stat().st_mode) == 0o600


def test_one_that_is_given_is_used_and_nothing_is_written(tmp_path: Path) -> None:
    assert token_secret(Settings(data=tmp_path, token_secret="x" * 32)) == b"x" * 32
    assert list(tmp_path.iterdir()) == []


def test_in_production_on_a_shared_database_it_must_be_given(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, database_url=DATABASE, environment="production")
    with pytest.raises(SecretMissing, match="LINLI_SEALING_SECRET must be set in production"):
        keyring(settings)
    assert list(tmp_path.iterdir()) == []
