"""The turn loop: windows, leases, turns and the sweeper."""
