#!/usr/bin/env python
"""The one entry point: `python manage.py COMMAND`."""

import os
import sys
from pathlib import Path


def main() -> None:
    # Appended, never inserted: `platform` must stay the standard library's module.
    sys.path.append(str(Path(__file__).resolve().parent / "platform"))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
