"""Words that deny, words that set apart, and pairs of opposite words: where one word turns a sentence round.

`denies(word)`: "not", "never", "without", "isn't". `sets_apart(word)`: "but", "only", "except". `PAIRS`: about 350
pairs of common English verbs, adjectives, nouns and particles that say the contrary of each other, our own list. All
take folded words. Trade-off: a closed list, no dictionary: exact in what it has, silent about the rest.
"""

# ruff: noqa: SIM905  (lists of words read better as text)

from __future__ import annotations

from typing import Final

_DENY: Final = frozenset(
    """
    not no never without none neither nor cannot nothing nobody nowhere lack lacks lacked lacking fail fails failed
    unable hardly barely scarcely non
    """.split()
)
_APART: Final = frozenset("but however although though whereas despite instead rather except only unlike".split())

_PAIRS: Final = """
    increase decrease / increase decline / increase reduction / increase drop / rise fall / rise decline / grow shrink
    growth decline / gain loss / gain lose / raise lower / raise reduce / boost lower / boost reduce / boost hinder
    improve worsen / improve harm / improve degrade / improvement deterioration / strengthen weaken / expand shrink
    expand reduce / extend shorten / widen narrow / accelerate slow / speed slow / up down / upward downward
    higher lower / high low / highest lowest / more less / more fewer / most least / most few / many few / much little
    maximum minimum / maximize minimize / maximal minimal / above below / over under / exceed miss / before after
    previous next / earlier later / early late / first last / past future / old new / older newer / oldest newest
    old young / older younger / ancient modern / recent old / ahead behind / forward backward / begin end
    beginning end / begin finish / open close / open closed / enter leave / enter exit
    arrive leave / arrive depart / arrival departure / return leave / return departure / come go / stay leave
    join leave / remain leave / push pull / buy sell / purchase sell / import export / lend borrow / give take
    send receive / offer refuse / accept reject / accept refuse / approve reject / approve deny / agree disagree
    allow forbid / allow prevent / allow prohibit / allow ban / permit forbid / permit prohibit / enable disable
    enable prevent / help hinder / support oppose / support reject / back oppose / encourage discourage
    promote discourage / praise criticize / praise condemn / praise blame / love hate / like hate / like dislike
    win lose / winner loser / victory defeat / success failure / succeed fail / successful failed / pass fail
    true false / right wrong / correct wrong / correct incorrect / good bad / better worse / best worst / well badly
    positive negative / advantage disadvantage / benefit drawback / benefit harm / strength weakness / strong weak
    stronger weaker / hard easy / hard soft / difficult easy / simple complex / simple complicated / easy complicated
    fast slow / faster slower / quick slow / quickly slowly / rapid slow / rapidly slowly / big small / large small
    larger smaller / largest smallest / big little / great small / wide narrow / broad narrow / deep shallow
    long short
    longer shorter / tall short / thick thin / heavy light / full empty / rich poor / cheap expensive / free paid
    free costly / safe dangerous / safe unsafe / hot cold / warm cool / hotter colder / bright dark / light dark
    black white / day night / north south / northern southern / east west / eastern western / left right / top bottom
    front back / inside outside / inner outer / internal external / indoor outdoor / near far / local remote
    local global / national international / domestic foreign / urban rural / public private / male female / man woman
    men women / boy girl / father mother / son daughter / brother sister / husband wife / king queen / he she / his her
    parent child / teacher student / employer employee / buyer seller / doctor patient / friend enemy / ally enemy
    war peace / attack defend / attacker defender / guilty innocent / convicted acquitted / arrest release
    arrested released / arrested acquitted / charge acquit / legal illegal / include exclude / add remove / add subtract
    multiply divide / attach remove / insert delete / install remove / create destroy / build destroy / save delete
    show hide / reveal hide / reveal conceal / visible hidden / always never / often rarely / often seldom
    frequently rarely / usually rarely / sometimes never / common rare / usual unusual / all none / every no
    everyone nobody / everything nothing / some none / both neither / either neither / with without / same different
    similar different / identical different / equal different / single multiple / one several / single several
    single many / alone together / together apart / unique common / general specific / limited extensive
    limited unlimited / partial complete / partial full / temporary permanent / static dynamic / fixed adjustable
    fixed variable / constant variable / active passive / manual automatic / natural artificial / real fake
    real virtual / physical virtual / online offline / input output / source target / supervised unsupervised
    known unknown / known unseen / certain uncertain / clear unclear / possible impossible / necessary unnecessary
    required optional / mandatory optional / present absent / presence absence / alive dead / life death / live die
    born died / healthy sick / happy sad / excited bored / calm angry / optimistic pessimistic / hope fear
    confident doubtful / confirm deny / admit deny / affirm deny / confirmed denied / remember forget / ask answer
    question answer / teach learn / lead follow / keep lose / keep drop / keep discard / maintain abandon / hire fire
    employ dismiss / resume suspend / continue stop / continue cease / upgrade downgrade / upper lower
    superior inferior
    outperform underperform / underestimate overestimate / overcome succumb / thriving struggling / thrive struggle
    primary secondary / major minor / exciting boring / interesting boring / friendly hostile / polite rude
    clean dirty
    wet dry / sharp blunt / smooth rough / loose tight / exclusive inclusive / flexible rigid / direct indirect
    dependent independent / regular irregular / formal informal / official unofficial / formally informally
    frustration contentment / vilify praise / premium basic / professional amateur / expert novice / beginner expert
    beginner advanced / basic advanced / latest oldest / ascending descending / horizontal vertical / majority minority
    surplus deficit / profit loss / supply demand / debit credit / asset liability / cause effect / guest host
"""
PAIRS: Final = tuple(
    (pair.split()[0], pair.split()[1]) for line in _PAIRS.splitlines() for pair in line.split("/") if pair.strip()
)
"""Opposite words, folded."""
PREFIXES: Final = ("un", "in", "im", "ir", "il", "dis", "non")
"""What turns a word into its contrary by standing before it."""


def denies(word: str) -> bool:
    """Whether a folded word denies what is said."""
    return word in _DENY or word.endswith("n't")


def sets_apart(word: str) -> bool:
    """Whether a folded word sets something apart from what was said, or against it."""
    return word in _APART
