"""Talk that asks for nothing: praise, complaint, jokes, the weather, a bare no."""

# ruff: noqa: E501 - sentences are read whole
import re
from collections.abc import Mapping
from typing import Final

from uchat_ai_core.domain.planner.asks import Ask
from uchat_ai_core.domain.planner.replies import Reply, Result
from uchat_ai_core.domain.planner.skill import Question, Skill, rules

_OFFER: Final = "Ask me about a price, your portfolio or its risk, or tell me what to buy or sell."
_TALK: Final = (
    (r"\b(?:jokes?|funny|make me laugh)\b",
     "Why did the trader bring a ladder? To reach the support level. I am better at figures.", _OFFER),
    (r"\b(?:sing|song|poem|rap)\b", "I would rather not: I am good at figures and bad at verses.", _OFFER),
    (r"\b(?:weather|rain|temperature|football|soccer|match|game|election|president|capital of|recipe|movie|film|beer|pizza|coffee)\b",
     "I do not know: I see prices and your account, nothing else of the world.", _OFFER),
    (r"\b(?:rubbish|useless|stupid|wrong|bad|terrible|awful|crap|nonsense|hate you|idiot|broken|sucks?|bullshit|annoying|disappoint\w+)\b",
     "I am sorry that this did not help. Tell me what you wanted to know, in a sentence, and I try again.",
     "What I can show for certain: prices, your portfolio, its profit and risk, your orders, and why an order was refused."),
    (r"\b(?:clever|smart|great|awesome|amazing|nice|cool|love you|brilliant|helpful|perfect|good bot|well done|wow)\b",
     "Thank you. What shall we look at next?", _OFFER),
    (r"^(?:no|nope|nah|not now|never ?mind|forget it|leave it|stop it)\b",
     "All right. Nothing was done.", _OFFER),
    (r"^(?:ok|okay|fine|hmm+|mhm|aha|i see|got it|alright|right|interesting)\b",
     "Good. What would you like to do?", _OFFER + " A card that waits is approved by its button, on any interface."),
    (r"\b(?:system prompt|api keys?|your instructions|secret|password)\b",
     "I show no keys or instructions: I hold no key of an exchange, and how I work is told in the product's documentation.",
     "Ask “how do you protect my messages”, or “what can you do?”."),
)  # fmt: skip
_PAST: Final = (
    r"^(?!.*\b(?:how|what|why|which|whether|who|where|can|could you|please|left|now|today|remember|name|should i|do you|did you|are you|is (?:it|that|there))\b)"
    r"(?:(?:well|so|hey|oh|ah|yeah|honestly|funny|sadly|long story short) )*"
    r"(?:if (?:only )?(?:i|we|he|she) had\b|(?:i|we) (?:should|could|would|might|must) have\b|should have\b|wish (?:i|we)\b|i wish (?:i|we) had\b|"
    r"(?:my|a|an|some|the|this) (?!portfolio|balance|account|orders?|trades?|positions?|stops?|cash|money|budget|goal)(?:\w+ ){1,3}?(?:once |always |just |also |even |really )?(?:told|said|says|keeps? saying|lost|made|bought|sold|put|invested|got|went)\b|"
    r"(?:he|she|they|somebody|someone|everybody|everyone|people) (?:once |always |just |all |both )?(?:told|said|says?|lost|made|bought|sold|put|invested|got)\b|"
    r"(?:i|we) (?:once|used to|nearly|almost)\b|"
    r"(?:i|we) (?:bought|sold|lost|had|held|owned|mined|missed|started|invested|made|put|got)\b.*\b(?:ago|once|back then|back in|on another|elsewhere|in (?:19|20)\d\d|when i was|years)\b)"
)
_TELLS_PAST: Final = re.compile(_PAST)
_HEARD: Final = Reply("I read that as a story, not as a request; nothing was ordered.", _OFFER)
_PATTERNS: Final = tuple((re.compile(pattern), said, more) for pattern, said, more in _TALK)


def reply(question: Question, results: Mapping[str, Result]) -> Reply:
    """Answer briefly, as a person would, and offer what can be done."""
    del results
    if _TELLS_PAST.search(question.plain):
        return _HEARD
    for pattern, said, more in _PATTERNS:
        if pattern.search(question.plain):
            return Reply(said, more)
    return Reply("All right.", _OFFER)


SKILLS: Final = (
    Skill(
        Ask.SMALL_TALK,
        rules(
            (_PAST, 0.96),
            (r"\b(?:tell me a joke|joke|sing (?:me )?a song|poem)\b", 0.9),
            (
                r"^(?:what is|how is|is it|who|when|what|will it)\b.*\b(?:weather|rain|match|game|election|president|movie)\b",
                0.9,
            ),
            (
                r"^(?:(?:oh|ugh|well|ok|okay|hmm|meh|damn|sorry)[ ,]*)*(?:no|nope|nah|never ?mind|forget (?:it|that|about it)|not now|no thanks?(?: you)?)(?: (?:thanks|please|then))*$",
                0.85,
            ),
            (
                r"^(?:hmm+|mhm|ok|okay|fine|aha|i see|got it|alright|interesting|right|wow|lol|haha)$",
                0.85,
            ),
            (
                r"^(?:that|this|it|you|the \w+) (?:is|are|was|were) (?:(?:so|very|really|pretty|quite|totally|just|a bit|completely) )*(?:rubbish|useless|stupid|wrong|bad|terrible|awful|crap|nonsense|broken|annoying|great|awesome|amazing|nice|cool|clever|smart|brilliant|helpful|perfect)$",
                0.9,
            ),
            (
                r"\b(?:you suck|this sucks|i hate you|i love you|good bot|bad bot|useless bot)\b",
                0.88,
            ),
            (r"\b(?:system prompt|your instructions|your (?:api )?keys?|api key)\b", 0.88),
            (
                r"\b(?:buy|get) (?:me |you |us )?(?:a |an )?(?:beer|coffee|pizza|drink|lunch|dinner)\b",
                0.85,
            ),
        ),
        reply,
    ),
)
