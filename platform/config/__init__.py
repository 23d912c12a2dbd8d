"""The site: settings, addresses, the Celery app, the commands that start it."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
