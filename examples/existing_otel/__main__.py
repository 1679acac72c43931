"""Serve the application on port 8000, and stand-ins for what it calls on port 8001: `python -m existing_otel`."""

from __future__ import annotations

import argparse
import threading

import uvicorn

import convqa_sdk as convqa
from existing_otel import telemetry
from existing_otel.app import app
from existing_otel.services import services


def main() -> None:
    """Instrument the application, add convqa_sdk, and serve until interrupted."""
    parser = argparse.ArgumentParser(prog="existing_otel", description=__doc__)
    parser.add_argument("--store", help="write turns into this folder only; without it they go where the spans go")
    telemetry.instrument(app)
    convqa.configure(service_name="support", store=parser.parse_args().store)
    stand_ins = uvicorn.Server(uvicorn.Config(services, port=8001, log_level="warning"))
    threading.Thread(target=stand_ins.run, daemon=True).start()
    uvicorn.run(app, port=8000)


if __name__ == "__main__":
    main()
