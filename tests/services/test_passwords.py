"""Passwords: how they are hashed, which are refused, and how long the guessing is."""

from datetime import timedelta

import pytest

from services import passwords
from services.lockouts import ADDRESS, LOGIN, delay


def test_they_are_hashed_as_rfc_9106_recommends_and_salted() -> None:
    """Argon2id with 64 MiB, three passes, four lanes (the second recommended option); twice the same differs."""
    one, two = passwords.hashed("correct horse"), passwords.hashed("correct horse")
    assert one.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert one != two
    assert not passwords.is_outdated(one)


async def test_they_fit_however_the_characters_are_typed() -> None:
    """Full-width letters are the same letters; nothing else is, and nothing fits nobody."""
    stored = await passwords.store("ｃorrect horse")
    assert await passwords.fits(stored, "correct horse")
    assert not await passwords.fits(stored, "Correct horse")
    assert not await passwords.fits(None, "correct horse")
    assert not await passwords.fits("no hash", "correct horse")


@pytest.mark.parametrize("weak", ["", "ninechars", "x" * 129, "abcdabcdabcd", "The-Desk-of-mine"])
def test_weak_ones_are_refused(weak: str) -> None:
    with pytest.raises(passwords.PasswordTooWeak):
        passwords.check(weak, "desk")


@pytest.mark.parametrize("good", ["tenletters", "我们邻里今天一起去看老人", "a b c d e f"])
def test_good_ones_are_taken(good: str) -> None:
    passwords.check(good, "desk")


def test_first_ones_are_random_and_easy_to_read_out() -> None:
    """Twenty letters of 31 (99 bits) in four groups; no i, l, o, 0 or 1."""
    found = {passwords.first() for _ in range(100)}
    assert len(found) == 100
    assert all([len(group) for group in one.split("-")] == [5, 5, 5, 5] for one in found)
    assert not set("".join(found)) & set("ilo01")


def test_the_delay_begins_after_the_free_attempts_doubles_and_is_bounded() -> None:
    """5 are free for a login, and 5 minutes the most; 50 and a quarter of an hour for an address."""
    seconds = [delay(failures, LOGIN) / timedelta(seconds=1) for failures in (0, 4, 5, 6, 7, 12, 13, 14, 10**6)]
    assert seconds == [0, 0, 1, 2, 4, 128, 256, 300, 300]
    assert [delay(failures, ADDRESS) / timedelta(seconds=1) for failures in (49, 50, 59, 60)] == [0, 1, 512, 900]
