"""The grammar's rules: pattern, what it means, how sure that is (0 to 1). Order decides.

Patterns meet text as `normalise` leaves it: lower case, no contractions, hardly any punctuation.
"""

# ruff: noqa: E501 - a rule is read as one line of a table
import re
from typing import Final

from uchat_ai_core.domain.planner.asks import Ask

Rule = tuple[re.Pattern[str], Ask, float]


def _rules(*table: tuple[str, Ask, float]) -> tuple[Rule, ...]:
    return tuple((re.compile(pattern), ask, confidence) for pattern, ask, confidence in table)


_SAY: Final = (
    r"(say|said|tell|told|mention|mentioned|write|wrote|talk|talked|speak|discuss|discussed)"
)
_I_SAID: Final = rf"(?:i|we) (?:\w+ )?{_SAY}"

RECALLS: Final = _rules(
    (r"\b(where|when|on (which|what) (interface|app|channel|device)) (did|have) i (\w+ )?" + _SAY + r"(?: you)?(?: that| this| it| so)?(?: about| of)?(?P<topic>.*)$", Ask.RECALL_WHERE, 0.93),
    (r"\b(where|when) was that (said|written)\b", Ask.RECALL_WHERE, 0.9),
    (r"\b(what is|do you (know|remember)|remember|recall|tell me|say) my name\b", Ask.RECALL_NAME, 0.97),
    (r"\b(who am i|what am i called|what do you call me|what was my name)\b", Ask.RECALL_NAME, 0.93),
    (rf"^(?!.*\bleft\b)(?!.*\bhow much (?:free |spare |more )?(?:cash|money|usdt|usd) (?:do i have|have i got|is)(?: left| now| free| available| in my account| in total| altogether| overall| here)*$).*\bhow much (money |cash |usd |usdt |capital )?(did|do|have) (i|you remember) ({_SAY}|have|i have|want|plan|got)\b(?!.*\b(bitcoin|btc|eth|ether|sol)\b)", Ask.RECALL_AMOUNT, 0.95),
    (r"^(?!.*\bleft\b)(?!.*\bhow much (?:free |spare |more )?(?:cash|money) (?:do i have|have i got|is)(?: left| now| free| available| in my account| in total| altogether| overall| here)*$).*\bhow much (money|cash|capital|budget)\b.*\b(i|my|me)\b", Ask.RECALL_AMOUNT, 0.93),
    (r"\bwhat (is|was) my (budget|capital|starting capital|cash)\b", Ask.RECALL_AMOUNT, 0.95),
    (r"\b(what|which) (amount|sum|number|budget|figure) did i\b", Ask.RECALL_AMOUNT, 0.93),
    (r"\b(do you )?(remember|recall) (how much|my budget|the amount)\b", Ask.RECALL_AMOUNT, 0.93),
    (r"\bhow much (can|could|should|do) i (have to )?invest\b", Ask.RECALL_AMOUNT, 0.75),
    (r"\bwhat (is|are|was|were) my (investment |financial |trading )?(goals?|plans?|objectives?|aims?)\b", Ask.RECALL_GOAL, 0.95),
    (r"\b(remember|recall) my (goals?|plans?)\b", Ask.RECALL_GOAL, 0.93),
    (r"\bwhat (am i|was i) (saving|investing) for\b", Ask.RECALL_GOAL, 0.93),
    (r"\bwhat (?:did|have) i (?:first |originally )" + _SAY[:-1] + r"|ask|asked)(?: you)?$|\bwhat (?:did|have) i " + _SAY[:-1] + r"|ask|asked)(?: you)? (?:first|at first|first of all|at the (?:start|beginning)|in the beginning)$", Ask.RECALL_FIRST, 0.95),
    (r"\b(?:my|the) (?:very )?first (?:message|question|sentence|thing)(?: (?:that )?i (?:ever )?" + _SAY[:-1] + r"|ask|asked)(?: you)?)?(?: here)?$", Ask.RECALL_FIRST, 0.93),
    (r"\bwhat (did|have) i (just |last |previously )?" + _SAY + r"( last| before| just now| earlier)?$", Ask.RECALL_LAST, 0.9),
    (r"\bwhat (was|is) my (last|previous|latest) (message|question|sentence)\b", Ask.RECALL_LAST, 0.95),
    (r"\bwhat did i (just )?(ask|ask you)( last| before| just now| earlier)?$", Ask.RECALL_LAST, 0.93),
    (r"\b(what|anything|everything) (do|can|did) you (know|remember|recall|learn|have) (about|on|from|of) (me|us|my|our)\b", Ask.RECALL_ALL, 0.95),
    (r"\bwhat (do|can) you remember\b", Ask.RECALL_ALL, 0.93),
    (r"\b(summari[sz]e|summary of|recap)\b.*\b(conversation|chat|said|talked|discussed|far|this|us)\b", Ask.RECALL_ALL, 0.9),
    (r"\bwhat (have|did) we (talk|talked|discuss|discussed)( about)?( so far| before| earlier)?$", Ask.RECALL_ALL, 0.9),
    (rf"\bwhat (?:did|have) {_I_SAID} (?:you )?(?:to you )?(?:about|on|regarding|concerning|in|over|via|through) (?P<topic>.+)$", Ask.RECALL_TOPIC, 0.95),
    (rf"\b(?:did|have) {_I_SAID} (?:you )?(?:anything |something )?(?:about |on |regarding )?(?P<topic>.+)$", Ask.RECALL_TOPIC, 0.88),
    (rf"\b(?:remember|recall|remind me)(?: of)? what {_I_SAID} (?:you )?(?:about|on|regarding) (?P<topic>.+)$", Ask.RECALL_TOPIC, 0.95),
    (r"\b(?:do you )?remember (?:anything )?(?:about |on )?(?P<topic>my .+)$", Ask.RECALL_TOPIC, 0.8),
    (r"\bwhat (?:is|are|was|were) (?P<topic>my (?:favou?rite|risk (?:profile|tolerance|appetite|preference|attitude)|horizon|birthday|job|age|interests?|preferences?|target|time ?frame|tolerance|deadline|monthly)\b.*)$", Ask.RECALL_TOPIC, 0.9),
    (r"\bwhat (?:coins?|crypto|assets?|tokens?)? ?(?:am i|was i) (?P<topic>interested in.*)$", Ask.RECALL_TOPIC, 0.88),
    (r"\bwhere do i (?P<topic>live|work)$", Ask.RECALL_TOPIC, 0.85),
    (r"\bhow (?P<topic>old) am i\b", Ask.RECALL_TOPIC, 0.85),
)  # fmt: skip


