"""The simulated departments over HTTP: ``POST /<department>/requests``."""

from __future__ import annotations

from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from anju_departments.answering import Office
from anju_departments.clock import read_now
from anju_rules.departments.messages import MOST_BYTES


def open_server(office: Office, *, host: str, port: int) -> ThreadingHTTPServer:
    """Give a server that answers for every department of the office; the caller runs it."""

    class Desk(BaseHTTPRequestHandler):
        """One request."""

        server_version = "departments"
        sys_version = ""
        timeout = 10

        def do_POST(self) -> None:
            """Answer a request of the contract."""
            length = self.headers.get("Content-Length", "")
            if not length.isascii() or not length.isdigit() or int(length) > MOST_BYTES:
                self._send(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, b"")
                return
            department, _, rest = self.path.strip("/").partition("/")
            if rest != "requests":
                self._send(HTTPStatus.NOT_FOUND, b"")
                return
            status, body = office.reply(department, self.rfile.read(int(length)), at=read_now())
            if status:
                self._send(status, body)

        def _send(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's
            """Say nothing: a line of a log would be about somebody."""

    return ThreadingHTTPServer((host, port), Desk)


def url_of(department: str, *, host: str, port: int) -> str:
    """Give the address of one department."""
    return f"http://{host}:{port}/{department}/requests"
