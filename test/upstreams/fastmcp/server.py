"""A FastMCP server with notes by department; prints its port."""
import socket

import uvicorn
from fastmcp import FastMCP

served = FastMCP("notes")


@served.resource("notes://{department}/{name}")
def note(department: str, name: str) -> str:
    return f"read {department}/{name}"


app = served.http_app(path="/mcp", stateless_http=True, json_response=True)
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
uvicorn.Server(uvicorn.Config(app, log_level="error")).run(sockets=[listener])
