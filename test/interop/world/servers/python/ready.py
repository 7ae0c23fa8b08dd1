"""Serves an ASGI application on a port of loopback, and prints `ready` once it listens."""
import asyncio
from typing import Any

import uvicorn


def serve(app: Any, port: int) -> None:
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error"))

    async def run() -> None:
        serving = asyncio.create_task(server.serve())
        while not server.started and not serving.done():
            await asyncio.sleep(0.05)
        print("ready", flush=True)
        await serving

    asyncio.run(run())
