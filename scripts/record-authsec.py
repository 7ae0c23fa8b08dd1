"""Runs the Python SDK of AuthSec against a recorder on this machine. Cases come as JSON on standard input, what the SDK
asked for and understood goes to standard output. record-authsec.mjs starts it."""

import asyncio
import json
import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import version

from authsec_sdk.runtime import Config
from authsec_sdk.runtime.config import from_env
from authsec_sdk.runtime.manifest import publish_manifest
from authsec_sdk.runtime.scope_matrix import PolicyIncompleteError, ScopeMatrixClient

cases = json.load(sys.stdin)
seen = []
answer = {}


class Recorder(BaseHTTPRequestHandler):
    def do_GET(self):
        self.record(None)

    def do_PUT(self):
        self.record(json.loads(self.rfile.read(int(self.headers["content-length"]))))

    def record(self, body):
        names = ("authorization", "accept", "content-type")
        headers = {name: self.headers[name] for name in names if self.headers[name] is not None}
        seen.append({"method": self.command, "path": self.path, "headers": headers, "body": body})
        text = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


def config(url, **more):
    return Config(
        issuer=url,
        authorization_server=url,
        introspection_client_id="client-9",
        introspection_client_secret="intro+spection/secret=",
        resource_server_id="rs-1",
        **more,
    )


async def policy(url, document):
    answer.clear()
    answer.update(document)
    try:
        tools, _ = await ScopeMatrixClient(config(url)).fetch()
        return {"tools": tools}
    except PolicyIncompleteError as incomplete:
        return {"incomplete": incomplete.state}
    except Exception as error:  # an answer that the SDK cannot use
        return {"error": type(error).__name__}


def environment(env):
    for name in [name for name in os.environ if name.startswith("AUTHSEC_")]:
        del os.environ[name]
    for name, value in {**cases["base"], **env}.items():
        if value:
            os.environ[f"AUTHSEC_{name}"] = value
    read = from_env()
    try:
        read.validate()
        refused = None
    except ValueError as error:
        refused = str(error)
    read = read.normalized()
    return {
        "policy_mode": read.effective_policy_mode().value,
        "validation_mode": read.effective_validation_mode().value,
        "tool_scopes": read.tool_scopes,
        "authorization_server": read.authorization_server,
        "introspection_client_id": read.introspection_client_id,
        "publish_manifest": read.publish_manifest,
        "refused": refused,
    }


async def rpc(request, _headers):
    result = {"tools": cases["tools"]} if request["method"] == "tools/list" else {}
    return {"jsonrpc": "2.0", "id": request.get("id"), "result": result}


async def main():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Recorder)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    policies = [{**case, "sdk": await policy(url, case["document"])} for case in cases["policies"]]
    fetched = seen[0]
    seen.clear()
    await publish_manifest(config(url, tool_scope_suggestions=cases["suggestions"]), rpc_handler=rpc)
    environments = [{**case, "sdk": environment(case["env"])} for case in cases["environments"]]
    recording = {
        "package": "authsec-sdk",
        "version": version("authsec-sdk"),
        "how": "run",
        "fetch": fetched,
        "policies": policies,
        "publish": seen[0],
        "environments": environments,
    }
    json.dump(recording, sys.stdout)
    server.shutdown()


asyncio.run(main())
