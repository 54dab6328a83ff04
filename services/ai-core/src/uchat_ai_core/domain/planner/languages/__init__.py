"""Languages: which one a message is in, and what it says in the words of the grammar."""
