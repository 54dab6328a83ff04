/** Figures as people read them. They come as decimal strings and are never rounded before. */

const MINUS = "−";

type Figure = string | null | undefined;

const cache = new Map<string, Intl.NumberFormat>();

function formatter(least: number, most: number): Intl.NumberFormat {
  const key = `${least} ${most}`;
  let known = cache.get(key);
  if (known === undefined) {
    // As the answers write figures: two ways on one page would be read as two different amounts.
    known = new Intl.NumberFormat("en", {
      minimumFractionDigits: least,
      maximumFractionDigits: most,
    });
    cache.set(key, known);
  }
  return known;
}

/** A decimal string with so many decimals; decimals beyond a float's precision survive. */
export function decimals(value: string, least: number, most = least): string {
  return formatter(least, most).format(value as Intl.StringNumericLiteral).replace("-", MINUS);
}

/** An amount of money: two decimals; an amount below one cent is not shown as nothing. */
export function money(value: Figure, currency = ""): string {
  if (!isFigure(value)) return "–";
  const small = Math.abs(Number(value)) < 0.01 && Number(value) !== 0;
  const text = small ? decimals(value, 2, 6) : decimals(value, 2);
  return currency === "" ? text : `${text} ${currency}`;
}

/** A price: as many decimals as the size of it needs. */
export function price(value: Figure): string {
  if (!isFigure(value)) return "–";
  const size = Math.abs(Number(value));
  if (size >= 100) return decimals(value, 2);
  return size >= 1 ? decimals(value, 2, 4) : decimals(value, 2, 8);
}

/** Units of an asset, without zeros at the end. */
export function quantity(value: Figure): string {
  return isFigure(value) ? decimals(value, 0, 8) : "–";
}

/** With its sign, also when it is a gain. */
export function signed(value: Figure): string {
  if (!isFigure(value)) return "–";
  return Number(value) > 0 ? `+${money(value)}` : money(value);
}

/** Percent with its sign; `value` is in percent already. */
export function signedPercent(value: Figure): string {
  if (!isFigure(value)) return "–";
  const text = decimals(value, 2);
  return Number(value) > 0 ? `+${text} %` : `${text} %`;
}

/** A part of a whole, 0 to 1, in percent. */
export function share(value: Figure): string {
  return isFigure(value) ? `${decimals(String(Number(value) * 100), 1)} %` : "–";
}

/** What became of `now - change`, in percent. */
export function changePercent(now: Figure, change: Figure): string | null {
  if (!isFigure(now) || !isFigure(change)) return null;
  const before = Number(now) - Number(change);
  return before > 0 ? String((Number(change) / before) * 100) : null;
}

/** The same text with figures as a sheet reads them: a hyphen for the minus. */
export function plainFigures(text: string): string {
  return text.replaceAll(/\u2212(?=\d)/g, "-");
}

export type Trend = "up" | "down" | "flat";

export function trendOf(value: Figure): Trend {
  const number = Number(value ?? 0);
  if (!(Math.abs(number) > 0)) return "flat";
  return number > 0 ? "up" : "down";
}

function isFigure(value: Figure): value is string {
  return value !== null && value !== undefined && value !== "" && Number.isFinite(Number(value));
}
