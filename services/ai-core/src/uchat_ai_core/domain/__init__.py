"""What the brain knows without any I/O: turns, the window, and the rule-based planner."""
