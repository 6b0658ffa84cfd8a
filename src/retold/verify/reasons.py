"""Why a retelling is refused: code to one plain sentence, the closed list of this room.

`judge.py` returns only codes from here, in the order of `ORDER`: the first that applies is the main reason. Form
comes first (what is not a retelling at all), then what can be pointed at word by word, then what is only a share.
"""

from __future__ import annotations

from typing import Final

REASONS: Final[dict[str, str]] = {
    "source_missing": "The text that it retells is not in the store, so nothing in it can be checked.",
    "not_english": "Its source is not in English, which is all that the checks for a small model read.",
    "short_for_source": "It is shorter, against its source, than its style allows.",
    "long_for_source": "It is longer, against its source, than its style allows.",
    "obeys_its_source": "It takes up what its source tells a model to do, instead of retelling it.",
    "meta_talk": "It talks about the text or about itself instead of retelling.",
    "repeats_itself": "It says the same words again and again.",
    "other_language": "It is written in another language than its source.",
    "copied": "Too much of it is copied word for word from its source.",
    "sentences_copied": "Too many of its sentences are sentences of its source, unchanged.",
    "number_not_in_source": "A number in it is nowhere in its source.",
    "name_not_in_source": "A name in it is nowhere in its source.",
    "negation_not_in_source": "It denies something that its source does not deny.",
    "opposite_of_source": "It says the contrary of what its source says, by one word.",
    "exchanged_in_source": "Two things have changed places in a sentence that is otherwise its source's.",
    "answer_not_in_source": "It answers a question with what its source does not say.",
    "not_of_one_sentence": "It says or asks what no one sentence of its source says, word for word or nearly so.",
    "sentence_not_in_source": "One of its sentences has almost nothing to do with its source.",
    "words_not_in_source": "Too many of its words are nowhere in its source.",
    "template": "Too many retellings of its style begin with the same words; those planned first are kept.",
    "likely_unsupported": "All signals together say that something in it is likely not supported by its source.",
    "number_lost": "A number of the source is missing from it.",
    "words_lost": "It leaves out what its source sentence says, or how far that holds: some, if, may, only.",
    "qualified_otherwise": "It says that something holds more widely, or more strictly, than its source sentence.",
}

ORDER: Final[tuple[str, ...]] = tuple(REASONS)
