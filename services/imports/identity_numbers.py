"""Chinese identity numbers (GB 11643-1999): 17 digits and a check character over them, ISO 7064 MOD 11-2."""

from datetime import date

from services.imports.problems import BadValue

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_CHARACTERS = "10X98765432"


def check_character(digits: str) -> str:
    """The 18th character for the 17 before it: the weighted sum modulo 11, looked up."""
    return CHECK_CHARACTERS[sum(int(digit) * weight for digit, weight in zip(digits, WEIGHTS, strict=True)) % 11]


def checked_number(text: str) -> str:
    """The number in its one spelling (capital X). BadValue when form, birth date or check character is wrong."""
    number = text.upper()
    if len(number) != 18 or not (number[:17].isascii() and number[:17].isdigit()):
        raise BadValue(
            "IDENTITY_FORM", "An identity number has 17 digits and a check character. Check for lost digits."
        )
    if check_character(number[:17]) != number[17]:
        raise BadValue("IDENTITY_CHECKSUM", "The check character of the identity number is wrong. Compare it again.")
    birth_date(number)
    return number


def birth_date(number: str) -> date:
    """The day of birth that the number carries (digits 7 to 14)."""
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        raise BadValue("IDENTITY_DATE", "The identity number carries no real day of birth. Compare it again.") from None


def is_male(number: str) -> bool:
    """What the sequence digit says: odd for men (digit 17)."""
    return int(number[16]) % 2 == 1
