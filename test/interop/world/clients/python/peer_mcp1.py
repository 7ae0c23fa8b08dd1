"""One connection of `mcp` 1.x."""
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import mcp.types as types
from lines import visit
from mcp import ClientSession
from mcp.client.auth import OAuthClientProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared._httpx_utils import create_mcp_http_client
from mcp.shared.auth import OAuthClientMetadata
from peer import NAME, THOUGHT, Job, Storage, client_metadata, text_of


class Connection:
    def __init__(self, session: ClientSession) -> None:
        self.session = session

    async def tools(self) -> list[str]:
        return [tool.name for tool in (await self.session.list_tools()).tools]

    async def call(self, name: str, arguments: dict[str, Any], progress: Any = None) -> str:
        return text_of(await self.session.call_tool(name, arguments, progress_callback=progress))


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

    async def callback() -> tuple[str, str | None]:
        query = parse_qs(urlsplit(landed.pop()).query)
        return query["code"][0], query.get("state", [None])[0]

    metadata = OAuthClientMetadata.model_validate(client_metadata(job))
    return OAuthClientProvider(job.url, metadata, storage, redirect, callback)


@asynccontextmanager
async def connect(job: Job, storage: Storage) -> Any:
    async with create_mcp_http_client(headers=job.headers, auth=login(job, storage)) as http:
        http.event_hooks["response"].append(job.saw)
        async with streamable_http_client(job.url, http_client=http) as (read, write, _):
            async with ClientSession(
                read, write, elicitation_callback=form, sampling_callback=think
            ) as session:
                await session.initialize()
                yield Connection(session)
