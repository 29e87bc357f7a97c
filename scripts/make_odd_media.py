"""Write the corpus of odd, broken and hostile media, with a manifest of what is expected.

    python -m scripts.make_odd_media --output FOLDER

The files go into `FOLDER/corpus`, so that `annotate --input FOLDER/corpus` runs over all of them;
`FOLDER/manifest.json` says of each what is odd and what is expected.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from scripts.odd_media.corpus import CORPUS, write_corpus
from scripts.odd_media.page import result


def manifest() -> list[dict[str, Any]]:
    """One entry a file: name, group, what is odd about it, and what is expected."""
    return [
        {"name": case.name, "group": group, "what": case.what, "expected": result(case.expected)}
        for group, cases in CORPUS.items()
        for case in cases
    ]


def main() -> None:
    """Write corpus and manifest."""
    parser = argparse.ArgumentParser(description="Write the corpus of odd media.")
    parser.add_argument("--output", type=Path, required=True, help="a folder; made if missing")
    output = parser.parse_args().output
    write_corpus(output / "corpus")
    # Names that are not UTF-8 are escaped as JSON does.
    (output / "manifest.json").write_text(json.dumps(manifest(), indent=1) + "\n")
    print(f"{len(manifest())} files in {output / 'corpus'}, listed in {output / 'manifest.json'}")


if __name__ == "__main__":
    main()
