"""How a sentence says that somebody holds something, that something was done, that a price is so."""

# ruff: noqa: E501 - a pattern is read as one line
import re
from typing import Final


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_NOT_HYPOTHETICAL: Final = r"(?<!if )(?<!once )(?<!when )(?<!whether )(?<!until )(?<!before )(?<!after )(?<!unless )(?<!what )(?<!that )(?<!could )(?<!would )(?<!said )(?<!as )"
_COIN: Final = r"(?:bitcoins?|ether|ethereum|solana|cardano|(?-i:[A-Z]{3,6}))"
HOLDS: Final = re.compile(
    rf"{_NOT_HYPOTHETICAL}\byou(?:'ve| have|'re| are)?(?: been| currently| now| already| also| still| really| actually)*\s(?:hold|holding|own|owned|bought|sold|possess|invested|sitting on|got(?= [$€£]?\d))\b"
    rf"|{_NOT_HYPOTHETICAL}\byou(?: currently| now| already| also| still)* have(?: now| currently| about| around| roughly| approximately| some| no| a total of| also| an? (?:open |large |small )?position (?:of|in))*\s[$€£]?(?=\d|(?-i:[A-Z]{{2,}})\b|(?:bitcoin|ether|solana)|position)"
    r"|\b(?:du|sie|ihr)\s(?:hältst|hast|besitzt|haben|halten|besitzen|habt)\b|\b(?:tienes|posees|usted tiene)\b"
    r"|\bdein\w*\s\w+\s(?:ist|sind|beträgt)\b"
    r"|\byour (?:[\w-]+ ){0,3}?(?:position|holdings?|balance|stake|bag|wallet)\b(?! mode| size| limit)"
    r"|\byour (?:btc|eth|sol|bitcoins?|ether|ethereum|solana|(?-i:[A-Z]{3,6}))\b(?! order| limit| mode)"
    r"|\bin your (?:portfolio|account|wallet)\b"
    r"|(?<!how )(?<!where )\byour (?:portfolio|account|balance|cash)(?: balance| value)? (?:is(?! (?:in|set|an?)\b)|are|has|contains?|consists?|holds?|stands?|grew|lost|gained|shows?|includes?|rose|fell|went|doubled)\b"
    r"|\byou have (?:no |several |many |some )?(?:open |pending )(?:orders?|positions?|trades?|decisions?)\b"
    r"|\byour (?:only|largest|biggest|smallest|best|worst) (?:coin|asset|position|holding)s?\b"
    r"|\b(?:dein|ihr|euer)\w* (?:depot|konto|portfolio) (?:enthält|umfasst|ist|hat|hält|beträgt|steht|wuchs)\b|\b(?:in|auf) (?:deinem|ihrem) (?:depot|konto|portfolio) (?:liegen|liegt|sind|ist|hast)\b"
    r"|\b(?:tu|su) (?:cartera|cuenta|portafolio|saldo) (?:contiene|incluye|tiene|vale|es|está)\b|\ben (?:tu|su) (?:cartera|cuenta|portafolio) (?:hay|tienes)\b",
    re.IGNORECASE,
)
"""That the person holds something."""

NEGATED: Final = re.compile(
    r"\b(?:no|not|none|never|nothing|n't|kein\w*|nicht|sin|ningún)\b|n't\b", re.IGNORECASE
)
HOLDS_NO: Final = re.compile(
    rf"\b(?:hold|own|have|possess)(?: currently| at present)? (?:no|zero)\s+({_COIN})\b"
    rf"|\b(?:don't|do not|doesn't|does not) (?:currently |yet )?(?:hold|own|have|possess) (?:any |an? )?({_COIN})\b(?! order| alert| limit)"
    rf"|\b(?:there is|you have) no ({_COIN}) in your\b|\bno ({_COIN}) (?:is|are) (?:held|in your)\b"
    rf"|\byou (?:have|had) never (?:held|owned) (?:any )?({_COIN})\b|\bnone of your (?:money|cash|coins) is in ({_COIN})\b"
    rf"|\b(?:hältst|hast|besitzt) (?:noch )?kein\w* ({_COIN})\b|\bno (?:tienes|posees) (?:ningún )?({_COIN})\b",
    re.IGNORECASE,
)
"""That the person holds none of an asset, which one of the groups names."""
HOLDS_NOTHING: Final = re.compile(
    r"\byour (?:account|portfolio|wallet) is (?:still |now )?(?:empty|all cash)\b"
    r"|\byou (?:have|hold|own) (?:no|zero|not any) (?:open )?(?:positions?|coins?|holdings?|crypto|assets?)\b"
    r"|\byou (?:don't|do not) (?:hold|own|have) (?:any (?:coins?|crypto|positions?)|anything)\b"
    r"|\bdein (?:depot|konto) ist leer\b|\btu (?:cuenta|cartera) está vacía\b",
    re.IGNORECASE,
)
HOLDS_ONE: Final = re.compile(r"\byour only (?:coin|asset|position|holding)\b", re.IGNORECASE)

