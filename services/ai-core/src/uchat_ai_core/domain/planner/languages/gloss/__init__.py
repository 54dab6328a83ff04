"""Phrases of other languages for what is asked, in English; none of them lets a message order."""
