"""The site: settings, addresses, the Celery app, the commands that start it."""

import os

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # before onnxruntime is loaded

from config.celery import app as celery_app  # noqa: E402

__all__ = ["celery_app"]
