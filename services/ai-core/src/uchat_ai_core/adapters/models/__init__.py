"""Models behind the agent framework: our own for OpenAI-compatible servers, and the planner."""
