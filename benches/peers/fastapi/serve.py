"""Serves the app with two workers."""

import os

import uvicorn

if __name__ == "__main__":
    port = int(os.environ.get("PORT", "3000"))
    uvicorn.run("app:app", host="127.0.0.1", port=port, workers=2, access_log=False, log_level="warning")
