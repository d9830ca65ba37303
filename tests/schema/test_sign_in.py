"""Signing in, refreshing, signing out; and what a thief or a guesser tries instead."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pyotp
import pytest
import pytest_asyncio
import sqlalchemy as sa
from argon2 import PasswordHasher
from joserfc import jwt
from joserfc.jwk import OctKey

from fixtures.makers import SECRET
from services import passwords, tokens
from services.models import Account, Lockout, RefreshToken, SignIn, SignInEnd
from tests.conftest import StandingClock
from tests.schema.entering import (
    CHANGE,
    CHOOSE,
    NEW_PASSWORD,
    PASSWORD,
    REFRESH,
    SECOND_FACTOR,
    SIGN_IN,
    SIGN_OUT,
    WHO,
    House,
    entering,
)

BEGIN = "mutation ($password: String!) { beginSecondFactor(password: $password) { secret uri } }"
CONFIRM = "mutation ($code: String!) { confirmSecondFactor(code: $code) { codes } }"
REMOVE = "mutation ($password: String!, $code: String!) { removeSecondFactor(password: $password, code: $code) }"


@pytest_asyncio.fixture
async def house(
    fresh_database_url: str, standing_clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[House]:
    """A house where the clock stands still and hashing is quick; the real parameters have a test of their own."""
    quick_hashing(monkeypatch)
    async with entering(fresh_database_url) as found:
        yield found


def quick_hashing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords of this test are hashed by the same function with little work."""
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    passwords._nobodys.cache_clear()


async def rows(house: House, select: "sa.Select[Any]") -> list[Any]:
    """What is stored."""
    async with house.ask.api.platform("test").read() as session:
        return list(await session.scalars(select))


async def test_the_way_in_and_on(house: House, standing_clock: StandingClock) -> None:
    """A password gives 15 minutes; at 15 minutes the access token is over, and the refresh token gives the next."""
    found = await house.sign_in()
    assert (found["step"], found["ticket"]) == ("SIGNED_IN", None)
    assert found["expiresAt"] == "2026-05-20T01:15:00+00:00"
    assert (await house.data(WHO, token=found["accessToken"])) == {"name": "Desk"}
    standing_clock.forward(minutes=15)
    assert (await house.send(WHO, token=found["accessToken"])).status_code == 401
    renewed = await house.data(REFRESH, {"token": found["refreshToken"]})
    assert (await house.data(WHO, token=renewed["accessToken"])) == {"name": "Desk"}
    assert renewed["refreshToken"] != found["refreshToken"]


async def test_only_the_entrance_is_open_without_a_token(house: House) -> None:
    """Not a query, not another mutation beside it, not a second guess in the same document, not the schema."""
    variables = {"input": {"login": "desk", "password": PASSWORD}}
    for query in (
        WHO,
        "{ __schema { types { name } } }",
        "mutation { signOut }",
        "mutation ($input: SignInInput!) { signIn(input: $input) { step } signOut }",
        "mutation ($input: SignInInput!) { a: signIn(input: $input) { step } b: signIn(input: $input) { step } }",
        "fragment F on Mutation { signIn(input: $input) { step } } mutation ($input: SignInInput!) { ...F }",
        "mutation { signIn(wrong: 1) { step } }",
        "mutation { signIn(",
    ):
        response = await house.send(query, variables)
        assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (401, "NOT_SIGNED_IN")
    by_get = await house.ask.http.get("/graphql", params={"query": SIGN_IN, "variables": json.dumps(variables)})
    assert by_get.status_code == 401
    assert await rows(house, sa.select(SignIn)) == []


async def test_a_stolen_refresh_token_ends_the_sign_in_for_both(house: House) -> None:
    """Whoever comes second, thief or owner: refused, and from then on the newest tokens are worth nothing, too."""
    first = await house.sign_in()
    other = await house.sign_in()
    second = await house.data(REFRESH, {"token": first["refreshToken"]})
    assert await house.code(REFRESH, {"token": first["refreshToken"]}) == "REFRESH_REFUSED"
    assert await house.code(REFRESH, {"token": second["refreshToken"]}) == "REFRESH_REFUSED"
    house.ask.api.actors.forget()
    assert await house.code(WHO, token=second["accessToken"]) == "NOT_SIGNED_IN"
    assert await house.data(WHO, token=other["accessToken"]) == {"name": "Desk"}  # on another device, not stolen
    (ended,) = await rows(house, sa.select(SignIn).where(SignIn.ended_at.is_not(None)))
    assert ended.ended_because is SignInEnd.REUSED


