"""Measures of prices and portfolios. Floats measure; no sum of money is reckoned with them.

numpy and talipp are imported when they are first needed: most turns measure nothing, and each
process would pay for them at its start.
"""
