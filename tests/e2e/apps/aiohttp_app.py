"""An aiohttp server that is busy with clients of its own: `aiohttp_app.py PORT`."""

from __future__ import annotations

import asyncio
import sys

from aiohttp import ClientSession, web  # type: ignore[import-not-found]

PORT = int(sys.argv[1])


async def hello(_request: web.Request) -> web.Response:
    """Answer after a moment."""
    await asyncio.sleep(0.01)
    return web.Response(text="hello")


async def ask_for_ever() -> None:
    """A client."""
    async with ClientSession() as session:
        while True:
            async with session.get(f"http://127.0.0.1:{PORT}/") as response:
                await response.text()


async def main() -> None:
    """Serve, and be asked."""
    app = web.Application()
    app.router.add_get("/", hello)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", PORT).start()
    await asyncio.gather(*(ask_for_ever() for _ in range(5)))


asyncio.run(main())
