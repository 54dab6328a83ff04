"""What can go wrong while a server is started, in words for the person who started it."""


class StartError(Exception):
    """A child process did not become ready; the text is one line for the person at the keyboard."""


class WrongServerError(StartError):
    """Somebody else's server answered on the port that ours was given."""
