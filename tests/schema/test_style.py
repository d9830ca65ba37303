"""The style: only what the viewer may have, nothing from outside, letters that can be read."""

import json
import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from schema import site, style
from schema.style_colors import THEMES, Colors
from services.settings import Settings
from tests.schema.asking import Asking
from tests.schema.mapping import Mapping, mapping
from tests.schema.town import Town


@pytest_asyncio.fixture
async def maps(ask: Asking, town: Town) -> AsyncIterator[Mapping]:
    """The map of the town, signed in as its manager."""
    async with mapping(ask.api, town.manager) as found:
        yield found


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_everything_drawn_comes_from_this_site(maps: Mapping, theme: str) -> None:
    """Every layer has its source, every source is our own tiles, and there are no fonts or sprites to fetch."""
    style = (await maps.get(f"/style.json?theme={theme}")).json()
    assert {"glyphs", "sprite"}.isdisjoint(style)
    assert {one["source"] for one in style["layers"] if "source" in one} == set(style["sources"])
    addresses = re.findall(r"https?://[^/\"]+", json.dumps(style))
    assert set(addresses) == {"http://linli.test"}
    assert len({one["id"] for one in style["layers"]}) == len(style["layers"])


async def test_who_may_not_see_workers_has_none_in_the_style(maps: Mapping, town: Town) -> None:
    style = (await maps.as_(town.grid_worker).get("/style.json")).json()
    assert "workers" in (await maps.get("/style.json")).json()["sources"]
    assert "workers" not in style["sources"]
    assert all(one.get("source") != "workers" for one in style["layers"])


async def test_names_are_in_the_language_asked_for(maps: Mapping) -> None:
    for language, first in (("zh", "name"), ("en", "name_en")):
        style = (await maps.get(f"/style.json?language={language}")).json()
        (names,) = [one for one in style["layers"] if one["id"] == "streets-names"]
        assert names["layout"]["text-field"][1] == ["get", first]


async def test_an_unknown_theme_is_refused(maps: Mapping) -> None:
    answer = await maps.get("/style.json?theme=neon")
    assert (answer.status_code, answer.json()["code"]) == (400, "PARAMETER_INVALID")


def luminance(color: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio (WCAG 2.2), 1 to 21."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_computed_as_the_standard_says() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)  # the well-known grey that just fails


@pytest.mark.parametrize("colors", THEMES.values(), ids=lambda one: one.name)
def test_letters_can_be_read(colors: Colors) -> None:
    """4.5 to 1 against the halo that surrounds them, and against the ground; numbers against their circle."""
    for letters in (colors.text, colors.grid_text, colors.community_text, colors.water_text):
        assert contrast(letters, colors.halo) >= 4.5
        assert contrast(letters, colors.ground) >= 4.5
    assert contrast(colors.cell_text, colors.cell) >= 4.5


def test_an_outside_base_map_takes_the_place_of_the_own_one() -> None:
    """Own layers stay above it, the ground below; what lies by GCJ-02 says so in its scheme, its template unfilled."""
    own = [
        {"id": "ground", "type": "background"},
        {"id": "streets", "type": "line", "source": "base"},
        {"id": "grids", "type": "line", "source": "grids"},
    ]
    whole = {"version": 8, "sources": {"base": {}, "grids": {}}, "layers": own}
    assert style.on_pictures(whole, Settings()) == whole
    url = "https://tiles.example/{z}/{x}/{y}.png"
    straight = style.on_pictures(whole, Settings(base_map_url=url, base_map_attribution="Example"))
    assert [one["id"] for one in straight["layers"]] == ["ground", "pictures", "grids"]
    assert set(straight["sources"]) == {"pictures", "grids"}
    assert straight["sources"]["pictures"]["tiles"] == [url]
    assert straight["sources"]["pictures"]["attribution"] == "Example"
    shifted = style.on_pictures(whole, Settings(base_map_url=url, base_map_crs="GCJ02"))
    place = "gcj02+https://tiles.example/%7Bz%7D/%7Bx%7D/%7By%7D.png#{z}/{x}/{y}"
    assert shifted["sources"]["pictures"]["tiles"] == [place]


def test_only_the_outside_base_map_may_be_asked_from_the_page() -> None:
    """Its origin, and in the default set-up nothing at all."""
    assert site.policy(Settings()) == site.POLICY
    opened = site.policy(Settings(base_map_url="https://tiles.example/a/{z}/{x}/{y}.png"))
    assert "connect-src 'self' https://tiles.example;" in opened
    assert opened.replace(" https://tiles.example", "") == site.POLICY
