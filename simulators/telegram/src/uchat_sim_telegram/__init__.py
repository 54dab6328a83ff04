"""A Bot API server to develop and test against, with a page to play the user. Nothing is kept."""
