"""Why a document is dropped while it is cleaned: the closed list of this room."""

from __future__ import annotations

from retold.core.edit import EDITED, EDITED_MEANS
from retold.read.reasons import REASONS as READ

REASONS: dict[str, str] = {
    EDITED: EDITED_MEANS,
    "empty": READ["empty"],
    "too_complex": "Its elements are nested so deeply, or have so many attributes, that parsing would take minutes.",
    "unreadable_page": "The page cannot be parsed, or ends the process that parses it.",
    "took_too_long": "Extracting the page took more seconds than are allowed for one.",
    "wrong_language": "Another language than those asked for is more probable.",
    "language_unsure": "The language is one of those asked for, but with too little certainty.",
    "too_short": "It is shorter than the limit.",
    "too_long": "It is longer than the limit.",
    "gopher_too_few_words": "It has fewer words than the limit, symbols not counted.",
    "gopher_too_many_words": "It has more words than the limit, symbols not counted.",
    "gopher_short_words": "Its words are shorter on average than words of prose.",
    "gopher_long_words": "Its words are longer on average than words of prose.",
    "gopher_hashes": "It has too many hash signs for its words.",
    "gopher_ellipses": "It has too many ellipses for its words.",
    "gopher_bullet_lines": "Nearly all of its lines begin with a bullet.",
    "gopher_ellipsis_lines": "Too many of its lines end with an ellipsis.",
    "gopher_few_letters": "Too many of its words have no letter.",
    "gopher_few_stop_words": "It has too few of the words that any prose of its language has.",
    "repeated_paragraphs": "Too much of it are paragraphs that it has had before.",
    "repeated_lines": "Too much of it are lines that it has had before.",
    "frequent_ngram": "Too much of it is one short run of words, again and again.",
    "repeated_ngrams": "Too much of it are runs of words that it has had before.",
    "c4_lorem_ipsum": "It has placeholder text.",
    "c4_curly_bracket": "It has a curly bracket, as code has.",
    "c4_no_line_left": "No line of it passes the rules for lines.",
    "c4_few_sentences": "It has too few sentences in the lines that pass the rules.",
    "fineweb_unpunctuated_lines": "Too few of its lines end with a mark that ends sentences.",
    "fineweb_short_lines": "Too many of its lines are short.",
    "fineweb_repeated_lines": "Too many of its characters are in lines that it has had before.",
    "fineweb_list": "It has too many lines for its words, as lists have.",
    "dolma3_too_much_removed": "The rules for lines took away too many of its words.",
    "url_blocked_domain": "Its address is on a host that the recipe's lists or rules block.",
    "url_blocked_word": "Its address has words that the recipe's lists block.",
    "licence_refused": "The recipe does not take text under its licence.",
    "licence_unknown": "Nothing states a licence for it, and the recipe asks for one.",
    "unsafe_words": "Too many of its words are on the recipe's list of unsafe words.",
    "low_quality": "The recipe's classifier finds it less probable to be good text than the limit.",
    "holds_personal_data": "It holds personal data or secrets of a kind, or in a number, that was not allowed.",
}
