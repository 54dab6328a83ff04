"""The sequencer and the memory: ordered logs, people, history, context and snapshots."""