async def test_of_twenty_at_once_one_refresh_is_served(house: House) -> None:
    """The same token sent twenty times together: once good, and then the sign-in has ended."""
    found = await house.sign_in()
    answers = await asyncio.gather(*(house.send(REFRESH, {"token": found["refreshToken"]}) for _ in range(20)))
    assert sum("errors" not in answer.json() for answer in answers) == 1
    (sign_in,) = await rows(house, sa.select(SignIn))
    assert sign_in.ended_because is SignInEnd.REUSED


async def test_a_refresh_token_ends_after_a_week_and_a_sign_in_after_thirty_days(
    house: House, standing_clock: StandingClock
) -> None:
    """Seven days unused is too long; refreshed every six days it lasts until day 30, not longer."""
    unused = await house.sign_in()
    used = await house.sign_in()
    for _ in range(4):
        standing_clock.forward(days=6)
        used = await house.data(REFRESH, {"token": used["refreshToken"]})
    assert await house.code(REFRESH, {"token": unused["refreshToken"]}) == "REFRESH_REFUSED"
    standing_clock.forward(days=5, hours=23)  # 29 days and 23 hours
    used = await house.data(REFRESH, {"token": used["refreshToken"]})
    standing_clock.forward(hours=1)
    assert await house.code(REFRESH, {"token": used["refreshToken"]}) == "REFRESH_REFUSED"


async def test_no_token_is_stored_and_no_login_or_address_of_a_guesser(house: House) -> None:
    """Hashes only, of 32 bytes."""
    found = await house.sign_in()
    assert await house.sign_in_code("nobody", "wrong") == "SIGN_IN_REFUSED"
    stored = await rows(house, sa.select(RefreshToken.token_hash)) + await rows(house, sa.select(Lockout.key))
    assert {len(one) for one in stored} == {32}
    assert found["refreshToken"].encode() not in stored
    (password_hash,) = await rows(house, sa.select(Account.password_hash).where(Account.login == "desk"))
    assert password_hash.startswith("$argon2id$")


async def test_what_is_over_is_deleted_with_the_next_sign_in(house: House, standing_clock: StandingClock) -> None:
    """After 30 days: the sign-ins of this account and their tokens, and attempts of more than a day ago."""
    await house.sign_in()
    await house.sign_in("chief")
    assert await house.sign_in_code("nobody", "wrong") == "SIGN_IN_REFUSED"
    standing_clock.forward(days=30)
    await house.sign_in()
    assert len(await rows(house, sa.select(SignIn).where(SignIn.account_id == house.dispatcher.id))) == 1
    assert len(await rows(house, sa.select(SignIn))) == len(await rows(house, sa.select(RefreshToken))) == 2
    # of the lockouts this sign-in's address is left; a login that was right has none
    assert len(await rows(house, sa.select(Lockout))) == 1


