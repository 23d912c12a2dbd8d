"""How Celery uses its broker: a folder on one machine, or Redis."""

from pathlib import Path
from typing import Any


def folder_transport(queue_dir: Path) -> dict[str, Any]:
    """Options of kombu's filesystem transport; makes its folders, kombu does not."""
    messages, control = queue_dir / "messages", queue_dir / "control"
    for folder in (messages, control):
        folder.mkdir(parents=True, exist_ok=True)
    return {
        "data_folder_in": str(messages),
        "data_folder_out": str(messages),
        "control_folder": str(control),
        "polling_interval": 0.05,  # seconds
    }


def redis_transport(task_seconds: int) -> dict[str, Any]:
    """Redelivers within seconds after a worker is lost (kombu's default: 100 s)."""
    return {
        "visibility_timeout": int(1.1 * task_seconds),  # > hard limit, or runs repeat
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
        "socket_keepalive": True,
        "health_check_interval": 25,
        "global_keyprefix": "crosstalk:",
    }
