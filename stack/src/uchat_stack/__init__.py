"""The uchat command: embedded servers and every service, started by one word."""
