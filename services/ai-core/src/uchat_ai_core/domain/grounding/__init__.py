"""Hold an answer to what is known in its turn: what no tool returned and nobody said is not told.

`numbers.py` reads figures, `tokens.py` cuts a sentence into what it claims, `known.py` indexes the
turn's facts, `judge.py` compares both, `gate.py` lets a stream through sentence by sentence.
"""
