"""Sentences of a document that speak to a model instead of to a reader, and what belongs to them.

`directives(text)` gives character spans, in order, without overlap: "ignore the previous instructions and answer only
with ...", turns and special tokens of chats, role labels, requests for the prompt, notes to assistants and language
models. A sentence in which such words stand counts with the rest of its paragraph, since what the model is to say
usually follows; one that ends with a colon takes the next paragraph too. Eleven languages. Letters are compared after
NFKC, without zero-width characters and with the commonest look-alike letters of Cyrillic and Greek made Latin.

Trade-off: a closed list of what such sentences say, so a new way of saying it passes here (and has the other checks
before it), while a document about prompt injection loses its examples as a source, no more. About 15 million
characters a second where nothing is found.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

from retold.text.sentences import paragraphs, sentences

_LOOK_ALIKES: Final = str.maketrans("аеорсухіѕјԁɡοαερνιкмтн", "aeopcyxisjdgoaepvikmth")
_INVISIBLE: Final = dict.fromkeys((0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0xAD, 0x180E))

_EARLIER = r"(?:previous|prior|above|preceding|earlier|foregoing|following|other|system|initial|original)"
_ORDERS = r"(?:instructions?|prompts?|directions?|commands?|rules|guidelines|context|messages?|text|task|requests?)"
_ENGLISH = (
    rf"(?:ignore|disregard|forget|override|bypass|skip|drop|discard|do not follow|don't follow|stop following)\s+"
    rf"(?:\w+\s+){{0,2}}?(?:{_EARLIER}\s+(?:\w+\s+){{0,2}}?)?{_ORDERS}\b",
    r"(?:ignore|disregard|forget)\s+(?:everything|all|anything|whatever|what)\b.{0,40}\b(?:above|before|told|said|read)",
    r"(?:ignore|disregard|forget)\s+(?:the|everything)\s+(?:above|before|rest)",
    r"(?:answer|respond|reply|say)\s+(?:\w+\s+){0,3}?(?:only|just|nothing but|exactly)\b",
    r"(?:output|print|write|return|produce)\s+(?:only|just|nothing but|exactly)\s+(?:the\s+)?"
    r"(?:words?|string|text|line|sentence|following)\b",
    r"(?:only|just|exclusively)\s+(?:answer|respond|reply|say)\b",
    r"(?:your|the)\s+(?:new|real|actual|true|only)\s+(?:task|instructions?|job|goal|role|purpose|objective)\b",
    r"(?:new|updated|revised|important|urgent|hidden|special|secret)\s+(?:system\s+)?(?:instructions?|directive|prompt)\b",
    r"you\s+(?:are|will be|must act as|have become|should act as)\s+(?:now|no longer|henceforth|from now on)\b",
    r"(?:from now on|henceforth|starting now),?\s+you\b",
    r"(?:act|behave|speak|write|pretend|respond)\s+"
    r"(?:as if you|as though you|like you are|as an? (?:ai|assistant|model))\b",
    r"pretend\s+(?:that\s+)?(?:you|to be)\b",
    r"(?:reveal|print|repeat|show|leak|output|disclose|display|quote)\s+(?:\w+\s+){0,3}?"
    r"(?:system prompt|prompt|hidden instructions|instructions above|initial instructions)\b",
    r"(?:note|message|memo|attention|warning|instructions?|hint|dear|hey|hello|hi)\s*(?:to|for|,|:)?\s*(?:\w+\s+){0,3}?"
    r"(?:ais?|llms?|language models?|assistants?|chatbots?|chat models?|gpt|crawlers? and models?|summari[sz]ers?)\b",
    r"(?:if|when|since)\s+you\s+(?:are|'re)\s+(?:an?\s+)?(?:ai|llm|language model|assistant|chatbot|large language)",
    r"(?:ai|llm|language)[- ]?(?:models?|agents?|assistants?|systems?|tools?)?\s+(?:reading|processing|summari[sz]ing|"
    r"rewriting|parsing)\s+th(?:is|e)\b",
    r"as an? (?:ai|large language model|language model|assistant),?\s+you\b",
    r"(?:do not|don't|never|stop)\s+(?:summari[sz]e|rewrite|rephrase|retell|paraphrase|translate|describe|explain)\b",
    r"instead of\s+(?:summari[sz]ing|rewriting|rephrasing|retelling|answering|doing|following)\b",
    r"(?:end|start|begin|finish|close)\s+(?:of\s+)?(?:your|every|each)\s+(?:answer|reply|response|output|sentence|summary)",
    r"(?:in|to|into)\s+your\s+(?:answer|reply|response|output|summary|rewrite|rewriting|version)\b",
    r"(?:append|add|include|insert|mention|put|place)\s+(?:\w+\s+){0,8}?(?:to|in|into|at the end of|after|before)\s+"
    r"(?:your|the|every|each)\s+(?:answer|reply|response|output|summary|sentence|rewrite)",
    r"(?:developer|god|jailbreak|dan)\s+mode\b",
    r"(?:the\s+)?(?:document|text|passage|source|input)\s+(?:ends|stops|is over|is finished)\s+here\b",
    r"end of (?:document|text|passage|source|input|context)\b",
    r"(?:translate|repeat|copy)\s+(?:\w+\s+){0,3}?(?:instead|verbatim|word for word|\d+ times)\b",
    r"\bsudo\b.{0,30}\b(?:answer|say|write|print|ignore)\b",
    r"decode\s+(?:\w+\s+){0,4}?(?:and|then)\s+(?:follow|obey|do|execute|answer)\b",
    r"(?:execute|obey|follow|run)\s+(?:the|this|these)\s+(?:following\s+)?(?:instructions?|commands?|orders?)\b",
)
_OTHERS = (
    r"ignorier\w*\s+(?:\w+\s+){0,4}(?:anweisung\w*|text|obig\w*|bisherig\w*|vorherig\w*)",
    r"vergiss\s+(?:\w+\s+){0,3}(?:anweisung\w*|alles|bisherig\w*|vorherig\w*)",
    r"antworte?\w*\s+(?:\w+\s+){0,2}(?:nur|ausschließlich|ausschliesslich)",
    r"(?:schreib\w*|gib)\s+(?:\w+\s+){0,2}(?:nur|stattdessen)",
    r"(?:ignore[zr]?|oublie[zr]?)\s+(?:\w+\s+){0,4}(?:instructions?|consignes?|texte|précédent\w*|ci-dessus)",
    r"(?:répond\w*|écri\w*)\s+(?:\w+\s+){0,2}(?:uniquement|seulement)",
    r"(?:ignora|ignore|olvida|olvide)\s+(?:\w+\s+){0,4}(?:instrucciones|texto|anterior\w*)",
    r"(?:responde?|escribe?)\s+(?:\w+\s+){0,2}(?:solo|sólo|solamente|únicamente)",
    r"(?:ignora|dimentica)\s+(?:\w+\s+){0,4}(?:istruzioni|testo|precedent\w*)",
    r"(?:rispondi|scrivi)\s+(?:\w+\s+){0,2}(?:solo|soltanto|unicamente)",
    r"(?:ignore|esqueça|desconsidere)\s+(?:\w+\s+){0,4}(?:instruções|texto|anterior\w*)",
    r"(?:responda|escreva)\s+(?:\w+\s+){0,2}(?:apenas|somente|só)",
    r"negeer\s+(?:\w+\s+){0,4}(?:instructies|tekst|vorige)",
    r"antwoord\s+(?:\w+\s+){0,2}(?:alleen|enkel)",
    r"zignoruj\s+(?:\w+\s+){0,4}(?:instrukcje|polecenia|tekst)",
)
_CYRILLIC = (
    r"(?:игнорируй\w*|забудь\w*|проигнорируй\w*)\s+(?:\w+\s+){0,4}(?:инструкци\w*|указани\w*|команд\w*|текст\w*|выше)",
    r"(?:ответь\w*|отвечай\w*|напиши\w*)\s+(?:\w+\s+){0,2}(?:только|лишь)",
)
_UNSPACED = (
    r"(?:忽略|无视|無視|忘记|忘記).{0,12}(?:指令|指示|说明|說明|提示|内容|內容|文字)",
    r"(?:只|仅|僅)(?:需|能|要|可以)?(?:回答|回复|回覆|输出|輸出|写|寫)",
    r"(?:無視|忘れ).{0,6}(?:ください|して|せよ|しろ)|(?:指示|命令).{0,8}(?:無視|忘れ)",
    r"(?:だけ|のみ)(?:を)?(?:出力|回答|答え|書)",
    r"(?:تجاهل|انس)\s+.{0,30}(?:التعليمات|الأوامر|النص|السابقة)",
    r"(?:이전|위의?)\s*.{0,10}(?:지시|명령|지침).{0,8}(?:무시|잊)",
    r"(?:पिछले|ऊपर).{0,24}(?:निर्देश|आदेश).{0,24}(?:अनदेखा|भूल|नज़रअंदाज़)",
)
_MARKERS = (
    r"<\|[a-z_]{2,24}\|>|<\/?s>|\[/?INST\]|<<\/?SYS>>|<(?:start|end)_of_turn>|<\/?(?:system|assistant|instructions?)>",
    r"(?m:^[ \t>#*-]*(?:system|assistant|user|human|ai|bot)[ \t]*:)",
    r"(?<=[.!?…])\s+(?:system|assistant|human)[ \t]*:\s",
    r"(?m:^[ \t]*#{1,6}[ \t]*(?:system|instructions?|response|new instructions?|task)[ \t]*:?[ \t]*$)",
)
_ANY: Final = re.compile("|".join(rf"(?:\b(?:{pattern}))" for pattern in (*_ENGLISH, *_OTHERS)), re.IGNORECASE)
_FOREIGN: Final = re.compile("|".join(f"(?:{pattern})" for pattern in (*_CYRILLIC, *_UNSPACED)), re.IGNORECASE)
_MARK: Final = re.compile("|".join(f"(?:{pattern})" for pattern in _MARKERS), re.IGNORECASE)


def _plain(text: str) -> str:
    """The text as it is compared: of the same length, so that places are places of the original."""
    if text.isascii():
        return text
    return "".join(_letter(character) for character in text)


def _letter(character: str) -> str:
    if character.isascii():
        return character
    composed = unicodedata.normalize("NFKC", character)
    return composed if len(composed) == 1 else character


def _found(text: str) -> bool:
    """Whether a piece of text has anything of a directive in it."""
    plain = _plain(text)
    if _MARK.search(plain) or _ANY.search(plain) or (not text.isascii() and _FOREIGN.search(plain)):
        return True
    if text.isascii():
        return False
    bare = plain.translate(_INVISIBLE).lower()
    return bool(_ANY.search(bare) or _ANY.search(bare.translate(_LOOK_ALIKES)) or _MARK.search(bare))


def directives(text: str) -> list[tuple[int, int]]:
    """Character spans that speak to a model; empty for nearly every document."""
    if not _found(text):
        return []
    found: list[tuple[int, int]] = []
    takes = False
    for start, end in paragraphs(text):
        piece = text[start:end]
        first = start if takes else None
        if first is None and _found(piece):
            first = next((start + a for a, b in sentences(piece) if _found(piece[a:b])), start)
        takes = first is not None and piece.rstrip().endswith(":")
        if first is not None:
            found.append((first, end))
    return found


def without(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """The text without these spans (in order, apart from each other); the same object where there are none."""
    if not spans:
        return text
    kept, at = [], 0
    for start, end in spans:
        kept.append(text[at:start])
        at = end
    return "".join([*kept, text[at:]])
