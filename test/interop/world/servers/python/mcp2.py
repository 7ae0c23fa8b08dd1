"""A server on `mcp` 2.x: 2026-07-28 and the revisions before it. Its one argument is the port; STATELESS=1 keeps no sessions."""
import os
import sys
from typing import Annotated

import mcp_types as types
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.resolve import Elicit, Resolve, Sample
from pydantic import BaseModel
from ready import serve
from store import keep_events
from tools import register

stateless = os.environ.get("STATELESS") == "1"
keep_events()
server = MCPServer("world-mcp2")
register(server.tool, Context)


class Name(BaseModel):
    name: str


async def name_of_caller() -> Elicit[Name]:
    return Elicit("What is your name?", Name)


async def thought(text: str) -> Sample:
    content = types.TextContent(type="text", text=text)
    return Sample([types.SamplingMessage(role="user", content=content)], max_tokens=100)


@server.tool()
async def ask(answer: Annotated[Name, Resolve(name_of_caller)]) -> str:
    return f"hello {answer.name}"


@server.tool()
async def think(text: str, answer: Annotated[types.CreateMessageResult, Resolve(thought)]) -> str:
    return answer.content.text


app = server.streamable_http_app(
    stateless_http=stateless,
    retry_interval=None if stateless else 200,
)
serve(app, int(sys.argv[1]))
