"""Why something that was read is no record: the closed list of this room."""

from __future__ import annotations

REASONS: dict[str, str] = {
    "empty": "There is no text in it.",
    "too_big": "It is larger than the limit on bytes per document.",
    "not_utf8": "Its bytes are not UTF-8 text.",
    "nul_characters": "It holds NUL characters: binary data, or damaged.",
    "lone_surrogate": "It holds half of a surrogate pair, which is no character.",
    "invalid_json": "The line is not valid JSON.",
    "not_object": "The line is valid JSON but not an object with named fields.",
    "no_text_column": "It has no column `text`; where the text stands in another, say so beside paths: text: COLUMN.",
    "wrong_type": "What stands under the text column is not text.",
    "repeated_record": "A record with the same id came before it in its share of the input.",
    "decompression_bomb": "It unpacks to so much more than its size that it is no text; reading stopped there.",
    "truncated": "The file ends in the middle of something; what came before was read.",
    "damaged_file": "The compression or the structure of the file is damaged; reading stopped there.",
    "damaged_record": "The headers or the body of the record cannot be read.",
    "not_response": "A record of the archive that is neither a server's answer nor a text of one (request, metadata).",
    "http_error": "The web server answered with something other than 200.",
    "not_html": "The web server's answer is not an HTML page.",
}
