/** The browser's popovers, and the buttons that open them. */

export function opener(popover: HTMLElement): HTMLElement | null {
  return document.querySelector(`[popovertarget="${CSS.escape(popover.id)}"]`);
}

/** Puts a popover below its button, inside of the window. */
export function place(popover: HTMLElement): void {
  const button = opener(popover);
  if (!button) return;
  const { right, bottom, top } = button.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = popover;
  const below = bottom + height + 8 <= innerHeight || top < height;
  popover.style.setProperty("--sn-right", `${Math.max(8, Math.min(innerWidth - right, innerWidth - width - 8))}px`);
  popover.style.setProperty("--sn-top", `${below ? bottom + 4 : top - height - 4}px`);
}
