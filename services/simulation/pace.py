"""How fast the made-up people are: their habits in simulated seconds, and how long that is for us who watch."""

import asyncio
import random
from dataclasses import dataclass

PRESS_EVERY = 45.0
REACTION = (3.0, 25.0)
AT_THE_DOOR = (120.0, 420.0)
AT_THE_DESK = (5.0, 15.0)
UNTIL_THE_VISIT = (120.0, 300.0)
STEP = 5.0
LEAST_STEP_SECONDS = 0.5  # of a real phone; faster reports would tell the platform nothing new
REST_SECONDS = 60.0
DECLINES = 0.15
BUTTONS = {"HELP": 0.7, "EMERGENCY": 0.15, "SERVICE": 0.15}


@dataclass
class Pace:
    """`speed` simulated seconds pass in a real one. People are quicker then; the platform and its time-outs are not."""

    speed: float
    luck: random.Random

    async def wait(self, span: tuple[float, float]) -> None:
        """Let a span of simulated seconds pass, drawn evenly between two."""
        await asyncio.sleep(self.luck.uniform(*span) / self.speed)

    async def wait_for_press(self) -> None:
        """Until the next press: they come independently of each other, so the pauses are exponential."""
        await asyncio.sleep(self.luck.expovariate(1 / PRESS_EVERY) / self.speed)

    def button(self) -> str:
        """Which button somebody presses."""
        return self.luck.choices(list(BUTTONS), list(BUTTONS.values()))[0]

    def declines(self) -> bool:
        """Whether a worker says no."""
        return self.luck.random() < DECLINES
