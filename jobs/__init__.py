"""The runner: plans a batch, fans it out over Ray workers, reports."""
