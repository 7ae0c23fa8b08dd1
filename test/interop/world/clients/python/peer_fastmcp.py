"""One connection of FastMCP's client. It listens on its own redirect address, so the answer of the person is brought there."""
import asyncio
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import mcp_types as types
from fastmcp import Client
from fastmcp.client.auth import OAuth
from fastmcp.client.elicitation import ElicitResult
from fastmcp.client.transports import StreamableHttpTransport
from lines import visit
from mcp.shared._httpx_utils import create_mcp_http_client
from peer import NAME, THOUGHT, Job, Storage


class Connection:
    def __init__(self, client: Client) -> None:
        self.client = client

    async def tools(self) -> list[str]:
        return [tool.name for tool in await self.client.list_tools()]

    async def call(self, name: str, arguments: dict[str, Any], progress: Any = None) -> str:
        result = await self.client.call_tool(name, arguments, progress_handler=progress)
        return "\n".join(part.text for part in result.content if part.type == "text")


async def form(_message: str, _response_type: Any, _params: Any, _context: Any) -> ElicitResult:
    return ElicitResult(action="accept", content=NAME)


async def think(_messages: Any, _params: Any, _context: Any) -> types.CreateMessageResult:
    content = types.TextContent(type="text", text=THOUGHT)
    return types.CreateMessageResult(role="assistant", content=content, model="none")


class Login(OAuth):
    """Asks the harness' person instead of opening a browser, and brings what they were sent to."""

    async def redirect_handler(self, authorization_url: str) -> None:
        self._bringing = asyncio.create_task(self._bring(await visit(authorization_url)))

    async def _bring(self, url: str) -> None:
        async with httpx2.AsyncClient() as browser:
            for _ in range(50):
                try:
                    await browser.get(url)
                    return
                except httpx2.ConnectError:
                    await asyncio.sleep(0.1)  # it listens only after this was called


def login(job: Job, storage: Storage) -> Login | None:
    if job.oauth is None:
        return None
    auth = Login(
        job.url, scopes=job.oauth["scope"], client_name=job.oauth["clientName"], callback_host="127.0.0.1"
    )
    keep = auth.context.storage.set_tokens

    async def set_tokens(tokens: Any) -> None:
        storage.tokens = tokens
        await keep(tokens)

    auth.context.storage.set_tokens = set_tokens
    return auth


@asynccontextmanager
async def connect(job: Job, storage: Storage) -> Any:
    def http(**options: Any) -> httpx2.AsyncClient:
        made = create_mcp_http_client(**{k: v for k, v in options.items() if k in ("headers", "timeout", "auth")})
        made.event_hooks["response"].append(job.saw)
        return made

    transport = StreamableHttpTransport(
        job.url, headers=job.headers, auth=login(job, storage), httpx_client_factory=http
    )
    async with Client(transport, elicitation_handler=form, sampling_handler=think) as client:
        yield Connection(client)
