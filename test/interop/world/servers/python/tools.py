"""The tools of the table that are written the same with every Python SDK."""
import sys
from typing import Any

import anyio


def register(tool: Any, context: type) -> None:
    """`tool` is the decorator of a server, `context` its class that reports progress."""

    @tool()
    async def echo(text: str) -> str:
        return text

    async def count(steps: int, delay_ms: int, ctx: Any) -> str:
        for step in range(1, steps + 1):
            await anyio.sleep(delay_ms / 1000)
            await ctx.report_progress(step, steps)
        return f"counted {steps}"

    count.__annotations__["ctx"] = context
    tool()(count)

    @tool()
    async def wait(ms: int) -> str:
        try:
            await anyio.sleep(ms / 1000)
        except anyio.get_cancelled_exc_class():
            # On standard streams the output is the protocol's.
            print("cancelled", flush=True, file=sys.stderr if sys.argv[1] == "stdio" else sys.stdout)
            raise
        return "waited"

    @tool()
    async def secret() -> str:
        return "secret"
