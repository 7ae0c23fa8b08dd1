"""A server on FastMCP. Its one argument is the port; STATELESS=1 keeps no sessions.

In 2026-07-28 a tool asks by answering with what it needs, before it in the middle of its work.
"""
import os
import sys
from typing import Any

import mcp_types as types
from fastmcp import Context, FastMCP
from fastmcp.server.event_store import EventStore
from pydantic import BaseModel
from ready import serve
from tools import register

MODERN = "2026-07-28"
stateless = os.environ.get("STATELESS") == "1"
server = FastMCP("world-fastmcp")
register(server.tool, Context)


class Name(BaseModel):
    name: str


def is_modern(ctx: Context) -> bool:
    return ctx.session.protocol_version == MODERN


@server.tool()
async def ask(ctx: Context) -> Any:
    message = "What is your name?"
    if not is_modern(ctx):
        answer = await ctx.elicit(message, Name)
        return f"hello {answer.data.name}" if answer.action == "accept" else answer.action
    if ctx.input_responses is None:
        form = types.ElicitRequestFormParams(message=message, requested_schema=Name.model_json_schema())
        return types.InputRequiredResult(input_requests={"name": types.ElicitRequest(params=form)})
    return f"hello {ctx.input_responses['name'].content['name']}"


@server.tool()
async def think(text: str, ctx: Context) -> Any:
    content = types.TextContent(type="text", text=text)
    messages = [types.SamplingMessage(role="user", content=content)]
    if not is_modern(ctx):
        answer = await ctx.session.create_message(
            messages, max_tokens=100, related_request_id=ctx.request_id
        )
        return answer.content.text
    if ctx.input_responses is None:
        asked = types.CreateMessageRequestParams(messages=messages, max_tokens=100)
        return types.InputRequiredResult(
            input_requests={"thought": types.CreateMessageRequest(params=asked)}
        )
    return ctx.input_responses["thought"].content.text


app = server.http_app(
    path="/mcp",
    stateless_http=stateless,
    event_store=None if stateless else EventStore(),
    retry_interval=None if stateless else 200,
)
serve(app, int(sys.argv[1]))
