"""Ways into ai-core: the log, and who asks for a running answer."""
