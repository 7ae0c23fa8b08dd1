"""An MCP server that says which lines it saw. `text`: of a text stream, as `mcp` opens one, which ends a line also at CR.
`splitlines`: which does so at U+0085, U+2028 and U+2029 too."""
import json
import sys
from collections.abc import Iterator
from io import TextIOWrapper

seen: list[str] = []


def lines(kind: str) -> Iterator[str]:
    if kind == "text":
        yield from TextIOWrapper(sys.stdin.buffer, encoding="utf-8")
        return
    for line in sys.stdin.buffer:
        yield from line.decode().splitlines()


def result_of(method: str, params: dict) -> dict:
    if method == "initialize":
        info = {"name": "reader", "version": "1"}
        version = params["protocolVersion"]
        return {"protocolVersion": version, "capabilities": {"tools": {}}, "serverInfo": info}
    text = json.dumps(seen) if params["name"] == "lines" else params["arguments"]["text"]
    return {"content": [{"type": "text", "text": text}]}


for line in lines(sys.argv[1]):
    seen.append(line)
    try:
        message = json.loads(line)
    except ValueError:
        continue  # a piece of a message
    if "id" in message:
        result = result_of(message["method"], message["params"])
        print(json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": result}), flush=True)
