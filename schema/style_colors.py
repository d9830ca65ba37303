"""The colours of the map, by day and by night. Letters reach 4.5 to 1 against what is below them (WCAG 2.2, 1.4.3)."""

from dataclasses import dataclass

FONT = ["Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", "sans-serif"]


@dataclass(frozen=True, slots=True)
class Colors:
    """One theme."""

    name: str
    ground: str
    green: str
    water: str
    water_text: str
    building: str
    building_edge: str
    rail: str
    casing: str
    minor: str
    middle: str
    major: str
    foot: str
    wall: str
    text: str
    halo: str
    grid: str
    grid_text: str
    community: str
    community_text: str
    home: str
    cell: str
    cell_text: str
    care: tuple[str, str, str, str]
    withheld: str


LIGHT = Colors(
    name="light",
    ground="#efece5",
    green="#d5e8c8",
    water="#a9cfe4",
    water_text="#1d5a80",
    building="#dcd2c3",
    building_edge="#c3b6a2",
    rail="#8f8f96",
    casing="#c9bfae",
    minor="#ffffff",
    middle="#fdeecb",
    major="#f6cf86",
    foot="#c9a58c",
    wall="#8a7d6d",
    text="#3d3a36",
    halo="#ffffff",
    grid="#1f5fa8",
    grid_text="#174a84",
    community="#6a3d9a",
    community_text="#522b7b",
    home="#00796b",
    cell="#4db6ac",
    cell_text="#06302b",
    care=("#fdebd3", "#fdc68a", "#f6944d", "#d9561c"),
    withheld="#9e9e9e",
)
DARK = Colors(
    name="dark",
    ground="#15191f",
    green="#1d2c22",
    water="#16344a",
    water_text="#8fc4e6",
    building="#262c35",
    building_edge="#333b46",
    rail="#5d6470",
    casing="#0e1115",
    minor="#39414d",
    middle="#4b4a41",
    major="#6d5a33",
    foot="#6b5647",
    wall="#7d7364",
    text="#d7dbe0",
    halo="#101318",
    grid="#6ea8ee",
    grid_text="#a9cdf8",
    community="#b794e6",
    community_text="#d6c1f5",
    home="#4dd0c0",
    cell="#1f766c",
    cell_text="#ffffff",
    care=("#4a3a26", "#7a5326", "#ab5f22", "#e0702e"),
    withheld="#757575",
)
THEMES = {"light": LIGHT, "dark": DARK}
