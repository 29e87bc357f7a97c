"""The page of a live session, served to browsers on this machine."""

from __future__ import annotations

import secrets
import socket
import threading
from collections.abc import Sequence
from importlib.resources import files
from typing import Any, Final, Protocol

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route

from emotion_core.errors import UsageError
from emotion_core.labels import COLOURS, EMOTIONS
from jobs.live.connections import BACKLOG, Connection
from jobs.live.feed import Feed
from jobs.live.guard import Access, Guard

PICTURE_TIMEOUT_S: Final = 1.0
POLICY: Final = (
    "default-src 'none'; img-src blob:; connect-src 'self'; script-src 'nonce-{nonce}'; "
    "style-src 'nonce-{nonce}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class Watched(Protocol):
    """What the page shows and steers."""

    feeds: Sequence[Feed]

    def stop(self) -> None:
        """End the session."""

    def state(self) -> dict[str, Any]:
        """JSON values for the page."""


class PageServer:
    """Serves the page in a thread of its own.

    Parameters
    ----------
    bound : socket
        As `listen` gives it.
    access : Access
    watched : Watched
    """

    def __init__(self, bound: socket.socket, access: Access, watched: Watched) -> None:
        config = uvicorn.Config(
            Guard(make_app(access, watched), access),
            log_level="error",
            access_log=False,
            lifespan="off",
            ws="none",
            http=Connection,
            backlog=BACKLOG,
            loop="asyncio",
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, args=([bound],), name="page", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Answer no more."""
        self._server.should_exit = True
        self._thread.join(timeout=5)


def make_app(access: Access, watched: Watched) -> Starlette:
    """The application behind the guard."""

    def page(_: Request) -> Response:
        nonce = secrets.token_urlsafe(16)
        html = files("jobs.live").joinpath("page.html").read_text(encoding="utf-8")
        headers = {"Content-Security-Policy": POLICY.format(nonce=nonce)}
        return HTMLResponse(html.replace("{nonce}", nonce), headers=headers)

    def state(_: Request) -> Response:
        return JSONResponse(watched.state() | {"emotions": list(EMOTIONS), "colours": _COLOURS})

    def picture(request: Request) -> Response:
        found = _feed(request).picture(_after(request), PICTURE_TIMEOUT_S)
        if found is None:
            return Response(status_code=204)
        headers = {"X-Frame": str(found.number), "X-Arrived-Us": str(found.wall_us)}
        return Response(found.picture, media_type="image/jpeg", headers=headers)

    def samples(request: Request) -> Response:
        found = _feed(request).samples(_after(request))
        return JSONResponse([[s.number, s.time_us, s.faces] for s in found])

    def record(request: Request) -> Response:
        try:
            _feed(request).record(request.path_params["wanted"] == "on")
        except UsageError as error:
            return JSONResponse({"error": str(error)}, status_code=409)
        return JSONResponse({})

    def stop(_: Request) -> Response:
        watched.stop()
        return JSONResponse({})

    def _feed(request: Request) -> Feed:
        number: int = request.path_params["source"]
        if number >= len(watched.feeds):
            raise HTTPException(404)
        return watched.feeds[number]

    return Starlette(routes=[
        Mount(f"/{access.token}", routes=[
            Route("/", page),
            Route("/state", state),
            Route("/stop", stop, methods=["POST"]),
            Route("/{source:int}/picture", picture),
            Route("/{source:int}/samples", samples),
            Route("/{source:int}/record/{wanted}", record, methods=["POST"]),
        ]),
    ])  # fmt: skip


_COLOURS: Final = {
    name: f"#{red:02x}{green:02x}{blue:02x}" for name, (red, green, blue) in COLOURS.items()
}


def _after(request: Request) -> int:
    text = request.query_params.get("after", "-1")
    try:
        return int(text)
    except ValueError:
        raise HTTPException(400, "after is no number") from None
