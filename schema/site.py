"""The map at `/`, the other pages and their parts, with the headers that keep foreign code and frames out."""

import mimetypes
from pathlib import Path

from starlette.datastructures import URL
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from schema import answers, collections, oidc
from services import settings
from services.oidc import Provider
from services.settings import Settings

BUILT = Path(__file__).parent.parent / "web" / "dist"
NOT_BUILT = "The map client is not built here. Start with ./dev run, or: cd web && npm ci && npm run build\n"
POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "worker-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "connect-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ]
)
SECURE = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(self), camera=(), microphone=()",
}
DEMO = '<meta name="linli-demo" content="press" />'
"""Tells the page that demo terminals may be pressed from it."""
OUTSIDE = f'<meta name="linli-oidc" content="{oidc.PATH}" />'
"""Tells the page that one may sign in by an OpenID provider, and where that begins."""
FOR_EVER = "public, max-age=31536000, immutable"
PACKED = (("br", ".br"), ("gzip", ".gz"))
PAGES = {"phone": "phone", "case": "case", "vote": "case", "cases": "cases"}
"""Beside the map: the worker's phone, the resident's own matter and vote, the board of all matters; in which file."""
PARTS_OF_PHONE = ("phone.webmanifest", "phone-icon.svg", "phone-worker.js")
"""At the root, under names without a fingerprint: a browser looks there for what has become of the installed page."""
mimetypes.add_type("text/javascript", ".mjs")
mimetypes.add_type("application/manifest+json", ".webmanifest")


def routes(built: Path = BUILT, *, development: bool = False) -> list[BaseRoute]:
    """The page, its parts, and the landing page of OGC API Features for who asks `/` for JSON."""

    async def page(request: Request) -> Response:
        if wants_json(request):
            return await collections.landing(request)
        return _page(built / "index.html", "Accept", _told(settings.current(), development=development))

    async def other(request: Request) -> Response:
        return _page(built / f"{PAGES[request.url.path.strip('/')]}.html")

    async def part_of_phone(request: Request) -> Response:
        asked = built / request.url.path.removeprefix("/")
        return FileResponse(asked, headers=_fresh()) if asked.is_file() else Response(status_code=404, headers=SECURE)

    async def part(request: Request) -> Response:
        asked = built / "assets" / Path(request.path_params["name"]).name
        if not asked.is_file():
            return Response(status_code=404, headers=SECURE)
        return _packed(asked, request.headers.get("accept-encoding", ""))

    return [
        Route("/", answers.answering(page)),
        *(Route(f"/{name}", other) for name in PAGES),
        *(Route(f"/{name}", part_of_phone) for name in PARTS_OF_PHONE),
        Route("/assets/{name}", part),
    ]


def wants_json(request: Request) -> bool:
    """Whether a program asks, not a browser: it takes JSON and no HTML, or says `f=json`."""
    accept = request.headers.get("accept", "")
    return request.query_params.get("f") == "json" or ("json" in accept and "text/html" not in accept)


def policy(settings: Settings) -> str:
    """The page's policy; where pictures of a base map come from outside, their origin may be asked, too."""
    if settings.base_map_url is None:
        return POLICY
    outside = URL(settings.base_map_url)
    return POLICY.replace("connect-src 'self'", f"connect-src 'self' {outside.scheme}://{outside.netloc}")


def _told(settings: Settings, *, development: bool) -> str:
    """What the map's page is told of this server."""
    return (DEMO if development else "") + (OUTSIDE if Provider.of(settings) else "")


def _page(file: Path, vary: str = "", more: str = "") -> Response:
    if not file.exists():
        return PlainTextResponse(NOT_BUILT, 503, SECURE)
    text = file.read_text(encoding="utf-8").replace("</head>", f"{more}</head>")
    own = {"Content-Security-Policy": policy(settings.current())}
    return HTMLResponse(text, headers=_fresh() | own | ({"Vary": vary} if vary else {}))


def _fresh() -> dict[str, str]:
    """Kept, but asked about each time: a new build counts at once."""
    return {**SECURE, "Cache-Control": "no-cache"}


def _packed(asked: Path, accepted: str) -> Response:
    """The file as it was packed when built; its name holds a fingerprint, so it may be kept for ever."""
    kind = mimetypes.guess_type(asked.name)[0] or "application/octet-stream"
    headers = {**SECURE, "Cache-Control": FOR_EVER, "Vary": "Accept-Encoding"}
    for coding, ending in PACKED:
        packed = asked.with_name(asked.name + ending)
        if coding in accepted and packed.is_file():
            return FileResponse(packed, headers={**headers, "Content-Encoding": coding}, media_type=kind)
    return FileResponse(asked, headers=headers, media_type=kind)
