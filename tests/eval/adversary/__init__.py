"""The brain against models that lie, obey strangers and break, judged by what people get to see."""