async def test_guessing_waits_longer_each_time_whether_or_not_the_account_is_there(
    house: House, standing_clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four wrong ones are free; after the fifth 1 s, then 2 s, 4 s. An unknown login answers the same after the same
    work: as many comparisons, as many statements."""
    compared: list[str | None] = []
    fits = passwords._fits

    def counting(password_hash: str | None, password: str) -> bool:
        compared.append(password_hash)
        return fits(password_hash, password)

    monkeypatch.setattr(passwords, "_fits", counting)
    heard = {}
    for login in ("desk", "nobody-here"):
        answers = []
        before, house.ask.statements[:] = len(compared), []
        for _ in range(5):
            answers.append((await house.send(SIGN_IN, wrong(login))).json())
        statements = len(house.ask.statements)
        for wait in (1, 2, 4):
            answers.append((await house.send(SIGN_IN, wrong(login))).json())
            assert answers[-1]["errors"][0]["extensions"] == {"code": "SIGN_IN_LOCKED", "retrySeconds": wait}
            standing_clock.forward(seconds=wait)
            answers.append((await house.send(SIGN_IN, wrong(login))).json())
        heard[login] = (answers, len(compared) - before, statements)
    assert heard["desk"] == heard["nobody-here"]
    assert heard["desk"][1] == 8  # 5, and one after each of three waits; none while locked


async def test_a_locked_login_refuses_the_right_password_too_until_the_wait_is_over(
    house: House, standing_clock: StandingClock
) -> None:
    """Then it is taken, and nothing counts any more."""
    for _ in range(5):
        assert await house.sign_in_code(password="wrong") == "SIGN_IN_REFUSED"
    assert await house.sign_in_code() == "SIGN_IN_LOCKED"
    standing_clock.forward(seconds=1)
    assert (await house.sign_in())["step"] == "SIGNED_IN"
    for _ in range(4):
        assert await house.sign_in_code(password="wrong") == "SIGN_IN_REFUSED"
    assert (await house.sign_in())["step"] == "SIGNED_IN"


async def test_thirty_guesses_at_once_are_counted_as_thirty(house: House) -> None:
    """Five are looked at; the others find the door locked."""
    answers = await asyncio.gather(*(house.send(SIGN_IN, wrong("desk")) for _ in range(30)))
    codes = [answer.json()["errors"][0]["extensions"]["code"] for answer in answers]
    assert (codes.count("SIGN_IN_REFUSED"), codes.count("SIGN_IN_LOCKED")) == (5, 25)


async def test_one_address_guessing_at_many_logins_is_slowed_down(house: House) -> None:
    """Fifty logins once each are free; who signs in rightly is not counted."""
    for _ in range(3):
        await house.sign_in()
    for number in range(50):
        assert await house.sign_in_code(f"login-{number}", "wrong") == "SIGN_IN_REFUSED"
    assert await house.sign_in_code("login-50", "wrong") == "SIGN_IN_LOCKED"


async def test_a_closed_account_is_out_at_once_and_cannot_come_back(house: House) -> None:
    """By password, by its refresh token, by a ticket: each refused, and the password's refusal tells nothing."""
    found = await house.sign_in()
    close = "mutation ($id: ID!) { closeAccount(accountId: $id) { disabledAt } }"
    chief = await house.sign_in("chief")
    closed = await house.data(close, {"id": str(house.dispatcher.id)}, chief["accessToken"])
    assert closed == {"disabledAt": "2026-05-20T01:00:00+00:00"}
    house.ask.api.actors.forget()
    assert await house.code(WHO, token=found["accessToken"]) == "NOT_SIGNED_IN"
    assert await house.code(REFRESH, {"token": found["refreshToken"]}) == "REFRESH_REFUSED"
    assert await house.sign_in_code() == await house.sign_in_code("nobody") == "SIGN_IN_REFUSED"


async def test_a_first_password_must_be_changed(house: House) -> None:
    """It gives a ticket and no token; weak, old and late ones are refused; the new one signs in."""
    chief = (await house.sign_in("chief"))["accessToken"]
    reset = "mutation ($id: ID!) { resetPassword(accountId: $id) { firstPassword account { login } } }"
    opened = await house.data(reset, {"id": str(house.dispatcher.id)}, chief)
    first = opened["firstPassword"]
    assert await house.sign_in_code() == "SIGN_IN_REFUSED"
    found = await house.sign_in(password=first)
    assert (found["step"], found["accessToken"], found["refreshToken"]) == ("NEW_PASSWORD", None, None)
    ticket = found["ticket"]
    assert await house.code(WHO, token=ticket) == "NOT_SIGNED_IN"
    for weak in ("short", "aaaaaaaaaaaaaa", "my desk is here"):
        assert await house.code(CHOOSE, {"input": {"ticket": ticket, "password": weak}}) == "PASSWORD_TOO_WEAK"
    assert await house.code(CHOOSE, {"input": {"ticket": ticket, "password": first}}) == "PASSWORD_UNCHANGED"
    assert (await house.data(CHOOSE, {"input": {"ticket": ticket, "password": NEW_PASSWORD}}))["step"] == "SIGNED_IN"
    assert await house.code(CHOOSE, {"input": {"ticket": ticket, "password": PASSWORD}}) == "TICKET_OVER"
    assert (await house.sign_in(password=NEW_PASSWORD))["step"] == "SIGNED_IN"


async def test_changing_the_password_ends_every_other_sign_in(house: House) -> None:
    """Whoever had got in with the old one is out."""
    thief, owner = await house.sign_in(), await house.sign_in()
    wanted = {"input": {"current": "wrong", "password": NEW_PASSWORD}}
    assert await house.code(CHANGE, wanted, owner["accessToken"]) == "SIGN_IN_REFUSED"
    wanted["input"]["current"] = PASSWORD
    renewed = await house.data(CHANGE, wanted, owner["accessToken"])
    house.ask.api.actors.forget()
    assert await house.code(WHO, token=thief["accessToken"]) == "NOT_SIGNED_IN"
    assert await house.code(REFRESH, {"token": thief["refreshToken"]}) == "REFRESH_REFUSED"
    assert await house.data(WHO, token=renewed["accessToken"]) == {"name": "Desk"}


async def test_signing_out_ends_this_sign_in_or_all(house: House) -> None:
    """The access token at once, here; the refresh token for ever."""
    one, two, three = [await house.sign_in() for _ in range(3)]
    assert await house.data(SIGN_OUT, token=one["accessToken"]) is True
    assert await house.code(WHO, token=one["accessToken"]) == "NOT_SIGNED_IN"
    assert await house.code(REFRESH, {"token": one["refreshToken"]}) == "REFRESH_REFUSED"
    assert await house.data(WHO, token=two["accessToken"]) == {"name": "Desk"}
    assert await house.data(SIGN_OUT, {"everywhere": True}, two["accessToken"]) is True
    for left in (two, three):
        assert await house.code(WHO, token=left["accessToken"]) == "NOT_SIGNED_IN"


async def test_a_second_factor_is_asked_for_once_it_is_confirmed(house: House, standing_clock: StandingClock) -> None:
    """A code is good once, one step early or late; a recovery code stands in once."""
    token = (await house.sign_in())["accessToken"]
    assert await house.code(BEGIN, {"password": "wrong"}, token) == "SIGN_IN_REFUSED"
    enrolment = await house.data(BEGIN, {"password": PASSWORD}, token)
    app = pyotp.TOTP(enrolment["secret"])
    assert enrolment["uri"].startswith("otpauth://totp/Linli:desk?secret=")
    assert (await house.sign_in())["step"] == "SIGNED_IN"  # not confirmed yet
    codes = (await house.data(CONFIRM, {"code": app.at(standing_clock.moment)}, token))["codes"]
    assert len(set(codes)) == 10
    found = await house.sign_in()
    assert (found["step"], found["accessToken"]) == ("SECOND_FACTOR", None)

    def step(code: str) -> dict[str, Any]:
        return {"input": {"ticket": found["ticket"], "code": code}}

    assert await house.code(SECOND_FACTOR, step(app.at(standing_clock.moment))) == "CODE_REFUSED"  # used to confirm
    late = app.at(standing_clock.forward(seconds=30))
    standing_clock.forward(seconds=30)
    assert (await house.data(SECOND_FACTOR, step(late)))["step"] == "SIGNED_IN"
    assert await house.code(SECOND_FACTOR, step(late)) == "CODE_REFUSED"
    assert await house.code(CHOOSE, {"input": {"ticket": found["ticket"], "password": NEW_PASSWORD}}) == "TICKET_OVER"
    assert (await house.data(SECOND_FACTOR, step(codes[3])))["step"] == "SIGNED_IN"
    assert await house.code(SECOND_FACTOR, step(codes[3])) == "CODE_REFUSED"
    standing_clock.forward(minutes=5)
    assert await house.code(SECOND_FACTOR, step(codes[4])) == "TICKET_OVER"
    assert await house.code(REMOVE, {"password": PASSWORD, "code": codes[3]}, token) == "CODE_REFUSED"


async def test_codes_cannot_be_guessed_by_whoever_knows_the_password(
    house: House, standing_clock: StandingClock
) -> None:
    """After five the door is locked, and signing in by password again does not open it."""
    token = (await house.sign_in())["accessToken"]
    app = pyotp.TOTP((await house.data(BEGIN, {"password": PASSWORD}, token))["secret"])
    await house.data(CONFIRM, {"code": app.at(standing_clock.moment)}, token)
    right = app.at(standing_clock.forward(seconds=30))
    for _ in range(5):
        ticket = (await house.sign_in())["ticket"]
        wrong_code = {"input": {"ticket": ticket, "code": f"{(int(right) + 7) % 10**6:06}"}}
        assert await house.code(SECOND_FACTOR, wrong_code) == "CODE_REFUSED"
    ticket = (await house.sign_in())["ticket"]
    assert await house.code(SECOND_FACTOR, {"input": {"ticket": ticket, "code": right}}) == "SIGN_IN_LOCKED"
    standing_clock.forward(seconds=1)
    assert await house.data(REMOVE, {"password": PASSWORD, "code": right}, token) is True
    assert (await house.sign_in())["step"] == "SIGNED_IN"


async def test_a_browser_keeps_the_refresh_token_where_no_script_reads_it(house: House) -> None:
    """HttpOnly, SameSite=Strict, for /graphql only; another site's page that sends it gets nothing."""
    response = await house.send(SIGN_IN, {"input": {"login": "desk", "password": PASSWORD, "inCookie": True}})
    assert response.json()["data"]["signIn"]["refreshToken"] is None
    cookie = response.headers["set-cookie"]
    # seven days are 604,800 s
    assert cookie.endswith("; HttpOnly; Max-Age=604800; Path=/graphql; SameSite=strict")
    stolen = await house.send(REFRESH, Origin="https://evil.example")
    assert stolen.json()["errors"][0]["extensions"]["code"] == "REFRESH_REFUSED"
    renewed = await house.send(REFRESH, Origin="http://linli.test")
    found = renewed.json()["data"]["refresh"]
    assert (found["refreshToken"], await house.data(WHO, token=found["accessToken"])) == (None, {"name": "Desk"})
    assert renewed.headers["set-cookie"] != cookie
    left = await house.send(SIGN_OUT, token=found["accessToken"])
    assert 'linli_refresh=""' in left.headers["set-cookie"]
    assert "Max-Age=0" in left.headers["set-cookie"]


def wrong(login: str) -> dict[str, Any]:
    """A guess."""
    return {"input": {"login": login, "password": "a guess that is wrong"}}


def forged(account: Account, header: dict[str, Any], key: bytes = SECRET, **claims: Any) -> str:
    """A token with these claims, signed however the header says."""
    now = 1779238800  # 2026-05-20 09:00 in Shanghai
    right = {"iss": tokens.ISSUER, "aud": tokens.AUDIENCE, "sub": str(account.id), "iat": now, "exp": now + 600}
    said = {name: value for name, value in {**right, **claims}.items() if value is not None}
    if header["alg"] == "none":
        parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in (header, said)]
        return ".".join([*parts, ""])
    return jwt.encode(header, said, OctKey.import_key(key), algorithms=[header["alg"]])


async def test_forged_tokens_are_refused(house: House) -> None:
    """Without signature, by another algorithm, key, issuer, audience or time, for nobody; only the right is taken."""
    ok: dict[str, Any] = {"alg": "HS256"}
    account = house.dispatcher
    assert await house.data(WHO, token=forged(account, ok)) == {"name": "Desk"}
    for token in (
        forged(account, {"alg": "none"}),
        forged(account, {"alg": "none", "typ": "JWT"})[:-1] + ".x",
        forged(account, {"alg": "HS512"}),
        forged(account, ok, b"another key of thirty-two letters"),
        forged(account, ok, iss="https://evil.example"),
        forged(account, ok, iss=None),
        forged(account, ok, aud="another-api"),
        forged(account, ok, aud=None),
        forged(account, ok, exp=1779238799),
        forged(account, ok, exp=None),
        forged(account, ok, sub=None),
        forged(account, ok, sub="desk"),
        forged(account, ok, sid="x"),
        forged(account, ok, sid="00000000-0000-0000-0000-000000000000"),
        tokens.signed({"sub": str(account.id)}, "linli-next-step", SECRET, timedelta(minutes=5)),
    ):
        assert await house.code(WHO, token=token) == "NOT_SIGNED_IN"
