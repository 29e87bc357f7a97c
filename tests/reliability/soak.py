"""Many kills: ``python -m tests.reliability.soak --kills 100``; 1 where a promise broke."""

from __future__ import annotations

import argparse
import itertools
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from tests.reliability.batch import make_batch, run_whole
from tests.reliability.kills import KILLS, Soak

SIGNAL_MAY_TAKE_S: Final = 5


def _say(line: str) -> None:
    print(line, flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="soak-") as name:
        folder = Path(name)
        # What killed sessions of Ray leave behind lies here, too.
        os.environ["RAY_TMPDIR"] = str(folder)
        media, begun = make_batch(folder / "in"), time.monotonic()
        whole = run_whole(media, folder / "whole")
        seconds = time.monotonic() - begun
        print(f"seed {arguments.seed}, kills within {seconds:.0f} s", flush=True)
        soak = Soak(media, whole, folder / "out", seconds, arguments.seed, _say)
        kills = tuple(itertools.islice(itertools.cycle(KILLS), arguments.kills))
        tally = soak.run(kills)
        minutes = (time.monotonic() - begun) / 60
    print(f"kills: {dict(tally.kills)}, {sum(tally.kills.values())} in all, in {minutes:.0f} min")
    print(f"whole batches compared: {tally.batches}, each of {len(whole)} files")
    print(f"slowest end after a signal, s: {tally.slowest_end_s}")
    for signal, seconds in tally.slowest_end_s.items():
        if seconds > SIGNAL_MAY_TAKE_S:
            tally.faults.append(f"{signal}: the run took {seconds:.1f} s to end")
    print(f"faults: {len(tally.faults)}", *tally.faults, sep="\n")
    return bool(tally.faults)


if __name__ == "__main__":
    sys.exit(main())
