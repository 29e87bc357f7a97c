"""Where and on what a measurement was made."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib.metadata import version
from typing import Any

PACKAGES = ("av", "numpy", "opencv-python-headless", "openvino", "ray")


def describe() -> dict[str, Any]:
    """Commit, machine and versions."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    ).stdout.strip()
    return {
        "commit": commit or "unknown",
        "machine": platform.machine(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "versions": {name: version(name) for name in PACKAGES},
    }


def _processor() -> str:
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        names = [line.partition(":")[2].strip() for line in file if line.startswith("model name")]
    return names[0] if names else "unknown"