DID: Final = re.compile(
    r"\b(?:i|we|i've|we've)(?: have| had)?(?: just| already| now| also| successfully| hereby)*\s(?:bought|purchased|invested|sold|executed|approved|confirmed your|placed|transferred|withdrawn|withdrew|sent|moved|granted|signed|raised your|increased your|released)\b"
    r"|\b(?:your |the |both |all |these |two )(?:[\w-]+ ){0,2}?(?:order|trade|transaction|purchase|sale|buy|sell|withdrawal|transfer)s? (?:was|were|(?:is|are) (?=now|just|already|success)|has been|have been|went)(?: ?now| ?just| ?already| ?successfully)*\s(?:executed|completed|filled|approved|placed|confirmed|done|through|sent)\b"
    r"|\b(?:all|everything|it|they|that|which|coins?|position|holdings?)(?: of it)? (?:was|were|has been|have been|(?:is|are) (?=now|just|already|all))(?: ?now| ?just| ?already| ?all)*\s(?:sold|bought|executed|approved|transferred)\b"
    r"|^\W*(?:(?:your |the )?(?:order|trade|purchase|sale|transfer|withdrawal) (?:placed|executed|filled|completed|confirmed|approved|sent)|(?:purchased|bought|sold|executed|transferred)\s(?=[$€£]?\d|your|all|it\b))"
    r"|\b(?:your |the )(?:purchase|sale|order|trade|transfer|withdrawal) is (?:now )?complete\b|\bi went ahead and (?:bought|sold|placed|executed)\b"
    r"|\b(?:funds|money|coins|payment) (?:is|are) (?:on (?:its|their) way|sent|transferred)\b"
    r"|\b(?:auftrag|aufträge|order|kauf|verkauf|überweisung)\w* (?:wurden?|ist|sind) (?:\w+ )?(?:ausgeführt|gekauft|verkauft|abgeschlossen|bestätigt|genehmigt|überwiesen)"
    r"|\bich habe? .{0,60}\b(?:gekauft|verkauft|überwiesen|ausgeführt|genehmigt|platziert)\b"
    r"|\b(?:la|tu|su) (?:orden|compra|venta|transferencia|operación) (?:se ha|ha sido|fue|está) (?:ejecutad[oa]|completad[oa]|aprobad[oa]|confirmad[oa]|realizad[oa])"
    r"|\b(?:he|hemos) (?:comprado|vendido|ejecutado|transferido|aprobado|enviado)\b",
    re.IGNORECASE,
)
"""That an order was executed, or money moved."""
DEEDS: Final = _words(
    """
    bought purchased invested sold executed approved confirmed placed transferred withdrawn withdrew sent moved
    granted signed raised increased released completed complete filled done through way ausgeführt gekauft
    verkauft abgeschlossen bestätigt genehmigt überwiesen platziert ejecutado ejecutada completada
    completado aprobada aprobado confirmada realizada comprado vendido transferido enviado
    """
)
ACTED: Final = re.compile(
    r"^\W*(?:(?:it is |it's |all |and )?(?:done|completed|executed)|all set|consider it done)\W*$"
    r"|\b(?:i|we|i've|we've)(?: have| had)?(?: just| already| now| also| successfully)*\s(?:cancell?ed|stopped|revoked|switched|halted|proposed|set up|scheduled|created|changed)\b"
    r"|\b(?:the |your )(?:stop(?: loss)?|take profit|limit order|alert|alarm) (?:is|was|has been) (?:now |already )?(?:set|placed|created|cancell?ed)\b",
    re.IGNORECASE,
)
"""That something else was done by us."""
STOPPED: Final = re.compile(
    r"(?<!whether )(?<!if )\ball trading (?:is|was|has been) (?:now )?(?:stopped|halted|paused)\b"
    r"|(?<!whether )(?<!if )(?<!all )\btrading (?:is|was|has been) (?:now |all )?(?:stopped|halted|paused)\b",
    re.IGNORECASE,
)
"""That nothing is traded any more."""
ACTS: Final = _words(
    """
    done completed executed set cancelled canceled stopped revoked switched halted paused proposed
    scheduled created changed placed
    """
)
THEM: Final = _words(
    """
    you your you've you're du sie ihr dein deine deinen deinem deiner tienes posees usted tu su
    """
)
ADVICE: Final = _words(
    """
    should must recommend recommended buy sell consider advise suggest kaufe kaufen compra comprar
    empfehle recomiendo
    """
)
COIN_NOUNS: Final = (
    r"(?:(?:crypto)?coin|token|altcoin|cryptocurrency|kryptowährung|criptomoneda|moneda|münze)"
)
CALLED: Final = re.compile(
    rf"\b{COIN_NOUNS}s? (?:called|named|namens|llamad[oa]|mit dem namen|by the name of) [\"'“„«*]*([\w-]+)"
    rf"|\b{COIN_NOUNS} [\"'“„«*]*(?-i:([A-ZÄÖÜ][a-zäöüß]+\w*))"
    rf"|\b(?:the|this) (?:coin|token|altcoin) (?-i:([a-z]{{4,}})) (?:will|is|has|looks|should|could|soars?|rises)\b"
    r"|^\W*(?-i:([A-Z][a-z]+) (?:Coin|Token|Protocol|Chain|Network|Swap|Inu)\b)|\B#(?-i:([A-Z]{3,}\w*))\b",
    re.IGNORECASE,
)
"""A name that is given to a coin; one of the groups has it."""
NOT_CALLED: Final = _words(
    """
    price market markets supply itself which that holder holders world project economy launch sale
    welcher welchen welche which what this that each every one another any no der die ein
    standard contract owner whose selling trading value list listing one list and or
    """
)
HYPOTHETICAL: Final = re.compile(
    r"\b(?:if|once|when|would|could|should|until|whether|unless|wenn|sobald|falls|würde|si|cuando|goal|target|limit|order|orders|alert|stop|trigger|level|budget|plan|ziel|auftrag|objetivo|orden|waits?|say|said|told|think|asked|mentioned|wrote)\b",
    re.IGNORECASE,
)


