# FastMCP's proxy with its JWT verifier, as its documentation shows it. Arguments: port, upstream, issuer, audience.
import sys

from fastmcp.server import create_proxy
from fastmcp.server.auth.providers.jwt import JWTVerifier

port, upstream, issuer, audience = sys.argv[1:]
verifier = JWTVerifier(
    jwks_uri=f"{issuer}/jwks", issuer=issuer, audience=audience, required_scopes=["notes:read"]
)
proxy = create_proxy(upstream, name="bench", auth=verifier)
proxy.run(
    transport="http",
    host="127.0.0.1",
    port=int(port),
    path="/notes/mcp",
    stateless_http=True,
    json_response=True,
    log_level="error",
    show_banner=False,
    uvicorn_config={"access_log": False},
)
