"""The way in: a password, then a second factor where there is one, then a new password when the first was handed over.

Each step but the last gives a ticket for the next, good for five minutes and for nothing else.
"""

import enum
import hashlib
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services import lockouts, passwords, second_factor, sign_ins, tokens
from services.database import Database
from services.errors import NotSignedIn, Refusal
from services.models.accounts import Account
from services.models.sign_ins import SignInEnd, SignInMethod
from services.sealing import Keyring
from services.sign_ins import Tokens

TICKET_AUDIENCE = "linli-next-step"
TICKET_LIFETIME = timedelta(minutes=5)


class SignInRefused(Refusal):
    """Login or password is wrong, or the account is closed. Try again, or ask your manager for a new first password."""


class TicketOver(Refusal):
    """This step was not begun here, or too long ago. Sign in again from the beginning."""


class SignInStep(enum.StrEnum):
    """Where a sign-in stands."""

    SIGNED_IN = "SIGNED_IN"
    SECOND_FACTOR = "SECOND_FACTOR"
    NEW_PASSWORD = "NEW_PASSWORD"


@dataclass(frozen=True, slots=True)
class Entered:
    """What a step led to: tokens at the end, before that a ticket for the step that is `next`."""

    step: SignInStep
    tokens: Tokens | None = None
    ticket: str | None = None


@dataclass(frozen=True, slots=True)
class Entrance:
    """What the way in needs of the house; `database` speaks for the platform, since nobody is known yet."""

    database: Database
    keyring: Keyring
    secret: bytes

    async def by_password(self, login: str, password: str, address: str) -> Entered:
        """The first step. SignInRefused says the same, after the same work, whatever is wrong; SignInLocked."""
        counted = lockouts.by_login(self.secret, login), lockouts.by_address(self.secret, address)
        async with self.database.write() as session:
            await lockouts.attempt(session, *counted)
        async with self.database.read() as session:
            account = await session.scalar(sa.select(Account).where(Account.login == login))
        if not await passwords.fits(_usable(account), password) or account is None:
            raise SignInRefused
        async with self.database.write() as session:
            await lockouts.forget(session, counted[0])
            await lockouts.give_back(session, counted[1])
            await lockouts.tidy(session)
            return await self._after_password(session, account)

    async def by_second_factor(self, ticket: str, code: str) -> Entered:
        """The second step. Raises CodeRefused, TicketOver, SignInLocked."""
        account_id, mark = self._read(ticket, SignInStep.SECOND_FACTOR)
        async with self._code_taken(account_id, mark, code) as (session, account):
            return await self._after_second_factor(session, account)

    async def remove_second_factor(self, account_id: uuid.UUID, password: str, code: str) -> None:
        """For one who is signed in, and knows and has both. Raises as `proved` and `by_second_factor` do."""
        account = await self.proved(account_id, password)
        async with self._code_taken(account_id, _mark(account), code) as (session, held):
            await second_factor.remove(session, held)

    @asynccontextmanager
    async def _code_taken(
        self, account_id: uuid.UUID, mark: str, code: str
    ) -> AsyncIterator[tuple[AsyncSession, Account]]:
        """A transaction in which the code has been used up. Raises CodeRefused, TicketOver, SignInLocked."""
        counted = lockouts.by_second_factor(self.secret, account_id)
        async with self.database.write() as session:
            await lockouts.attempt(session, counted)
        async with self.database.write() as session:
            account = await self._account(session, account_id, mark)
            if not await second_factor.take(session, account, self.keyring, code):
                raise second_factor.CodeRefused
            await lockouts.forget(session, counted)
            yield session, account

    async def by_new_password(self, ticket: str, password: str) -> Entered:
        """The last step after a first password. Raises TicketOver, PasswordTooWeak, PasswordUnchanged."""
        account_id, mark = self._read(ticket, SignInStep.NEW_PASSWORD)
        async with self.database.write() as session:
            account = await self._account(session, account_id, mark)
            return await self._renewed(session, account, password)

    async def change_password(self, account_id: uuid.UUID, current: str, password: str) -> Entered:
        """For one who is signed in: all sign-ins of the account end, and a new one begins. Raises as `proved` does."""
        account = await self.proved(account_id, current)
        async with self.database.write() as session:
            return await self._renewed(session, await self._account(session, account_id, _mark(account)), password)

    async def proved(self, account_id: uuid.UUID, password: str) -> Account:
        """The account, when whoever is signed in knows its password, too. Raises SignInRefused, SignInLocked."""
        async with self.database.read() as session:
            account = await session.get_one(Account, account_id)
        counted = lockouts.by_login(self.secret, account.login)
        async with self.database.write() as session:
            await lockouts.attempt(session, counted)
        if not await passwords.fits(_usable(account), password):
            raise SignInRefused
        async with self.database.write() as session:
            await lockouts.forget(session, counted)
        return account

    async def _after_password(self, session: AsyncSession, account: Account) -> Entered:
        if second_factor.is_on(account):
            return self._next(account, SignInStep.SECOND_FACTOR)
        return await self._after_second_factor(session, account)

    async def _after_second_factor(self, session: AsyncSession, account: Account) -> Entered:
        if account.must_change_password:
            return self._next(account, SignInStep.NEW_PASSWORD)
        return await self._signed_in(session, account)

    async def _signed_in(self, session: AsyncSession, account: Account) -> Entered:
        given = await sign_ins.begin(session, account.id, SignInMethod.PASSWORD, self.secret)
        return Entered(SignInStep.SIGNED_IN, given)

    async def _renewed(self, session: AsyncSession, account: Account, password: str) -> Entered:
        passwords.check(password, account.login)
        if await passwords.fits(account.password_hash, password):
            raise passwords.PasswordUnchanged
        account.password_hash, account.must_change_password = await passwords.store(password), False
        await sign_ins.end(session, account.id, SignInEnd.PASSWORD_CHANGED)
        return await self._signed_in(session, account)

    def _next(self, account: Account, step: SignInStep) -> Entered:
        claims = {"sub": str(account.id), "step": step.value, "mark": _mark(account)}
        return Entered(step, ticket=tokens.signed(claims, TICKET_AUDIENCE, self.secret, TICKET_LIFETIME))

    def _read(self, ticket: str, step: SignInStep) -> tuple[uuid.UUID, str]:
        try:
            claims = tokens.verified(ticket, TICKET_AUDIENCE, self.secret)
        except NotSignedIn:
            raise TicketOver from None
        if claims.get("step") != step.value:
            raise TicketOver
        return uuid.UUID(claims["sub"]), str(claims["mark"])

    async def _account(self, session: AsyncSession, account_id: uuid.UUID, mark: str) -> Account:
        """The account, locked, if its password is still the one that was shown."""
        account = await session.get(Account, account_id, with_for_update=True)
        if account is None or account.disabled_at is not None or _mark(account) != mark:
            raise TicketOver
        return account


def _usable(account: Account | None) -> str | None:
    """The hash to compare with; None for those who have no account, none that is open, or no password."""
    return None if account is None or account.disabled_at is not None else account.password_hash


def _mark(account: Account) -> str:
    """Changes with the password, so that a ticket is worth nothing after that."""
    return hashlib.sha256((account.password_hash or "").encode()).hexdigest()[:16]
