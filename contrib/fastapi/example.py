"""An application to see the lines of: python example.py, then ask it for /users/7 and /boom."""

import os

import uvicorn
from fastapi import FastAPI

from loglake_asgi import RequestLog, request_id

app = FastAPI()
app.add_middleware(RequestLog, user_id=lambda scope: dict(scope["headers"]).get(b"x-user", b"").decode() or None)


@app.get("/users/{id}")
async def user(id: str):
    return {"id": id, "request_id": request_id()}


@app.get("/boom")
async def boom():
    raise KeyError("currency")


@app.get("/healthz")
async def health():
    return "ok"


if __name__ == "__main__":
    uvicorn.run(app, port=int(os.environ.get("PORT", "8080")), access_log=False, log_level="critical")
