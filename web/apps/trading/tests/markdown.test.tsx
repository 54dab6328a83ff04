import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, test, vi } from "vitest";
import { Markdown } from "../src/markdown/Markdown";

vi.stubGlobal("window", { isSecureContext: false });

function html(text: string): string {
  const whole = renderToStaticMarkup(<Markdown text={text} />);
  return whole.replace(/^<div class="markdown">/, "").replace(/<\/div>$/, "");
}

describe("markdown", () => {
  test.each([
    ["**bold** and *soft*", "<p><strong>bold</strong> and <em>soft</em></p>"],
    ["`a < b`", "<p><code>a &lt; b</code></p>"],
    ["# Title", "<h3>Title</h3>"],
    ["- one\n- two", "<ul><li>one</li><li>two</li></ul>"],
    ["3. three\n4. four", '<ol start="3"><li>three</li><li>four</li></ol>'],
    ["> said", "<blockquote><p>said</p></blockquote>"],
    ["R&amp;D &lt;3", "<p>R&amp;D &lt;3</p>"],
    ["one\ntwo", "<p>one\ntwo</p>"],
  ])("renders %j", (text, wanted) => {
    expect(html(text)).toBe(wanted);
  });

  test("renders tables with their alignment", () => {
    expect(html("| a | b |\n| --- | ---: |\n| 1 | 2 |")).toContain('<td class="align-right">2</td>');
  });

  test("holds half a table back while more of it is to come", () => {
    const half = "Prices:\n\n| a | b |\n| --- |";
    expect(html(half)).toContain("| a | b |");
    const growing = renderToStaticMarkup(<Markdown text={half} growing />);
    expect(growing).toContain("Prices:");
    expect(growing).not.toContain("| a | b |");
  });

  test.each([
    "<script>alert(1)</script>",
    '<img src=x onerror="alert(1)">',
    "text <b onclick='x'>bold</b>",
    "<iframe src='https://evil.example'></iframe>",
  ])("shows markup as text: %s", (text) => {
    const found = html(text);
    expect(found).not.toMatch(/<(script|img|b|iframe)/);
    expect(found).toContain("&lt;");
  });

  test.each([
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](data:text/html,<script>alert(1)</script>)",
    "[x](vbscript:x)",
    "![x](javascript:alert(1))",
    "[x](/relative)",
    "<javascript:alert(1)>",
  ])("leads nowhere but to the web: %s", (text) => {
    expect(html(text)).not.toContain("<a");
  });

  test("opens links elsewhere, and images as links", () => {
    expect(html("[x](https://a.example/)")).toContain(
      '<a href="https://a.example/" target="_blank" rel="noopener noreferrer nofollow">x</a>',
    );
    expect(html("![chart](https://a.example/c.png)")).toContain(">chart</a>");
    expect(html("![chart](https://a.example/c.png)")).not.toContain("<img");
  });
});
