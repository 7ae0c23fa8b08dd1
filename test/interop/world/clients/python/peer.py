"""What the steps need of an SDK, and what its connections have in common."""
from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

REDIRECT_URI = "http://127.0.0.1/callback"
NAME = {"name": "Ada"}
THOUGHT = "a thought"

Progress = Callable[[float, float | None, str | None], Awaitable[None]]


class Peer(Protocol):
    async def tools(self) -> list[str]: ...

    async def call(self, name: str, arguments: dict[str, Any], progress: Progress | None = None) -> str: ...


@dataclass
class Job:
    url: str
    steps: list[str]
    token: str | None = None
    oauth: dict[str, Any] | None = None
    soak: dict[str, Any] | None = None
    #: Set by the HTTP client when a session was answered with 404.
    lost: bool = field(default=False, init=False)

    @property
    def headers(self) -> dict[str, str]:
        return {} if self.token is None else {"Authorization": f"Bearer {self.token}"}

    async def saw(self, response: Any) -> None:
        """A hook of the HTTP client."""
        if response.status_code == 404 and "mcp-session-id" in response.request.headers:
            self.lost = True


def client_metadata(job: Job) -> dict[str, Any]:
    assert job.oauth is not None
    return {
        "client_name": job.oauth["clientName"],
        "redirect_uris": [REDIRECT_URI],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "none",
        "scope": job.oauth["scope"],
    }


class Storage:
    """Keeps tokens and the registration in memory, as both SDKs ask for."""

    def __init__(self) -> None:
        self.tokens: Any = None
        self.client: Any = None

    async def get_tokens(self) -> Any:
        return self.tokens

    async def set_tokens(self, tokens: Any) -> None:
        self.tokens = tokens

    async def get_client_info(self) -> Any:
        return self.client

    async def set_client_info(self, client_info: Any) -> None:
        self.client = client_info

    @property
    def access_token(self) -> str | None:
        return None if self.tokens is None else self.tokens.access_token


def text_of(result: Any) -> str:
    """A tool's error is one."""
    text = "\n".join(part.text for part in result.content if part.type == "text")
    if getattr(result, "isError", False) or getattr(result, "is_error", False):
        raise RuntimeError(text)
    return text
