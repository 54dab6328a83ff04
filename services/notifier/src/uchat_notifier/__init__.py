"""Turns log entries into deliveries for every interface that is not a live socket."""
