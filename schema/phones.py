"""Phones that are told by web push when a call comes: registered by their own account, shown to nobody."""

from datetime import datetime

import strawberry

from schema.context import Info
from schema.lens import field, given, lens, mutation, shown
from services import phones
from services.models import Phone as PhoneRow
from services.phones import Subscription


@lens
class Phone:
    """A browser that is told by web push."""

    id: strawberry.ID = shown("Opaque.")
    language: str = shown("In which language it is told.")
    registered_at: datetime = shown("Since when.")


@given
class PhoneInput:
    """A subscription as the browser's PushManager gives it."""

    endpoint: str = shown("The address of its push service.")
    p256dh: str = shown("Its public key, base64url.")
    auth: str = shown("Its secret, base64url.")
    language: str = strawberry.field(default="zh", description="zh or en.")


@lens
class PhoneMutation:
    """What an account says of its own phones."""

    @mutation(graphql_type=Phone)
    async def register_phone(self, info: Info, input: PhoneInput) -> PhoneRow:
        """Tell me on this phone, too; who registers a phone last has it."""
        api, actor = info.context.api, info.context.actor
        asked = Subscription(input.endpoint, input.p256dh, input.auth)
        async with info.context.write("phones") as session:  # a phone may have been another account's
            return await phones.register(session, api.keyring, actor, asked, input.language, api.push_origins)

    @mutation(graphql_type=bool)
    async def unregister_phone(self, info: Info, endpoint: str) -> bool:
        """Tell me no longer on this phone; false when it was not registered by you."""
        async with info.context.write() as session:
            return await phones.unregister(session, info.context.actor, endpoint)


@lens
class PhoneQuery:
    """What a phone must know before it registers."""

    @field()
    def push_key(self, info: Info) -> str | None:
        """The server's public key for PushManager.subscribe (RFC 8292), base64url; null when push is not set up."""
        return info.context.api.push_key
