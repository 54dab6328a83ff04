"""Live exchanges: whose keys are known, what may be done with them, and who has allowed it."""
