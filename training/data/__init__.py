"""Pictures and labels: reading, copies, split, targets."""
