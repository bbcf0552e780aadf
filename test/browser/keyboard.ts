import type { Page } from 'playwright-core';
import { navigate } from './browser.ts';

/** What a keyboard's user sees of the element that has the focus. */
interface Focused {
  readonly name: string;
  /** From the top of the document, in CSS pixels. */
  readonly top: number;
  readonly bottom: number;
  readonly isOnScreen: boolean;
  readonly isMarked: boolean;
}

// Evaluated in the page. `undefined` while nothing has the focus.
const focusedSource = `(() => {
  const element = document.activeElement;
  if (!element || element === document.body) return undefined;
  const { top, bottom, left, right, width, height } = element.getBoundingClientRect();
  const { outlineStyle, boxShadow } = getComputedStyle(element);
  return {
    name: element.id || element.getAttribute('href') || element.textContent.trim() || element.tagName,
    top: top + scrollY,
    bottom: bottom + scrollY,
    isOnScreen: width > 1 && height > 1 && bottom > 0 && top < innerHeight && right > 0 && left < innerWidth,
    isMarked: outlineStyle !== 'none' || boxShadow !== 'none',
  };
})()`;

// What a keyboard must reach. Of the skip link the size is told only while it has the focus.
const controlsSource = `[...document.querySelectorAll('a[href], button, input, select, textarea, summary')]
  .filter((element) => !element.disabled && element.type !== 'hidden' && element.checkVisibility({ visibilityProperty: true }))
  .filter((element) => !element.closest('details:not([open])') || element.tagName === 'SUMMARY').length`;

// The next Tab leads to the first element.
const toTheStart = `document.body.tabIndex = -1, document.body.focus(), document.body.removeAttribute('tabindex')`;

// More than any page has.
const maxTabs = 120;

/** A visitor who has a keyboard and nothing else. */
export class Keyboard {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  focused(): Promise<Focused | undefined> {
    return this.#page.evaluate<Focused | undefined>(focusedSource);
  }

  /** Whether the element that has the focus is the one that `selector` finds. */
  isAt(selector: string): Promise<boolean> {
    return this.#page.evaluate<boolean>(`document.activeElement.matches(${JSON.stringify(selector)})`);
  }

  press(key: string): Promise<void> {
    return this.#page.keyboard.press(key);
  }

  type(text: string): Promise<void> {
    return this.#page.keyboard.insertText(text);
  }

  /** Presses Tab until the focus is on the element that `selector` finds. @throws Error if it is never there */
  async tabTo(selector: string): Promise<void> {
    for (let tabs = 0; tabs < maxTabs; tabs += 1) {
      await this.press('Tab');
      if (await this.isAt(selector)) return;
    }
    throw new Error(`${this.#page.url()}: Tab never reaches ${selector}`);
  }

  /** Goes on to a field and types into it. */
  async fill(selector: string, text: string): Promise<void> {
    await this.tabTo(selector);
    await this.type(text);
  }

  /** Presses a key that leads to another page: Enter, on a link, a button or in a field. */
  follow(key = 'Enter'): Promise<void> {
    return navigate(this.#page, () => this.press(key));
  }

  /**
   * Presses Tab from the first element of the page to the last, and returns what was wrong: an element without a mark or
   * beyond the screen, a step back up the page, a control that was not reached, or a trap.
   */
  async faults(): Promise<string[]> {
    const url = this.#page.url();
    const found: string[] = [];
    let first: Focused | undefined;
    let last: Focused | undefined;
    let reached = 0;
    await this.#page.evaluate(toTheStart);
    for (; reached < maxTabs; reached += 1) {
      await this.press('Tab');
      const focused = await this.focused();
      // After the last element comes the browser, or the first again.
      if (!focused || (first && focused.name === first.name && focused.top === first.top)) break;
      first ??= focused;
      if (!focused.isOnScreen) found.push(`${url}: ${focused.name} has the focus beyond the screen`);
      if (!focused.isMarked) found.push(`${url}: the focus on ${focused.name} cannot be seen`);
      if (last && focused.bottom < last.top) found.push(`${url}: from ${last.name} up to ${focused.name}`);
      last = focused;
    }
    const controls = await this.#page.evaluate<number>(controlsSource);
    if (reached === maxTabs) found.push(`${url}: Tab never leaves the page`);
    else if (reached < controls) found.push(`${url}: ${reached} of ${controls} controls are reached`);
    return found;
  }
}
