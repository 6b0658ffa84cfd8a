"""Words so common that a retelling may use them whatever its source says.

In: nothing. Out: `COMMON`, folded English words: the function words of `text.words`, and verbs, nouns and adjectives of
general meaning in the forms that they take. They carry no subject: a text made of these alone is about nothing. Chosen
by hand as what explains and connects in encyclopedias and manuals, and kept short on purpose: what is not here must
stand in the source. Quantities ("million", "third") and names are not here.
"""

from __future__ import annotations

from typing import Final

from retold.text.words import STOP_WORDS

_VERBS: Final = """
accept act add affect agree allow answer appear apply ask avoid base begin believe belong bring build call carry cause
change check choose come compare complete connect consider contain continue control cover create decide define depend
describe determine develop differ discuss do drop enable end ensure enter exist expect explain express extend face
fail fall find finish fit follow force form gain gather get give go grow handle happen have help hold identify ignore
include increase indicate introduce involve join keep know lack last lead learn leave let lie like limit link list live
look lose maintain make manage mark match matter mean measure meet mention move name need note occur offer open operate
order own pass pay perform permit place plan play point prefer prepare present prevent produce protect prove provide put
raise reach read receive refer regard relate remain remove replace report represent require result return rise rule run
save say see seem select send separate serve set share show sit speak specify spread stand start state stay stop store
study suggest supply support take talk tell tend test think treat try turn understand use vary view wait want watch work
write
"""
_IRREGULAR: Final = """
became become began begun brought built came chosen chose did does doing done drawn drew fallen fell felt found gave
given gone got grew grown had has having held kept known knew led left lent lost made meant met paid put ran read said
sat saw seen sent set shown sold spoke spoken stood taken taught thought told took understood went won wrote written
being been was were is are be am lies lying dying ties tying using used making taking having giving coming becoming
writing living moving leaving including providing requiring allowing containing beginning getting putting running
setting stopped stopping planned planning dropped dropping occurred occurring referred referring
"""
_NOUNS: Final = """
amount answer area aspect base beginning case cause change chance choice class condition content copy course day degree
detail difference effect element end event example fact feature field figure form function goal group hand help history
idea information instance item kind language level life limit line list man matter meaning means member method mind name
nature need number object order origin part pattern people period person piece place point position power practice
problem process property purpose quality question range rate reason result role rule sense series set side sign
situation size sort source stage standard state statement step story structure study subject system term text thing time
top type unit use user value variety version view way word work world year
"""
_QUALITIES: Final = """
able available bad basic best better big certain clear close common complete correct current different difficult direct
due early easy effective entire equal especially essential exact example famous fast final fine following free
frequent full further general good great hard high important inside known large late later likely long low main
major minor modern natural necessary new next normal old original outside particular past popular possible present
previous private proper public quick rare ready real recent regular related right safe same separate short significant
similar simple single slow small special specific strong sure true typical usual unable unlike unlikely useful various
well whole wide wrong young
actually additionally again ago alike apart approximately back clearly commonly completely correctly currently
differently directly easily entirely especially eventually exactly finally formerly frequently fully generally hardly
here highly immediately importantly later likely mainly maybe mostly namely naturally nearly newly normally often
originally otherwise particularly possibly previously primarily probably properly quickly rarely really recently
regularly separately significantly similarly simply slowly sometimes soon specifically strongly then today together
typically usually widely away early else far forward late long much near soon well yes
"""


def forms(word: str) -> tuple[str, ...]:
    """A word with the regular endings that it may take; some of what this makes is no English, and does no harm."""
    stem = word[:-1] if word.endswith("e") else word
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return word, word[:-1] + "ies", word[:-1] + "ied", word + "ing"
    plural = word + "es" if word.endswith(("s", "x", "z", "ch", "sh")) else word + "s"
    return word, plural, stem + "ed", stem + "ing"


def _all() -> frozenset[str]:
    found = {*STOP_WORDS, *_IRREGULAR.split(), *_QUALITIES.split()}
    for word in (_VERBS + _NOUNS).split():
        found.update(forms(word))
    return frozenset(word for word in found if word.isascii())


COMMON: Final = _all()
