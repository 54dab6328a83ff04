"""What every process does alike: settings, logs, traces, errors, bus, outbox, auth, health."""
