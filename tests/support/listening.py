"""The site on a real port, over the test's own database: for programs that come from outside."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import ThreadingMixIn
from threading import Thread
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from django.core.wsgi import get_wsgi_application
from django.db import connections


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        """Say nothing."""


@contextmanager
def listen() -> Iterator[str]:
    """Serve the site until the block ends; gives its address."""
    application = get_wsgi_application()

    def answer(environ: dict[str, Any], start_response: Any) -> Any:
        try:
            return list(application(environ, start_response))
        finally:
            connections.close_all()  # a thread a request: its connections go with it

    server = make_server("127.0.0.1", 0, answer, _Server, _Quiet)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
