"""A FastAPI application for uvicorn: `uvicorn fastapi_app:app`."""

from __future__ import annotations

from fastapi import FastAPI  # type: ignore[import-not-found]  # installed only where the servers are tested

app = FastAPI()


@app.get("/health")  # type: ignore[untyped-decorator]
def health() -> dict[str, str]:
    """Whether it is up."""
    return {"status": "ok"}
