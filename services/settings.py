"""Configuration by environment: documented names, read once; a wrong value is refused with what is allowed."""

import difflib
import os
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal
from zoneinfo import available_timezones

from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator
from pydantic.fields import FieldInfo
from pydantic_settings import SettingsConfigDict

from services.call_settings import CallSettings
from services.errors import Refusal

PREFIX = "LINLI_"
OF_TESTS = ("LINLI_OSM_DIR", "LINLI_TEST_CLUSTER")
SECRET_LENGTH = 32


class SettingRefused(Refusal):
    """{subject} cannot be {value}. Allowed: {allowed}."""


class SettingUnknown(Refusal):
    """There is no setting {subject}.{hint} All of them are in docs/operations.md."""


def _setting(default: Any, meaning: str, allowed: str, **rules: Any) -> Any:
    return Field(default, description=meaning, json_schema_extra={"allowed": allowed}, **rules)


class Settings(CallSettings):
    """All settings; the environment's name is `LINLI_` and the field's name in capitals, save `DATABASE_URL`."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, frozen=True, populate_by_name=True)

    database_url: str | None = _setting(
        None,
        "The database to use, as the role that the server speaks as; without it a private one is started.",
        "postgresql://user:password@host/database",
        validation_alias=AliasChoices("database_url", "DATABASE_URL"),
    )
    owner_database_url: str | None = _setting(
        None,
        "The same database as the role that owns the tables, for migrations; DATABASE_URL when not given.",
        "postgresql://user:password@host/database",
    )
    data: Path = _setting(Path(".data"), "The folder of the private database and of the secrets made here.", "a folder")
    postgres_bin: Path | None = _setting(
        None, "The folder of PostgreSQL's programs; found by itself when not given.", "a folder with initdb in it"
    )
    host: str = _setting("127.0.0.1", "The address to listen on.", "an address of this machine, 0.0.0.0 for all")
    port: int = _setting(8000, "The port to listen on.", "a whole number from 1 to 65535", ge=1, le=65535)
    workers: int = _setting(1, "How many server processes.", "a whole number from 1 to 64", ge=1, le=64)
    pool_size: int = _setting(
        10, "Database connections kept by each server process.", "a whole number from 1 to 100", ge=1, le=100
    )
    drain_seconds: int = _setting(
        20, "How long requests may still take after SIGTERM.", "a whole number from 0 to 600", ge=0, le=600
    )
    import_most_bytes: int = _setting(
        4 * 1024**3, "The largest file that an import takes.", "a whole number from 1024", ge=1024
    )
    environment: Literal["development", "production"] = _setting(
        "development", "In production no GraphiQL is served.", "development or production"
    )
    files: str | None = _setting(
        None,
        "Where the files of cases are kept, sealed; `files` in the data folder when not given.",
        "a folder, or s3://bucket/prefix",
    )
    files_endpoint: str | None = _setting(
        None, "The S3-compatible store of these files, when it is not Amazon's.", "http(s)://host:port"
    )
    files_region: str = _setting("us-east-1", "The region of that store.", "as the store names it")
    files_key_id: SecretStr | None = _setting(
        None, "The access key of that store; without it the machine's own rights are used.", "as the store gave it"
    )
    files_secret: SecretStr | None = _setting(None, "The secret of that access key.", "as the store gave it")
    time_zone: str = _setting(
        "Asia/Shanghai",
        "The local time of working days, duties, opening hours and of what a file writes without an offset.",
        "a name of the IANA time zone database",
    )
    log_level: Literal["debug", "info", "warning", "error"] = _setting(
        "info", "The least grave lines to log.", "debug, info, warning or error"
    )
    token_secret: SecretStr | None = _setting(
        None,
        "Signs bearer tokens; made and kept in the data folder when not given.",
        f"at least {SECRET_LENGTH} characters, the same on all servers",
        min_length=SECRET_LENGTH,
    )
    sealing_secret: SecretStr | None = _setting(
        None,
        "Seals personal data; made and kept in the data folder when not given. Lost, the data cannot be read.",
        f"at least {SECRET_LENGTH} characters, the same on all servers, for ever",
        min_length=SECRET_LENGTH,
    )

    former_sealing_secret: SecretStr | None = _setting(
        None,
        "Sealing secrets of before, while `./dev rotate-key` still finds rows under them; see docs/care.md.",
        "secrets separated by commas, the oldest first",
        min_length=SECRET_LENGTH,
    )
    sealing_generation: int = _setting(
        1,
        "The number of today's sealing secret: one more at each rotation.",
        "a whole number from 1 to 255",
        ge=1,
        le=255,
    )
    read_log_secret: SecretStr | None = _setting(
        None,
        "Chains the read log; made and kept in the data folder, or the oldest sealing secret, when not given.",
        f"at least {SECRET_LENGTH} characters, the same on all servers, for ever",
        min_length=SECRET_LENGTH,
    )
    opening_hours: float = _setting(
        3.0, "How many hours a household stays open by break-glass.", "a number from 0.25 to 24", ge=0.25, le=24
    )
    opening_reason_length: int = _setting(
        15, "How many characters the reason for break-glass has at least.", "a whole number from 1 to 200", ge=1, le=200
    )
    erase_after_days: int = _setting(
        15,
        "How many days after a consent was withdrawn the record is deleted.",
        "a whole number from 0 to 365",
        ge=0,
        le=365,
    )
    visit_after_change_hours: int = _setting(
        24, "Within how many hours somebody whose level rose is visited.", "a whole number from 1 to 720", ge=1, le=720
    )

    oidc_issuer: str | None = _setting(
        None,
        "The OpenID provider that people may sign in by; by password only when not given.",
        "https://... exactly as the provider names itself",
        pattern=r"^https?://\S+$",
    )
    oidc_client_id: str | None = _setting(
        None, "As whom this site is known to the provider.", "as the provider gave it"
    )
    oidc_client_secret: SecretStr | None = _setting(
        None, "Proves this site to the provider; a public client has none.", "as the provider gave it"
    )

    allowed_origins: str = _setting(
        "",
        "Pages of these origins may ask the API from a browser; this server's own always may.",
        "origins with scheme and no path, separated by commas, such as https://map.example; * for all",
        pattern=r"^(\*|https?://[^/,\s]+(,https?://[^/,\s]+)*)?$",
    )
    base_map_url: str | None = _setting(
        None,
        "Tiles of pictures below the map, from outside; without it the imported street file is the base map.",
        "https://... with {z}, {x} and {y} in it",
        pattern=r"^https?://\S+\{[xyz]\}\S*\{[xyz]\}\S*\{[xyz]\}\S*$",
    )
    base_map_crs: Literal["WGS84", "GCJ02"] = _setting(
        "WGS84", "Where those pictures lie; GCJ02 (Gaode, Tencent) is shifted into place.", "WGS84 or GCJ02"
    )
    base_map_attribution: str = _setting("", "Whom to name for those pictures.", "a short text")
    suppress_below: int = _setting(
        5, "Counts of people under special care below this are withheld.", "a whole number from 1 to 100", ge=1, le=100
    )
    most_cost: int = _setting(
        100_000, "How many values one answer may hold.", "a whole number from 1000 to 10000000", ge=1000, le=10_000_000
    )
    most_seconds: float = _setting(
        15.0, "How long one query or mutation may take.", "a number of seconds from 1 to 300", ge=1, le=300
    )

    mqtt_url: str | None = _setting(
        None,
        "The broker by which terminals press; none is listened to when not given.",
        "mqtt://user:password@host:1883, or mqtts:// with TLS",
        pattern=r"^mqtts?://\S+$",
    )
    vapid_private_key: SecretStr | None = _setting(
        None, "Signs web push messages (RFC 8292); without it they go to the log.", "a P-256 private key, base64url"
    )
    vapid_contact: str = _setting(
        "mailto:operator@example.org",
        "Whom a push service may write to.",
        "mailto: or https:",
        pattern="^(mailto|https):",
    )
    push_origins: str = _setting(
        "",
        "Push services beside those of the internet that have a name and https; for closed networks.",
        "origins with scheme and no path, separated by commas, such as https://10.1.2.3:8443",
        pattern=r"^(https?://[^/,\s]+(,https?://[^/,\s]+)*)?$",
    )
    sms_url: str | None = _setting(
        None, "Where text messages are posted; without it they go to the log.", "https://...", pattern="^https?://"
    )
    voice_url: str | None = _setting(
        None, "Where voice messages are posted; without it they go to the log.", "https://...", pattern="^https?://"
    )
    provider_token: SecretStr | None = _setting(
        None, "The bearer token that the provider of text and voice messages wants.", "as the provider gave it"
    )

    @field_validator("time_zone")
    @classmethod
    def _is_known(cls, zone: str) -> str:
        if zone not in available_timezones():
            raise ValueError("no such time zone")
        return zone

    @field_validator("database_url", "owner_database_url")
    @classmethod
    def _is_postgres(cls, url: str | None) -> str | None:
        if url is not None and not url.startswith(("postgresql://", "postgres://")):
            raise ValueError("not a PostgreSQL address")
        return url


def load(**overrides: Any) -> Settings:
    """The settings of the environment, `overrides` first. Raises SettingRefused, SettingUnknown."""
    _refuse_unknown()
    try:
        return Settings(**{name: value for name, value in overrides.items() if value is not None})
    except ValidationError as problem:
        raise _refusal(problem) from None


@lru_cache(maxsize=1)
def current() -> Settings:
    """The settings of this process, read once."""
    return load()


def environment_name(field: str) -> str:
    """The environment's name for a field."""
    return "DATABASE_URL" if field == "database_url" else PREFIX + field.upper()


