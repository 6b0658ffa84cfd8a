"""How text is cut up: sentences, words, numbers, names, tokens. Only this room compiles patterns of language."""
