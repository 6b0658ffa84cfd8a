"""One file per form of answer: each finds the items of an answer, or says where the answer leaves the form.

A parser takes the whole answer (prefill and completion, no blank edges) and returns `Items`: the content of each item
without its marker, and the text that ends with the last whole item. The one thing a parser may take away is an item
begun and not written at the very end ("6." and nothing more): the model stopped between two items. Everything else
that is out of place is a `Misfit`, never repaired, since a repaired answer hides how often the model fails.
"""