def table() -> str:
    """All settings as the table of docs/operations.md."""
    rows = ["| name | default | allowed | what |", "|---|---|---|---|"]
    of_calls = CallSettings.model_fields
    ours = {name: field for name, field in Settings.model_fields.items() if name not in of_calls}
    rows += [_row(name, field) for name, field in (ours | of_calls).items()]
    return "\n".join(rows)


def _row(name: str, field: FieldInfo) -> str:
    default = "none" if field.default is None else f"`{field.default}`"
    return f"| `{environment_name(name)}` | {default} | {_allowed(name)} | {field.description} |"


def _allowed(field: str) -> str:
    extra = Settings.model_fields[field].json_schema_extra
    return str(extra["allowed"]) if isinstance(extra, dict) else ""


def _refusal(problem: ValidationError) -> SettingRefused:
    error = problem.errors(include_url=False)[0]
    field = str(error["loc"][0]).lower()
    hidden = field.endswith(("secret", "url", "key", "token"))
    shown = "what was given" if hidden else repr(error["input"])
    return SettingRefused(environment_name(field), value=shown, allowed=_allowed(field))


def _refuse_unknown() -> None:
    known = [*map(environment_name, Settings.model_fields), *OF_TESTS]
    for name in os.environ:
        if name.startswith(PREFIX) and name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            raise SettingUnknown(name, hint=f" Did you mean {close[0]}?" if close else "")
