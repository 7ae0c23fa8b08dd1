"""A resource server protected by mcpauth. Arguments: issuer, own resource, the scope it asks for. Prints its port."""
import socket
import sys

import uvicorn
from mcpauth import MCPAuth
from mcpauth.config import AuthServerType
from mcpauth.utils import fetch_server_config
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import JSONResponse
from starlette.routing import Route

issuer, resource, scope = sys.argv[1:4]
auth = MCPAuth(server=fetch_server_config(issuer, type=AuthServerType.OAUTH))
protect = auth.bearer_auth_middleware("jwt", audience=resource, required_scopes=[scope])


async def whoami(request):
    info = auth.auth_info
    return JSONResponse({"sub": info.subject, "client": info.client_id, "scopes": info.scopes})


app = Starlette(routes=[Route("/mcp", whoami)], middleware=[Middleware(protect)])
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
uvicorn.Server(uvicorn.Config(app, log_level="error")).run(sockets=[listener])
