"""Live fan-out: one subscription for each followed log, shared by all readers of this process."""
