"""One connection of `mcp` 2.x, which looks for 2026-07-28 first."""
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import mcp_types as types
from lines import visit
from mcp import Client
from mcp.client.auth import AuthorizationCodeResult, OAuthClientProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared._httpx_utils import create_mcp_http_client
from mcp.shared.auth import OAuthClientMetadata
from peer import NAME, THOUGHT, Job, Storage, client_metadata, text_of


class Connection:
    def __init__(self, client: Client) -> None:
        self.client = client

    async def tools(self) -> list[str]:
        return [tool.name for tool in (await self.client.list_tools()).tools]

    async def call(self, name: str, arguments: dict[str, Any], progress: Any = None) -> str:
        return text_of(await self.client.call_tool(name, arguments, progress_callback=progress))


async def form(_context: Any, _params: Any) -> types.ElicitResult:
    return types.ElicitResult(action="accept", content=NAME)


async def think(_context: Any, _params: Any) -> types.CreateMessageResult:
    content = types.TextContent(type="text", text=THOUGHT)
    return types.CreateMessageResult(role="assistant", content=content, model="none")


def login(job: Job, storage: Storage) -> OAuthClientProvider | None:
    if job.oauth is None:
        return None
    landed: list[str] = []

    async def redirect(url: str) -> None:
        landed.append(await visit(url))

    async def callback() -> AuthorizationCodeResult:
        query = {name: values[0] for name, values in parse_qs(urlsplit(landed.pop()).query).items()}
        return AuthorizationCodeResult(code=query["code"], state=query.get("state"), iss=query.get("iss"))

    metadata = OAuthClientMetadata.model_validate(client_metadata(job))
    return OAuthClientProvider(job.url, metadata, storage, redirect, callback)


@asynccontextmanager
async def connect(job: Job, storage: Storage) -> Any:
    async with create_mcp_http_client(headers=job.headers, auth=login(job, storage)) as http:
        http.event_hooks["response"].append(job.saw)
        transport = streamable_http_client(job.url, http_client=http)
        async with Client(transport, elicitation_callback=form, sampling_callback=think) as client:
            yield Connection(client)
