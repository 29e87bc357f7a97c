from __future__ import annotations

import contextlib
import os
import threading

import numpy as np

from emotion_core.faces.detector import find_weights
from emotion_core.inference import Network


def test_inference_is_not_pinned_to_a_core() -> None:
    # Each worker would choose the same core, and two would be no faster than one.
    network = Network(find_weights(), batch=1, channels_first=True)
    picture = np.zeros((1, 640, 640, 3), np.uint8)
    network.infer(picture)
    running = threading.Thread(target=lambda: [network.infer(picture) for _ in range(20)])
    running.start()
    looks = 0
    while running.is_alive():
        # It may end between the two calls.
        with contextlib.suppress(ProcessLookupError):
            assert os.sched_getaffinity(running.native_id) == os.sched_getaffinity(0)
            looks += 1
    assert looks > 10


def test_groups_do_not_change_the_result() -> None:
    pictures = np.random.default_rng(1).integers(0, 255, (5, 96, 64, 3), np.uint8)
    networks = [Network(find_weights(), batch=n, channels_first=True) for n in (1, 2, 4)]
    alone, *others = [network.infer(pictures) for network in networks]
    for together in others:
        assert all((alone[name] == together[name]).all() for name in alone)
