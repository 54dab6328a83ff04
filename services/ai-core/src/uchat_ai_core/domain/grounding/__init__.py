"""Hold an answer to what is known in its turn: what no tool returned and nobody said is not told.

`numbers.py` and `words.py` read figures, `tokens.py` cuts a sentence into what it claims,
`phrases.py` tells what is said to be held, done or priced, `facts.py` and `known.py` index the
turn's facts, `judge.py` compares both, `gate.py` lets a stream through sentence by sentence.
"""
