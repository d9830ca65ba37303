"""A client that costs little beside what it measures: one kept connection, no compression, nothing but the answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; names of headers in small letters."""

    status_code: int
    content: bytes
    headers: Mapping[str, str]


class Asking:
    """GET over one connection, opened anew when the server has hung up meanwhile."""

    def __init__(self, port: int, timeout_seconds: float = 60.0) -> None:
        """Nothing is opened yet."""
        self._connection = HTTPConnection("127.0.0.1", port, timeout=timeout_seconds)
        self.headers = {"Accept-Encoding": "identity"}

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        """The answer at a path. Raises OSError while nobody listens."""
        try:
            return self._got(path, headers or {})
        except (BrokenPipeError, ConnectionResetError):  # hung up; also http.client.RemoteDisconnected
            self.close()
            return self._got(path, headers or {})
        except OSError:
            self.close()
            raise

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def _got(self, path: str, headers: Mapping[str, str]) -> Answer:
        self._connection.request("GET", path, headers={**self.headers, **headers})
        answer = self._connection.getresponse()
        content = answer.read()
        return Answer(answer.status, content, {name.lower(): value for name, value in answer.getheaders()})
