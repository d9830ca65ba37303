"""Signing in and out: by password, then a second factor where there is one; then refreshed with tokens good once."""

from datetime import datetime
from typing import Annotated

import strawberry
from strawberry import Parent

from schema.context import Context, Info
from schema.lens import field, given, lens, listing, mutation, shown, words
from services import accounts, second_factor, sign_ins
from services.entrance import Entered, Entrance, SignInStep
from services.models.sign_ins import SignInEnd
from services.second_factor import CODES, Enrolment
from services.sign_ins import RefreshRefused

words(SignInStep)

IN_COOKIE = "True for a browser: the refresh token stays in a cookie that no script reads."


@lens
class SignIn:
    """Where a sign-in stands."""

    step: SignInStep = shown("Signed in, or which step is next.")
    ticket: str | None = shown("For the next step, good for five minutes; null once signed in.")

    @field()
    def access_token(self, row: Parent[Entered]) -> str | None:
        """Send it as `Authorization: Bearer ...`; null before the last step."""
        return row.tokens.access if row.tokens else None

    @field()
    def expires_at(self, row: Parent[Entered]) -> datetime | None:
        """When the access token ends; refresh it before that."""
        return row.tokens.access_expires_at if row.tokens else None

    @field()
    def refresh_token(self, info: Info, row: Parent[Entered]) -> str | None:
        """Good once, for the next tokens; null when it stays in the cookie."""
        kept = info.context.doorstep.keeps
        return row.tokens.refresh if row.tokens and not kept else None


@lens
class SecondFactorEnrolment:
    """What an authenticator app needs; shown this once."""

    secret: str = shown("The secret (base32), to be typed into the app.")
    uri: str = shown("The same as an otpauth address, to be shown as a QR code.")


@lens
class RecoveryCodes:
    """Codes that stand in for a lost phone."""

    @listing(graphql_type=list[str], at_most=CODES)
    def codes(self, row: Parent[list[str]]) -> list[str]:
        """Each is good once; they are shown this once."""
        return row


@given
class SignInInput:
    """The first step."""

    login: str = shown("What the account is called.")
    password: str = shown("Its password.")
    in_cookie: bool = strawberry.field(default=False, description=IN_COOKIE)


@given
class SecondFactorInput:
    """The second step, for accounts with a second factor."""

    ticket: str = shown("The ticket of the first step.")
    code: str = shown("The six digits that the app shows, or a recovery code.")
    in_cookie: bool = strawberry.field(default=False, description=IN_COOKIE)


@given
class ChoosePasswordInput:
    """The last step, when the password was handed over by somebody."""

    ticket: str = shown("The ticket of the step before.")
    password: str = shown("The new password: 10 to 128 characters.")
    in_cookie: bool = strawberry.field(default=False, description=IN_COOKIE)


@given
class ChangePasswordInput:
    """Another password for one who is signed in."""

    current: str = shown("The password until now.")
    password: str = shown("The new password: 10 to 128 characters.")
    in_cookie: bool = strawberry.field(default=False, description=IN_COOKIE)


@lens
class SignInMutation:
    """The way in, the way out, and what is needed for it. The first four want no token."""

    @mutation(graphql_type=SignIn)
    async def sign_in(self, info: Info, input: SignInInput) -> Entered:
        """The first step: who you are. The same answer, whatever is wrong; who tries in vain waits longer each time."""
        context = info.context
        entering = entrance(context).by_password(input.login, input.password, context.doorstep.address)
        return _kept(context, await entering, input.in_cookie)

    @mutation(graphql_type=SignIn)
    async def second_factor(self, info: Info, input: SecondFactorInput) -> Entered:
        """The second step: what you have."""
        entered = await entrance(info.context).by_second_factor(input.ticket, input.code)
        return _kept(info.context, entered, input.in_cookie)

    @mutation(graphql_type=SignIn)
    async def choose_password(self, info: Info, input: ChoosePasswordInput) -> Entered:
        """The last step after a first password: your own."""
        entered = await entrance(info.context).by_new_password(input.ticket, input.password)
        return _kept(info.context, entered, input.in_cookie)

    @mutation(graphql_type=SignIn)
    async def refresh(
        self,
        info: Info,
        token: Annotated[str | None, strawberry.argument(description="Null: the one in the cookie.")] = None,
    ) -> Entered:
        """The next tokens. A refresh token is good once: one that comes twice was stolen, and ends its sign-in."""
        context, given = info.context, token or info.context.doorstep.refresh
        if given is None:
            raise RefreshRefused
        found = await sign_ins.again(context.api.platform("sign-in"), given, context.api.secret)
        return _kept(context, Entered(SignInStep.SIGNED_IN, found), token is None)

    @mutation(graphql_type=SignIn)
    async def change_password(self, info: Info, input: ChangePasswordInput) -> Entered:
        """Another password: every sign-in of the account ends, and this one begins anew."""
        changing = entrance(info.context).change_password(info.context.actor.account_id, input.current, input.password)
        return _kept(info.context, await changing, input.in_cookie)

    @mutation(graphql_type=bool)
    async def sign_out(
        self,
        info: Info,
        everywhere: Annotated[bool, strawberry.argument(description="True: on all devices.")] = False,
    ) -> bool:
        """This sign-in ends, its open sockets within seconds; a token that was printed by command stays good."""
        context = info.context
        context.doorstep.forget()
        only = None if everywhere else context.doorstep.sign_in_id
        if everywhere or only:
            async with context.api.platform("sign-in").write() as session:
                await sign_ins.end(session, context.actor.account_id, SignInEnd.SIGNED_OUT, only)
            context.api.actors.forget_sign_ins(context.actor.account_id)
        return bool(everywhere or only)

    @mutation(graphql_type=SecondFactorEnrolment)
    async def begin_second_factor(
        self,
        info: Info,
        password: Annotated[str, strawberry.argument(description="The account's password, once more.")],
    ) -> Enrolment:
        """A secret for an authenticator app; it is asked for once `confirmSecondFactor` has seen a code of it."""
        context = info.context
        await entrance(context).proved(context.actor.account_id, password)
        async with context.api.platform("sign-in").write() as session:
            return second_factor.begin(await accounts.locked(session, context.actor.account_id), context.api.keyring)

    @mutation(graphql_type=RecoveryCodes)
    async def confirm_second_factor(
        self, info: Info, code: Annotated[str, strawberry.argument(description="What the app shows.")]
    ) -> list[str]:
        """From now on a code is asked for; gives the recovery codes."""
        context = info.context
        async with context.api.platform("sign-in").write() as session:
            account = await accounts.locked(session, context.actor.account_id)
            return await second_factor.confirm(session, account, context.api.keyring, code)

    @mutation(graphql_type=bool)
    async def remove_second_factor(
        self,
        info: Info,
        password: Annotated[str, strawberry.argument(description="The account's password, once more.")],
        code: Annotated[str, strawberry.argument(description="A code of the app, or a recovery code.")],
    ) -> bool:
        """No code is asked for any more."""
        await entrance(info.context).remove_second_factor(info.context.actor.account_id, password, code)
        return True


def entrance(context: Context) -> Entrance:
    """The way in to this server's house."""
    return Entrance(context.api.platform("sign-in"), context.api.keyring, context.api.secret)


def _kept(context: Context, entered: Entered, in_cookie: bool) -> Entered:
    if in_cookie and entered.tokens:
        context.doorstep.keep(entered.tokens)
    return entered
