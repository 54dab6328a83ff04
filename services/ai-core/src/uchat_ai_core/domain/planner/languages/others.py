"""Languages that are recognised without being read: prices are told, the rest is said politely."""

# ruff: noqa: RUF001, E501 - words of other languages
import re
from typing import Final

from uchat_ai_core.domain.planner.symbols import ALIASES

READ: Final[dict[str, str]] = {
    "fr": "Je lis l'anglais, l'espagnol et l'allemand ; ici je réponds en anglais.",
    "it": "Leggo inglese, spagnolo e tedesco; qui rispondo in inglese.",
    "pt": "Leio inglês, espanhol e alemão; aqui respondo em inglês.",
    "nl": "Ik lees Engels, Spaans en Duits; hier antwoord ik in het Engels.",
    "pl": "Czytam po angielsku, hiszpańsku i niemiecku; tutaj odpowiadam po angielsku.",
    "tr": "İngilizce, İspanyolca ve Almanca okuyorum; burada İngilizce yanıt veriyorum.",
    "ru": "Я понимаю английский, испанский и немецкий; здесь отвечаю по-английски.",
    "zh": "我能读懂英语、西班牙语和德语；这里用英语回答。",
    "ja": "英語、スペイン語、ドイツ語を理解します。ここでは英語でお答えします。",
    "ko": "영어, 스페인어, 독일어를 이해합니다. 여기서는 영어로 답합니다.",
    "ar": "أفهم الإنجليزية والإسبانية والألمانية، وأجيب هنا بالإنجليزية.",
    "hi": "मैं अंग्रेज़ी, स्पेनिश और जर्मन समझता हूँ; यहाँ अंग्रेज़ी में उत्तर देता हूँ।",
    "el": "Καταλαβαίνω αγγλικά, ισπανικά και γερμανικά· εδώ απαντώ στα αγγλικά.",
}
"""What is said first in an answer to a message in such a language."""
_PRICE: Final = re.compile(
    r"\b(?:prix|cours|co[uû]te|prezzo|quanto|vale|pre[cç]o|custa|prijs|cena|kosztuje|fiyat\w*)\b|"
    r"цен\w*|стоит|курс|价格|多少钱|価格|いくら|値段|가격|얼마|سعر|कीमत|τιμή",
    re.IGNORECASE,
)
_GREETS: Final = re.compile(
    r"^\W*(?:bonjour|salut|bonsoir|ciao|buongiorno|buonasera|ol[aá]|bom dia|goedemorgen|cze[sś][cć]|"
    r"merhaba|привет|здравствуйте|你好|こんにちは|안녕하세요|مرحبا|नमस्ते|γεια)",
    re.IGNORECASE,
)
_NAMES: Final = {
    "биткоин": "BTC", "биткойн": "BTC", "эфир": "ETH", "эфириум": "ETH", "比特币": "BTC",
    "以太坊": "ETH", "ビットコイン": "BTC", "イーサリアム": "ETH", "비트코인": "BTC", "이더리움": "ETH",
    "بيتكوين": "BTC", "बिटकॉइन": "BTC",
}  # fmt: skip


def gist(text: str) -> str:
    """Return what such a message asks in English, as far as it is plain; else the message."""
    named = [symbol for name, symbol in _NAMES.items() if name in text.lower()]
    words = re.findall(r"[a-z0-9]+", text.lower())
    named += [ALIASES[word] for word in words if word in ALIASES]
    if named and _PRICE.search(text):
        return f"price of {', '.join(dict.fromkeys(named))}"
    return "hello" if not named and _GREETS.search(text) else text
