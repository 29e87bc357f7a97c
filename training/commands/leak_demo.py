"""``emotion-training leak-demo``: what oversampling before the split does to a figure."""

from __future__ import annotations

from pathlib import Path

import click

from emotion_core.terminal import say
from training.commands.kinds import FILE, OUTPUT_FOLDER


@click.command("leak-demo")
@click.option("--data", type=FILE, required=True, help="Data set of 'prepare'.")
@click.option(
    "--architecture",
    type=click.Choice(["tuned", "baseline", "residual"]),
    default="tuned",
    show_default=True,
    help="The network; tuned is the notebook's best.",
)
@click.option(
    "--epochs", type=click.IntRange(1), default=20, show_default=True, help="Passes over the rows."
)
@click.option("--limit", type=click.IntRange(1), help="Only so many rows: a trial.")
@click.option(
    "--output", type=OUTPUT_FOLDER, help="Folder for report.html, leak.png and figures.json."
)
def leak_demo(
    data: Path, architecture: str, epochs: int, limit: int | None, output: Path | None
) -> None:
    """Oversample first and split then, as a well-known notebook did, and see the figure grow.

    Copies of one picture come to lie on both sides of the split, so the network is asked what it
    has learned by heart. The same network is then measured on pictures that it has never seen.
    """
    from training.config import FitConfig
    from training.data.dataset import load_dataset
    from training.leak.demonstrate import demonstrate_leak

    config = FitConfig(
        architecture, epochs=epochs, learning_rate=1e-3, heads="fer", augment=False,
        label_smoothing=0.0, limit=limit,
    )  # fmt: skip
    leak = demonstrate_leak(
        load_dataset(data),
        config,
        lambda epoch, row: say(
            f"epoch {epoch}/{epochs}  fitted {row['fitted']:.1%}  oversampled, then split "
            f"{row['leaky']:.1%}  never seen {row['clean']:.1%}"
        ),
    )
    say(
        f"oversampled, then split: {leak.leaky_accuracy:.1%} of {leak.leaky_rows} rows, "
        f"{leak.seen_share:.0%} of which show a picture that was fitted"
    )
    say(f"never seen: {leak.clean_accuracy:.1%} of {leak.clean_rows} rows")
    if output is not None:
        from training.leak.report import write_leak_report

        write_leak_report(leak, config, output)
