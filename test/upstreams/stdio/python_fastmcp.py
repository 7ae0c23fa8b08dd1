"""A server on `fastmcp` over standard streams."""
from fastmcp import Context, FastMCP

server = FastMCP("python-fastmcp")


@server.tool
async def echo(text: str) -> str:
    return text


@server.tool
async def count(steps: int, ctx: Context) -> str:
    for step in range(1, steps + 1):
        await ctx.report_progress(step, steps)
    return f"counted {steps}"


server.run(show_banner=False)