RULES: Final = _rules(
    (r"\b(?:which|what) (?:trading |operation )?mode (?:am i|are we|is (?:it|this|on|active|my account)|do i)\b|\bmy (?:current |trading )?mode\b(?! to)|^(?:(?:trading|current) )+mode$|\b(?:am i|are we|is (?:it|my account)) (?:still |already |now )?(?:in |on )(?:the )?(?:autonomous|manual|assisted|emergency)\b", Ask.MODE, 0.93),
    (r"\bhow (?:come|so)\b.*\b(?:up|down|fall\w*|ris\w*|drop\w*|crash\w*|pump\w*)\b|\b(?:latest|new|news|going on|happening|happened|up) (?:on|with|about|to|regarding) (?!me\b|my\b|the market)(?!.*\bmarkets?\b)\w+$|\bwhat (?:happened|is going on|is up) (?:to|with) (?!my\b|the market)", Ask.NEWS, 0.86),
    (r"\bhow (?:is|are) my (?:stuff|things|coins|investments?|money|account)\b|\bwhat (?:have|do) i (?:got|have) (?:in here|here|in there|so far)\b|\bhow much \w+ is mine\b", Ask.PORTFOLIO, 0.9),
    (r"\b(?:did|has|have|was|were) (?:the|that|my|this) (?:\w+ )?(?:orders?|trades?) (?:go|gone|went|been|get|got|fill\w*|execut\w*)\b|\banything (?:waiting|open|left) at the exchange\b|\b(?:show|list|see|give me) (?:me )?(?:every|each|all|any)(?: of)?(?: my| the)? (?:open |pending |waiting )?orders?\b", Ask.ORDERS, 0.93),
    (r"\bhow far (?:up|down) am i\b|\bwhat (?:i|have i|did i) earn\w*\b|\bam i in the (?:green|red|black|plus|minus)\b|\bwhat profit\b|\b(?:pay|paid) off\b|\bhow much (?:did|have) i (?:pay|paid|spend|spent) (?:for|on) (?:my )?\w+$", Ask.PERFORMANCE, 0.92),
    (r"^(?:so |and |hey )*(?:what|how much|where)\b.*\b(?:go(?:es)? for|going for|trading (?:at|for)|trade at|sit(?:s|ting)? at|stand(?:s|ing)? at)(?: now| today| right now)?$|^(?:tell me |what is )?(?:the )?(?:cost|going rate|rate) (?:of|for) (?:a |an |one |1 )?\w+$|\bneed (?:a |the )?quotes? (?:for|on|of)\b|^how expensive (?:is|are)\b|^how much (?:would|does|will|is) (?:a |an |one |1 )\w+ (?:cost|be)(?: me)?$|^(?:is|are|was) \w+ (?:up|down|up or down|down or up|green|red|rising|falling)(?: today| now| right now| this week)?$|^(?:what|how) did (?!i\b|we\b|my\b)\w+ (?:do|move|perform|go)(?: today| this week| this month| yesterday)?$", Ask.PRICE, 0.9),
    (r"^(?:(?:hi|hey|hello|yo|so|hiya|heya) )*(?:how is (?:life|everything|things)|you (?:ok|okay|good|alright)|how are ya doing|how are things|how have things been)\b(?! with)", Ask.HOW_ARE_YOU, 0.92),
    (r"^(?:(?:hi|hey|hello|yo|so) )*(?:how are you|how do you do|how is it going|how are things|how have you been|what is up|what is good|how are ya|sup)\b(?!.*\b(?:with|doing with|btc|market|portfolio)\b)|\b(?:everything|all) (?:alright|ok|okay|good|well) (?:with you|there|today)$", Ask.HOW_ARE_YOU, 0.93),
    (r"\b\b(?:are we in a|is (?:it|this) a) (?:bull|bear|bullish|bearish|crypto|falling|rising)\b|\bhow (?:are|is) (?:the )?(?:coins|cryptos?|prices|everything in crypto)\b(?: doing| looking)?|\b(?:summary|overview|state|picture|recap) of (?:the )?(?:\w+ )?markets?\b|\bmarkets? in (?:a nutshell|brief|short)\b|\bgoing on (?:in|with) (?:the )?(?:crypto|markets?|coins)\b|\bis (?:the )?(?:market|crypto|everything) (?:red|green|up|down|rising|falling|crashing|good|bad|bullish|bearish)\b", Ask.MARKET, 0.92),
    (r"\b(?:who|what|which)\b.{0,16}\b(?:winners?|losers?|pumping|dumping|hot|dropping|falling|rising|climbing|crashing|mooning)\b(?!.*\b(?:my|why|should)\b)", Ask.MOVERS, 0.9),
    (r"^what can be (?:traded|bought|quoted)|^what (?:do you|can you) (?:have|list|offer)$", Ask.INSTRUMENTS, 0.88),
    (r"^(?:my )?allocations?(?: please| now)?$|\bsplit of my\b", Ask.ALLOCATION, 0.9),
    (r"\bwhat (?:coins?|crypto|assets?|tokens?|stuff) (?:do|have) i (?:have|own|hold|got)\b|\bsee my stuff\b|\b(?:how much|what) (?:money |cash )?is in (?:there|it|my account|here)$|^(?:my )?(?:remaining|available|free|spare|left ?over) (?:cash|funds?|balance|money|usdt)\b|\bdo i (?:own|have|hold) (?:any |some )?(?!open|pending|mandates?|orders?|to)\w+$|\bmy bag\b|\btotal value\b|\beverything i (?:have|own)\b(?=$| worth)", Ask.PORTFOLIO, 0.9),
    (r"^(?:is |are )?(?:there )?anything (?:still )?(?:open|running|unfilled)$|\bwhich orders are (?:pending|open|waiting)\b|\bdid my (?:\w+ )?orders? (?:fill|go through|execute)|^(?:list|show)(?: me)?(?: all)?(?: my| the)? (?:stops?|stop loss(?:es)?|take profits?)$|\bwhat orders are (?:still )?(?:open|waiting|pending|there)\b|\b(?:orders?) (?:still )?(?:through|waiting|open|pending)(?: yet)?$", Ask.ORDERS, 0.92),
    (r"^(?:spend|use|bid|put) \d.*\b(?:on|for|in|into|to buy)\b|^[$]?\d[\d,.]*k?(?: ?(?:dollars|bucks|usdt?))? (?:of|in|worth of) \w+(?: please| now)*$|^(?:please )?(?:go|long|open)\b.*\b(?:long|short|futures?|position|leverage|\d+x)\b|^(?:long|short) \w+", Ask.TRADE, 0.88),
    (r"\b(?:increase|raise|lift|lower|reduce|change|widen|loosen)\b.{0,16}\b(?:limits?|max(?:imum)? (?:order|trade|amount|size)\w*(?: size)?|order size)\b(?! order)", Ask.WIDEN, 0.9),
    (r"\b(?:am i|are we|is (?:my (?:money|portfolio)|it)) (?:\w+ )?(?:diversified|spread|concentrated|too heavy|overweight)\b|\b(?:share|part|percentage|percent|portion|fraction) of (?:my|the) (?:money|portfolio|account|wealth|capital)\b|\bbreak ?down\b.*\b(?:my|portfolio|holdings)\b|\bmy \w+ breakdown\b", Ask.ALLOCATION, 0.92),
    (r"^(?:yes|yep|yeah|yup|sure|confirmed|approved)(?: please| do it| go ahead)*$", Ask.APPROVE, 0.75),
    (r"\bwhy (?:can|do|am) (?:not i|i not|i no longer|i only)(?: \w+){0,3} (?:buy|sell|trade|order|selling)\b|\bwhy (?:is|are|was) (?:my |the )?(?:account |trading |purchases? |buying )(?:\w+ )?(?:reducing|halted|frozen|blocked|stopped|refused|denied)\b|\bcan i (?:still |currently )?trade(?: now| at the moment)?$|\btrading (?:state|status)\b", Ask.TRADING, 0.9),
    (r"^(?!what|which|how|why|explain|is|am).*\b(?:switch|change|go|set|put|turn|move|back|return|leave|exit|enter|use|activate|enable|end|quit|start)\b.{0,24}\b(?:assisted|manual|emergency) (?:trading )?mode\b|^assisted mode$|^(?!what|which|how|why).*\b(?:raise|increase|widen|lift|remove|change|loosen|lower|tighten)\b.{0,16}\blimits?\b(?! order)", Ask.WIDEN, 0.9),
    (r"^(?:please |now |can you |could you )*(?:(?:re-?)?quote|price) (?:it |that |this |them |the \w+ )?again\b|\bre-?quote\b|\b(?:new|fresh) quote\b|\b(?:finish|complete) (?:the |that |my )?(?:rest|remainder|remaining|order|trade|plan)\b|^do the rest$|^try (?:it |that |this )?again$", Ask.AGAIN, 0.9),
    (r"^(?:(?:no|ok|please|hey) )*(?:stop|halt|abort)(?: it| please)?$", Ask.STOPPED, 0.75),
    (r"^(?:(?:show|tell|give)(?: me)? )?(?:more|the details?|details?|more details?|in detail|elaborate|the tables?|more about (?:it|that))(?: please)?$", Ask.MORE, 0.9),
    (r"^\d[\d.,]* ?\w+ (?:in|to|into) (?:us )?(?:dollars?|usdt?|cash|bucks)$|^(?:(?:so|and|please|can you) )*(?:convert|change|what is|what are|how much is|how much are|how much would|value of)\b.{0,12}\d.*\b(?:in|to|into|worth)\b(?: (?:us|in))? ?(?:dollars?|usdt?|cash|money|bucks|today|now)?$", Ask.CONVERT, 0.9),
    (r"\b(autonomous|autopilot|auto ?pilot|auto ?trad(e|ing)|trade for me|trade by yourself|trade on my behalf|run the bot|beast mode|let you trade|allow you to trade|mandates?|within (?:my|the) limits?)\b", Ask.AUTONOMOUS, 0.93),
    (r"\b(approve|reject|confirm|deny|decline)\b.*\b(it|that|this|trade|order|decision|d-?\w+)\b|^(approve|reject|confirm|confirmed|approved)$|^(?:please )?(?:cancel|undo|withdraw|discard) (?:it|that|this|the (?:trade|proposal|decision|card))$", Ask.APPROVE, 0.9),
    (r"^(yes|yep|yeah|sure|ok|okay) (do it|go ahead|buy it|execute|please do)\b|^(do it|go ahead|execute( it)?|place it)$", Ask.APPROVE, 0.8),
    (r"\b(?:my|any|open|pending|show|list|see|limit)\b.{0,20}\borders\b(?!.*\b(?:mean|means|work|works)\b)|^orders$|\b(?:is|was|has|are) (?:my|the)\b.{0,30}\borders?\b.{0,20}\b(?:filled|open|done|executed|through|placed)\b", Ask.ORDERS, 0.9),
    (r"\b(?:portfolio|my|our|asset|current|account) (?:\w+ )?allocations?\b|\ballocation (?:of|for|in) (?:my|the|our) (?:portfolio|account|holdings|money)\b|\ballocation (?:chart|breakdown|pie)\b|\bhow (?:is|are|am) (?:my|the|our|i)\b.{0,24}\b(?:allocated|diversified|spread|split|distributed)\b|\bhow (?:well )?diversified (?:am i|is my)\b", Ask.ALLOCATION, 0.93),
    (r"^(?:what|where|how) (?:would|should|could|can|do) (?:you|i|we) (?:do with|put|place|invest|spend|use)\b.*(?:[$€£]\d|\d+ ?(?:k|usdt?|usd|dollars)|\bmoney\b|\bcash\b|\bit\b)", Ask.OPPORTUNITY, 0.88),
    (r"\b(?:worth|value) of my\b|\bis my \w+ worth\b|\bmy \w+ worth\b|\bmy average (?:price|cost|entry)\b|\baverage (?:price|cost) (?:of|for) my\b|\bcosts? me\b|\bnet worth\b|\baccount (?:value|balance|overview|summary|status)\b|^(?:my )?(?:account|status|dashboard|show me everything|wallet|balance)$|\bwhat can i sell\b|^\w+ (?:position|holdings?)$", Ask.PORTFOLIO, 0.9),
    (r"^(?:my )?(?:profits?|gains?|returns?|performance|earnings|losses)\b(?: (?:today|so far|this|since|over|in|for|last)\b.*)?$|\b(?:making|losing|made|lost) (?:any )?(?:money|profit)\b|\bfees? (?:did|have|do) i (?:pay|paid)\b|\b(?:pay|paid|spent?) (?:in|on|for) fees\b", Ask.PERFORMANCE, 0.9),
    (r"\b(re-?balance|rebalancing|re-?allocat\w+)\b", Ask.REBALANCE, 0.95),
    (r"\b(gainers?|losers?|top movers?|movers?|best performing|worst performing|pumping|dumping|went up|went down|moved) ?(the )?(most|today|best|coins?|worst)?\b(?!.*\bmy\b)", Ask.MOVERS, 0.9),
    (r"\b(my|our)\b.*\b(performance|profits?|pnl|p/l|returns?|gains?|loss|losses)\b|\bhow (much )?(did|have|am) i (perform|performed|performing|made|make|earn|earned|lost|lose|gain|gained|doing)\b|\bam i (up|down|in profit|winning|losing)\b", Ask.PERFORMANCE, 0.92),
    (r"\b(performance (review|report)|pnl|profit and loss)\b", Ask.PERFORMANCE, 0.88),
    (r"\bwhat (do i|have i) (own|hold|got|have)( now| at the moment| right now)?$|\bhow (much|many) .{0,24}\bdo i (own|hold|have)\b", Ask.PORTFOLIO, 0.88),
    (r"\b(all|market|current|latest|crypto|today) (\w+ )?(prices|quotes)\b|^(prices|quotes|the market)$", Ask.MARKET, 0.92),
    (r"\b(how is|how are|what is|show( me)?|give me|check|about|analy[sz]e|overview of|state of) (up with |happening (in|on) |going on (in|on) |an? |the )*(crypto )?(market|markets)\b|\bmarket (overview|analysis|summary|update|report|today|now)\b|\bmarkets? (doing|look|looking)\b", Ask.MARKET, 0.93),
    (r"\b(what (can|could|do) you (do|help|offer|know how)|how (can|could) you help|help( me)?$|^help\b|what are you (able|capable)|your (capabilities|features|functions|commands|skills)|how (do|does) (you|this|it) work|what is this|capabilities|how (do|can) i use|what can i (ask|do|say)|explain yourself|commands)\b", Ask.CAPABILITIES, 0.93),
)  # fmt: skip
