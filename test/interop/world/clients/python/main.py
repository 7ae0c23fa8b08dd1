"""The steps of the table with the Python SDKs. Arguments: which one (mcp1, mcp2, fastmcp), and a job as JSON."""
import importlib
import json
import random
import sys
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager

import anyio
from lines import reason, say
from peer import Job, Peer, Storage

STEP_LIMIT_S = 20

Connect = Callable[[Job, Storage], AbstractAsyncContextManager[Peer]]


async def expect(answer: Awaitable[str], wanted: str) -> None:
    got = await answer
    if got != wanted:
        raise AssertionError(f"the answer is {got!r}")


async def count(peer: Peer, steps: int, delay_ms: int) -> int:
    """How many notifications were seen."""
    seen: list[float] = []

    async def progress(done: float, _total: float | None, _message: str | None) -> None:
        seen.append(done)

    arguments = {"steps": steps, "delay_ms": delay_ms}
    await expect(peer.call("count", arguments, progress), f"counted {steps}")
    return len(seen)


async def list_tools(peer: Peer, _job: Job, _storage: Storage) -> None:
    tools = await peer.tools()
    if "echo" not in tools:
        raise AssertionError(f"the tools are {tools}")


async def call(peer: Peer, _job: Job, _storage: Storage) -> None:
    await expect(peer.call("echo", {"text": "ahoy"}), "ahoy")


async def progress(peer: Peer, _job: Job, _storage: Storage) -> None:
    seen = await count(peer, 3, 100)
    if seen != 3:
        raise AssertionError(f"saw {seen} notifications")


async def cancel(peer: Peer, _job: Job, _storage: Storage) -> None:
    with anyio.move_on_after(0.3) as scope:
        await peer.call("wait", {"ms": 10_000})
    if not scope.cancelled_caught:
        raise AssertionError("the call was not cancelled")
    await expect(peer.call("echo", {"text": "still here"}), "still here")


async def elicitation(peer: Peer, _job: Job, _storage: Storage) -> None:
    await expect(peer.call("ask", {}), "hello Ada")


async def sampling(peer: Peer, _job: Job, _storage: Storage) -> None:
    await expect(peer.call("think", {"text": "what?"}), "a thought")


async def resume(peer: Peer, _job: Job, _storage: Storage) -> None:
    await count(peer, 5, 300)


async def step_up(peer: Peer, _job: Job, storage: Storage) -> None:
    before = storage.access_token
    await expect(peer.call("secret", {}), "secret")
    if storage.access_token == before:
        raise AssertionError("it was not refused")


async def refresh(peer: Peer, job: Job, storage: Storage) -> None:
    before = storage.access_token
    await anyio.sleep((job.oauth or {}).get("tokenSeconds", 0) + 2)
    await expect(peer.call("echo", {"text": "renewed"}), "renewed")
    if storage.access_token == before:
        raise AssertionError("the access token is the old one")


STEPS = {
    "list": list_tools,
    "call": call,
    "progress": progress,
    "cancel": cancel,
    "elicitation": elicitation,
    "sampling": sampling,
    "resume": resume,
    "step-up": step_up,
    "refresh": refresh,
}


async def run_steps(connect: Connect, job: Job) -> None:
    """An SDK may end its connection with an exception outside of the call: the steps that are left have failed by it."""
    left = list(job.steps)
    storage = Storage()
    try:
        async with connect(job, storage) as peer:
            for step in job.steps:
                if step != "connect":
                    why = await outcome(STEPS[step](peer, job, storage), STEP_LIMIT_S)
                    say(step=step, ok=False, why=why) if why else say(step=step, ok=True)
                else:
                    say(step=step, ok=True)
                left.remove(step)
    except (Exception, BaseExceptionGroup) as error:
        for step in left:
            say(step=step, ok=False, why=f"the connection ended: {reason(error)}")
    say(done=True)


async def outcome(work: Awaitable[None], limit_s: float) -> str | None:
    """Why it failed."""
    try:
        with anyio.fail_after(limit_s):
            await work
        return None
    except TimeoutError as error:
        return str(error) or f"no end after {limit_s} s"
    except Exception as error:
        return reason(error)


async def mixed_use(peer: Peer, max_idle_s: float) -> None:
    await anyio.sleep(random.uniform(0, max_idle_s))
    for number in range(3):
        await expect(peer.call("echo", {"text": str(number)}), str(number))
    steps = random.randint(1, 10)
    seen = await count(peer, steps, 200)
    if seen != steps:
        raise AssertionError(f"saw {seen} of {steps} notifications")
    await list_tools(peer, Job("", []), Storage())


async def soak(connect: Connect, job: Job, seconds: float, idleSeconds: float = 20) -> None:
    """One session as long as it lives; a new one after it was lost, or after the SDK ended it."""
    until = anyio.current_time() + seconds
    storage = Storage()
    number = 0
    while anyio.current_time() < until:
        try:
            async with connect(job, storage) as peer:
                while anyio.current_time() < until and not job.lost:
                    number += 1
                    why = await outcome(mixed_use(peer, idleSeconds), idleSeconds + 30)
                    say(round=number, ok=why is None, **({} if why is None else {"why": why}), lost=job.lost)
        except (Exception, BaseExceptionGroup) as error:
            number += 1
            say(round=number, ok=False, why=f"the connection ended: {reason(error)}", lost=job.lost)
            await anyio.sleep(1)
        job.lost = False
    say(done=True)


async def main() -> None:
    kind, text = sys.argv[1:]
    job = Job(**json.loads(text))
    connect: Connect = importlib.import_module(f"peer_{kind}").connect
    if job.soak is None:
        await run_steps(connect, job)
    else:
        await soak(connect, job, **job.soak)


anyio.run(main)
