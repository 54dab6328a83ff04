"""The brain: turn leases, the conversation window, models, tools and the planner."""
