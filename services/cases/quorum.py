"""How many homes must vote: two thirds (民法典 art. 278), by count."""

TAKING_PART = (2, 3)


def needed(eligible: int) -> int:
    """The least number of homes, rounded up; at least one."""
    return max(1, -(-eligible * TAKING_PART[0] // TAKING_PART[1]))
