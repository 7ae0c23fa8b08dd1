"""Python's json: for each hexadecimal line, method, name or URI, and id of each message, as hexadecimal UTF-8."""
import json
import sys


def number(value):
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        return "n" + ("Infinity" if value > 0 else "-Infinity")
    return "n" + repr(float(value))


def reading(message):
    params = message.get("params", {})
    key = {"resources/read": "uri", "tools/call": "name", "prompts/get": "name"}.get(message.get("method", ""))
    identity = message.get("id")
    if identity is not None:
        identity = "s" + identity if isinstance(identity, str) else number(identity)
    return [message.get("method", ""), params[key] if key else None, identity]


def told(line):
    value = json.loads(bytes.fromhex(line).decode("utf-8"))
    messages = value if isinstance(value, list) else [value]
    texts = [reading(message) for message in messages]
    return [[None if text is None else text.encode("utf-8").hex() for text in each] for each in texts]


for each in sys.stdin:
    try:
        print(json.dumps(told(each.strip()), separators=(",", ":")))
    except Exception as error:
        print("error " + type(error).__name__)