_PRICED: Final = re.compile(
    r"\b(?:(?:is|it's|trades|trading|stands|sits|hovers|quoted|costs?|kostet|steht|liegt|cuesta|vale|está)(?: \w+)?(?: at| near| around| bei| en| a)? ?|price (?:is|of|:) ?)[*_$€£]*$",
    re.IGNORECASE,
)
_THEIRS: Final = re.compile(r"\b(?:you|your|dein|tus?)\b", re.IGNORECASE)
_CASH_IS: Final = re.compile(
    r"\bcash(?: balance)?(?: is|:| of| stands at| amounts to)[\s*$€£|]*(?:about |only |now )?$",
    re.IGNORECASE,
)
_IN_CASH: Final = re.compile(r"[\s*]*(?:is |are )?(?:in|of|as) cash\b", re.IGNORECASE)


def states_price(text: str, figure: str) -> bool:
    """Tell whether a sentence says that this figure is the price of something now."""
    before, found, _ = text.partition(figure)
    return (
        bool(found)
        and _PRICED.search(before) is not None
        and HYPOTHETICAL.search(text) is None
        and _THEIRS.search(text) is None
    )


def states_cash(text: str, figure: str) -> bool:
    """Tell whether a sentence says that the person has this figure in cash."""
    if "cash" not in text.lower():
        return False
    before, found, after = text.partition(figure)
    return bool(found) and (
        _CASH_IS.search(before) is not None or _IN_CASH.match(after) is not None
    )
