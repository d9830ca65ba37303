"""The page and its parts: headers that keep foreign code out, and parts kept for ever by their fingerprint."""

from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from schema import site
from services import settings
from services.settings import Settings


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A small built client."""
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html><title>map</title>")
    (tmp_path / "assets" / "app-1.js").write_text("let a = 1")
    (tmp_path / "assets" / "app-1.js.br").write_bytes(b"packed with brotli")
    (tmp_path / "assets" / "map-2.mjs").write_text("let b = 2")
    return tmp_path


def client(built: Path) -> httpx.AsyncClient:
    """A client of the page's routes."""
    transport = httpx.ASGITransport(Starlette(routes=site.routes(built)))
    return httpx.AsyncClient(transport=transport, base_url="http://linli.test")


async def test_the_page_lets_nothing_foreign_in(built: Path) -> None:
    async with client(built) as http:
        page = await http.get("/", headers={"Accept": "text/html"})
    policy = dict(part.split(" ", 1) for part in page.headers["content-security-policy"].split("; "))
    assert page.status_code == 200
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert "unsafe" not in page.headers["content-security-policy"]
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["referrer-policy"] == "no-referrer"


async def test_the_page_is_told_of_a_provider_where_one_is_set_up(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (built / "index.html").write_text("<!doctype html><head><title>map</title></head>")
    provider = Settings(oidc_issuer="https://id.example", oidc_client_id="linli")
    async with client(built) as http:
        plain = await http.get("/", headers={"Accept": "text/html"})
        monkeypatch.setattr(settings, "current", lambda: provider)
        told = await http.get("/", headers={"Accept": "text/html"})
    assert "linli-oidc" not in plain.text
    assert '<meta name="linli-oidc" content="/sign-in/oidc" /></head>' in told.text


async def test_a_program_that_asks_for_json_gets_the_landing_page(built: Path) -> None:
    async with client(built) as http:
        for headers, query in (({"Accept": "application/json"}, ""), ({"Accept": "text/html"}, "?f=json")):
            answer = await http.get(f"/{query}", headers=headers)
            assert answer.json()["title"] == "Linli"


async def test_parts_are_kept_for_ever_and_packed(built: Path) -> None:
    async with client(built) as http:
        plain = await http.get("/assets/app-1.js", headers={"Accept-Encoding": "identity"})
        async with http.stream("GET", "/assets/app-1.js", headers={"Accept-Encoding": "br, gzip"}) as packed:
            raw = b"".join([part async for part in packed.aiter_raw()])
        module = await http.get("/assets/map-2.mjs")
    assert plain.text == "let a = 1"
    assert "immutable" in plain.headers["cache-control"]
    assert (packed.headers["content-encoding"], raw) == ("br", b"packed with brotli")
    assert module.headers["content-type"].startswith("text/javascript")
    assert module.headers["x-content-type-options"] == "nosniff"


async def test_only_parts_are_given(built: Path) -> None:
    async with client(built) as http:
        for path in ("/assets/index.html", "/assets/..%2findex.html", "/assets/..%2f..%2fetc%2fpasswd", "/assets/"):
            assert (await http.get(path)).status_code == 404


async def test_without_a_build_the_page_says_what_to_do(tmp_path: Path) -> None:
    async with client(tmp_path) as http:
        answer = await http.get("/", headers={"Accept": "text/html"})
    assert answer.status_code == 503
    assert "npm run build" in answer.text
