"""Lists the tools of a server and calls one, with the Python SDKs. Arguments: which one (mcp1, mcp2, fastmcp), and as JSON
{"url", "token", "call": {"tool", "args"}}, the last of which may be absent. Prints {"tools", "answer"}."""
import importlib
import json
import sys

import anyio
from lines import say
from peer import Job, Storage


async def main() -> None:
    kind, text = sys.argv[1:]
    asked = json.loads(text)
    connect = importlib.import_module(f"peer_{kind}").connect
    async with connect(Job(asked["url"], [], asked["token"]), Storage()) as peer:
        tools = await peer.tools()
        call = asked.get("call")
        answer = None if call is None else await peer.call(call["tool"], call["args"])
    say(tools=tools, answer=answer)


anyio.run(main)
