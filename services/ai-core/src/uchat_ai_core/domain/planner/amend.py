"""What a message changes of the order before it, or adds to it: "no, 150", "the same for SOL"."""

from dataclasses import replace
from decimal import Decimal
from typing import Final

from uchat_ai_core.domain.planner.order_tokens import Token, tokens
from uchat_ai_core.domain.planner.order_words import words
from uchat_ai_core.domain.planner.orders import Wish
from uchat_ai_core.domain.planner.said_orders import sentence_of

_CORRECTS: Final = words(
    """
    not no nope nah wait sorry oops actually rather mean meant i_mean make change instead better
    correction hang hold only just scratch scratch_that wrong quatsch perdon should be say
    correct typo instead_of amend update adjust
    """
)
_WEIGHTLESS: Final = _CORRECTS | words(
    """
    ah oh hmm i on coin price one set do quantity say let us that's thats thing limit_price
    limit than size order stop trigger not what i_said i_say change_that with more less
    maybe there yes
    """
)
_PRICES: Final = words(
    """
    at @ price limit limit_price stop trigger at_a_price_of limit_at
    """
)


def essence(text: str) -> tuple[Token, ...] | None:
    """Return the words of weight of a short message; None if it has any other."""
    found = list(tokens(text))
    kept: list[Token] = []
    denied = False
    for token in found:
        if token.code == "n" and token.said == "not":
            denied = True
        elif token.code in ",.;:!-" or token.code == "J":
            denied = False
        elif denied and token.code in "NMHA":
            denied = False  # "not 5, 8"
        elif token.code in "NMHAK@&BS":
            kept.append(token)
        elif token.code not in "FGYEiQTWZzPIn" and token.said not in _WEIGHTLESS:
            return None
    return tuple(kept)


def size_said(text: str, side: str, symbol: str) -> str:
    """Return the size that a message names and nothing else, with its asset; or an empty string."""
    found = essence(text)
    sizes = [each for each in found or () if each.code in "NMH"]
    others = {each.said for each in found or () if each.code == "A"} - {symbol}
    if found is None or len(sizes) != 1 or others or any(each.code in "K@BS" for each in found):
        return ""
    (size,) = sizes
    if size.code == "H":
        part = "all" if size.said == "everything" else size.said
        return f"{part} of my {symbol}" if side == "sell" else ""
    of = f"{size.said or '$'}{size.value:f} of" if size.code == "M" else f"{size.value:f}"
    return f"{of} {symbol}"


def amended(text: str, wish: Wish) -> str:
    """Return the order before as a message wants it, or one more like it; empty: neither."""
    found = essence(text) or ()
    said = {each.said for each in tokens(text)}
    codes = "".join(each.code for each in found)
    assets = [each.said for each in found if each.code == "A"]
    figures = [each for each in found if each.code in "NMH"]
    if not found or len(assets) > 1 or len(figures) > 1 or set(codes) & {"B", "S"}:
        return ""
    changed = replace(wish, symbol=assets[0]) if assets else wish
    if "K" in codes and assets:
        wanted = _figured(changed, figures[0], priced=True) if figures else changed
    elif codes[0] == "&" and assets and figures and "@" not in codes:
        bare = replace(changed, limit_price=None, trigger_price=None, way=None)
        wanted = _sized(bare, figures[0], counted="NA" in codes)
    elif not (_CORRECTS & said or codes == "H") or (codes == "H" and wish.side == "buy"):
        return ""
    elif figures:
        wanted = _figured(changed, figures[0], priced=bool(_PRICES & said))
    else:
        wanted = changed
    return sentence_of(wanted) if wanted != wish or codes == "H" else ""


def _figured(wish: Wish, figure: Token, *, priced: bool) -> Wish:
    """Put a figure for the price, if one is spoken of or it is near to it, else for the size."""
    value = figure.value
    for field in ("trigger_price", "limit_price"):
        price = getattr(wish, field)
        near = value is not None and price is not None and price / 2 < value < price * 2
        if price is not None and value is not None and (priced or near):
            return replace(wish, **{field: value})
    if priced and value is not None and figure.code == "N":
        return replace(wish, limit_price=value)
    return _sized(wish, figure)


def _sized(wish: Wish, figure: Token, *, counted: bool = False) -> Wish:
    bare = replace(wish, quantity=None, amount=None, portion=None)
    if figure.value is None:
        share = figure.said.rstrip("%")
        return replace(bare, portion=Decimal(share) / 100 if share.isdigit() else Decimal(1))
    money = figure.code == "M" or (wish.amount is not None and not counted)
    return replace(bare, **{"amount" if money else "quantity": figure.value})
