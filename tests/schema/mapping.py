"""Asking for the map as a browser or a desktop program does; tiles are read by GDAL, which nobody here wrote."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
from pyogrio import list_layers
from pyogrio.raw import read
from starlette.applications import Starlette

from fixtures.makers import authorization, degrees
from gis.tiles import Tile, tile_at
from schema import maps
from schema.context import Api
from services.models import Account

Sheet = list[dict[str, Any]]


class Mapping:
    """A client of the map's routes, signed in as `account`."""

    def __init__(self, api: Api, http: httpx.AsyncClient, account: Account | None) -> None:
        self.api, self.http, self.account = api, http, account

    def as_(self, account: Account | None) -> "Mapping":
        """The same, signed in as somebody else."""
        return Mapping(self.api, self.http, account)

    async def get(self, path: str, **headers: str) -> httpx.Response:
        """The response at a path."""
        own = authorization(self.account) if self.account else {}
        return await self.http.get(path, headers={**own, **{k.replace("_", "-"): v for k, v in headers.items()}})

    async def tile(self, layers: str, where: Tile, query: str = "") -> dict[str, Sheet]:
        """What a tile tells, by layer inside it; {} when it is empty."""
        answer = await self.get(path_of(layers, where) + query)
        assert answer.status_code in (200, 204), answer.text
        return sheets(answer.content, where)

    async def items(self, layer: str, query: str = "") -> Sheet:
        """The properties of a page of features."""
        answer = await self.get(f"/collections/{layer}/items{query}")
        assert answer.status_code == 200, answer.text
        return [one["properties"] for one in answer.json()["features"]]


@asynccontextmanager
async def mapping(api: Api, account: Account | None) -> AsyncIterator[Mapping]:
    """A client of the routes on `api`."""
    transport = httpx.ASGITransport(Starlette(routes=maps.routes(api)))
    async with httpx.AsyncClient(transport=transport, base_url="http://linli.test") as http:
        yield Mapping(api, http, account)


def path_of(layers: str, where: Tile) -> str:
    """The address of a tile."""
    return f"/tiles/{layers}/{where.z}/{where.x}/{where.y}.mvt"


def tile_of(x: float, y: float, z: int) -> Tile:
    """The tile that holds a place in metres of the drawn town."""
    return tile_at(*degrees(x, y), z)


def sheets(content: bytes, where: Tile) -> dict[str, Sheet]:
    """A vector tile as GDAL reads it: the fields of each feature by layer; `mvt_id` is the feature's number."""
    if not content:
        return {}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "tile.mvt"
        file.write_bytes(content)
        return {name: _rows(file, name, where) for name, _ in list_layers(file)}


def _rows(file: Path, layer: str, where: Tile) -> Sheet:
    told, _, _, columns = read(file, layer=layer, X=where.x, Y=where.y, Z=where.z)
    return [dict(zip(told["fields"], row, strict=True)) for row in zip(*columns, strict=True)]
