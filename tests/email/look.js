/**
 * What is to be seen of an email. It runs in the page, so it holds all that it uses; and it is JavaScript because the
 * types of a page and those of Deno do not go together.
 *
 * @returns {import("./email.test.ts").Seen}
 */
export function look() {
  const colour = (css) => {
    const [red = 0, green = 0, blue = 0, alpha = 1] = css.match(/[\d.]+/g).map(Number);
    return alpha === 0 ? undefined : [red, green, blue];
  };
  // WCAG 2.2, relative luminance and contrast ratio.
  const luminance = (colour) => {
    const [red, green, blue] = colour.map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const background = (element) =>
    element ? colour(getComputedStyle(element).backgroundColor) ?? background(element.parentElement) : [255, 255, 255];
  const contrast = (element) => {
    const lights = [colour(getComputedStyle(element).color), background(element)].map(luminance);
    return (Math.max(...lights) + 0.05) / (Math.min(...lights) + 0.05);
  };

  const texts = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim();
    const element = walker.currentNode.parentElement;
    if (!text || element.getClientRects().length === 0) continue;
    texts.push({ text, contrast: contrast(element), size: parseFloat(getComputedStyle(element).fontSize) });
  }

  /** Whether the words stand from left to right and from top to bottom, in the order of the text. */
  const isInOrder = (element) => {
    const node = element.firstChild;
    const places = [...node.textContent.matchAll(/\S+/g)].map(({ 0: word, index }) => {
      const range = document.createRange();
      range.setStart(node, index);
      range.setEnd(node, index + word.length);
      const first = range.getClientRects()[0];
      return { left: first.left, top: first.top };
    });
    return places.every((place, index) => {
      const before = places[index - 1];
      return !before || place.top > before.top + 5 ||
        (Math.abs(place.top - before.top) <= 5 && place.left > before.left);
    });
  };

  const sentence = document.querySelector("h1");
  const quote = document.querySelector("blockquote");
  const button = document.querySelector("a.button");
  const photo = document.querySelector("img");
  return {
    language: document.documentElement.lang,
    title: document.title,
    sentence: sentence.innerText,
    sentenceIsInOrder: isInOrder(sentence),
    quote: quote?.innerText,
    quoteDirection: quote ? getComputedStyle(quote).direction : undefined,
    hasRun: "pwned" in globalThis,
    preview: document.querySelector("div > div").innerText,
    photo: photo && {
      address: photo.src,
      alternative: photo.alt,
      isDrawn: photo.naturalWidth > 0,
      width: photo.getBoundingClientRect().width,
      height: photo.getBoundingClientRect().height,
    },
    elements: [...document.querySelectorAll("*")].map((element) =>
      [
        element.localName,
        ...[...element.attributes].map(({ name, value }) =>
          ["href", "src", "alt"].includes(name) ? name : `${name}=${value}`
        ),
      ]
        .join(" ")
    ),
    texts,
    pageWidth: document.documentElement.scrollWidth,
    rightmost: Math.max(...[...document.querySelectorAll("body *")].map((each) => each.getBoundingClientRect().right)),
    cardWidth: document.querySelector(".card").getBoundingClientRect().width,
    isDark: luminance(background(document.body)) < 0.1,
    buttonHeight: button.getBoundingClientRect().height,
    links: [...document.querySelectorAll("a")].map((link) => link.getAttribute("href")),
  };
}
