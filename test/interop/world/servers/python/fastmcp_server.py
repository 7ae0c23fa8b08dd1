"""A server on FastMCP. Its one argument is the port; STATELESS=1 keeps no sessions."""
import os
import sys

from fastmcp import Context, FastMCP
from fastmcp.server.event_store import EventStore
from pydantic import BaseModel
from ready import serve
from tools import register

stateless = os.environ.get("STATELESS") == "1"
server = FastMCP("world-fastmcp")
register(server.tool, Context)


class Name(BaseModel):
    name: str


@server.tool()
async def ask(ctx: Context) -> str:
    answer = await ctx.elicit("What is your name?", Name)
    return f"hello {answer.data.name}" if answer.action == "accept" else answer.action


@server.tool()
async def think(text: str, ctx: Context) -> str:
    answer = await ctx.sample(text, max_tokens=100)
    return answer.text or ""


app = server.http_app(
    path="/mcp",
    stateless_http=stateless,
    event_store=None if stateless else EventStore(),
    retry_interval=None if stateless else 200,
)
serve(app, int(sys.argv[1]))
