"""A server on `mcp` 1.x. Its one argument is the port, `stdio` for standard streams; STATELESS=1 keeps no sessions."""
import os
import sys

import mcp.types as types
from mcp.server.fastmcp import Context, FastMCP
from pydantic import BaseModel
from ready import serve
from store import keep_events
from tools import register

stateless = os.environ.get("STATELESS") == "1"
keep_events()
server = FastMCP(
    "world-mcp1",
    stateless_http=stateless,
    retry_interval=None if stateless else 200,
)


class Name(BaseModel):
    name: str


@server.tool()
async def ask(ctx: Context) -> str:
    answer = await ctx.elicit("What is your name?", Name)
    return f"hello {answer.data.name}" if answer.action == "accept" else answer.action


@server.tool()
async def think(text: str, ctx: Context) -> str:
    content = types.TextContent(type="text", text=text)
    message = types.SamplingMessage(role="user", content=content)
    answer = await ctx.session.create_message(
        [message], max_tokens=100, related_request_id=ctx.request_id
    )
    return answer.content.text


register(server.tool, Context)
if sys.argv[1] == "stdio":
    server.run()
else:
    serve(server.streamable_http_app(), int(sys.argv[1]))
