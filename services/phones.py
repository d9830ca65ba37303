"""Phones that are told by web push: a browser's subscription, kept sealed, for the account that registered it alone."""

import hashlib
import ipaddress
import json
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services import clock
from services.access import Actor
from services.errors import Invalid, NotAllowed
from services.models.accounts import Account
from services.models.base import new_id
from services.models.phones import Phone
from services.sealing import Keyring

PLACE = "phones.subscription"
MOST_PHONES = 10
LONGEST_ENDPOINT = 2000
LONGEST_KEY = 200
INSIDE = (".local", ".internal", ".localhost", ".lan", ".home.arpa")


class PhoneRefused(Invalid):
    """This phone cannot be registered: {reason}"""


class PeopleOnly(NotAllowed):
    """Phones are registered by people, not by devices."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """What a browser's PushManager gives (RFC 8030, 8291): the push service's address, and the keys to encrypt for."""

    endpoint: str
    p256dh: str
    auth: str

    def as_json(self) -> str:
        """As the push library wants it."""
        return json.dumps({"endpoint": self.endpoint, "keys": {"p256dh": self.p256dh, "auth": self.auth}})


async def register(
    session: AsyncSession,
    keyring: Keyring,
    actor: Actor,
    subscription: Subscription,
    language: str = "zh",
    allowed_origins: Collection[str] = (),
) -> Phone:
    """The actor is told on this phone from now on; twice is once; who registers a phone last has it.

    Raises PeopleOnly, PhoneRefused. Of more than `MOST_PHONES` the oldest is forgotten.
    """
    if actor.terminal_id is not None:
        raise PeopleOnly
    check(subscription, allowed_origins)
    data_key = keyring.new_data_key()
    values = {
        "account_id": actor.account_id,
        "data_key": data_key,
        "subscription_sealed": keyring.seal(data_key, PLACE, subscription.as_json()),
        "language": language[:10],
        "registered_at": clock.now(),
    }
    row = insert(Phone).values(id=new_id(), endpoint_digest=digest(subscription.endpoint), **values)
    kept = row.on_conflict_do_update(index_elements=[Phone.endpoint_digest], set_=values).returning(Phone)
    phone = (await session.scalars(kept, execution_options={"populate_existing": True})).one()
    await _forget_oldest(session, actor.account_id)
    return phone


async def unregister(session: AsyncSession, actor: Actor, endpoint: str) -> bool:
    """The actor is no longer told on this phone; False when it was not the actor's, or not registered."""
    mine = (Phone.account_id == actor.account_id, Phone.endpoint_digest == digest(endpoint))
    return await session.scalar(sa.delete(Phone).where(*mine).returning(Phone.id)) is not None


async def of_worker(session: AsyncSession, worker_id: uuid.UUID) -> Sequence[Phone]:
    """The phones of a worker's account, the newest first; none for an account that is disabled."""
    return (await of_workers(session, [worker_id])).get(worker_id, [])


async def of_workers(session: AsyncSession, worker_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[Phone]]:
    """The same for many workers at once; who has none is missing."""
    theirs = sa.select(Account.worker_id, Phone).join(Account, Account.id == Phone.account_id)
    mine = Account.worker_id == sa.any_(sa.literal(list(worker_ids), sa.ARRAY(sa.Uuid)))
    found: dict[uuid.UUID, list[Phone]] = {}
    rows = await session.execute(theirs.where(mine, Account.disabled_at.is_(None)).order_by(Phone.registered_at.desc()))
    for worker_id, phone in rows:
        if worker_id is not None:
            found.setdefault(worker_id, []).append(phone)
    return found


async def forget(session: AsyncSession, ids: Collection[uuid.UUID]) -> None:
    """The push service says that these are gone."""
    if ids:
        await session.execute(sa.delete(Phone).where(Phone.id.in_(ids)))


def subscription_of(keyring: Keyring, phone: Phone) -> str | None:
    """The subscription as JSON, for the channel that delivers."""
    return keyring.open(phone.data_key, PLACE, phone.subscription_sealed)


def digest(endpoint: str) -> bytes:
    """By which a phone is found again."""
    return hashlib.sha256(endpoint.encode()).digest()


def check(subscription: Subscription, allowed_origins: Collection[str] = ()) -> None:
    """PhoneRefused unless the endpoint is a push service of the internet, or one that the operator has named.

    This server posts to the address that a client names: it must not be led to machines of its own network.
    """
    if len(subscription.endpoint) > LONGEST_ENDPOINT:
        raise PhoneRefused(reason="its endpoint is too long.")
    if not all(0 < len(key) <= LONGEST_KEY for key in (subscription.p256dh, subscription.auth)):
        raise PhoneRefused(reason="send both keys of the subscription, `p256dh` and `auth`.")
    try:
        parts = urlsplit(subscription.endpoint)
        origin, port = f"{parts.scheme}://{parts.netloc}", parts.port
    except ValueError:
        raise PhoneRefused(reason="its endpoint is no address.") from None
    if origin in allowed_origins:
        return
    if parts.scheme != "https" or port not in (None, 443) or not _is_outside(parts.hostname or ""):
        raise PhoneRefused(reason="its endpoint is not that of a push service.")


def _is_outside(host: str) -> bool:
    """True for a name of the internet: with a dot, no number, none of those that are used inside."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        name = host.rstrip(".").lower()
        return "." in name and not name.endswith(INSIDE) and not name.rsplit(".", 1)[-1].isdigit()
    return False


async def _forget_oldest(session: AsyncSession, account_id: uuid.UUID) -> None:
    mine = sa.select(Phone.id).where(Phone.account_id == account_id).order_by(Phone.registered_at.desc(), Phone.id)
    await forget(session, (await session.scalars(mine.offset(MOST_PHONES))).all())
