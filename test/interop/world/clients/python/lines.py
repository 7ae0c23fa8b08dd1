"""What a client of the table prints, and what it reads: one line of JSON at a time."""
import json
import sys

import anyio.to_thread


def say(**line: object) -> None:
    print(json.dumps(line), flush=True)


async def visit(authorization_url: str) -> str:
    """The harness' person goes there; returns the URL that the browser was sent back to."""
    say(open=authorization_url)
    return (await anyio.to_thread.run_sync(sys.stdin.readline)).strip()


def reason(error: BaseException) -> str:
    """Of a group of exceptions each one, for the group itself says nothing."""
    if isinstance(error, BaseExceptionGroup):
        return "; ".join(reason(one) for one in error.exceptions)
    return f"{type(error).__name__}: {error}"
