"""Only the engine loads torch: not the models, the runs, the tasks or the pages."""

import subprocess
import sys

IMPORTED = "runs, tasks, views, admin, urls, registry, models, exchange, wakeups"


def test_the_room_without_its_engine_loads_no_torch() -> None:
    code = (
        "import django; django.setup();"
        f"from separation import {IMPORTED};"
        "import sys; print('torch' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "-v0", "-c", code],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "False"
