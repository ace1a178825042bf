// Whether a page can be read and used by everybody: by day, by night, and on a phone.
import AxeBuilder from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';

const PHONE = { width: 390, height: 844 };
const DESK = { width: 1280, height: 800 };

/** No violation of WCAG 2.0 to 2.2 A and AA nor of best practices in either colour scheme, and no sideways scroll at any width. */
export async function readsWell(page: Page, name: string): Promise<void> {
  for (const [colorScheme, viewport] of [['light', DESK], ['dark', DESK], ['light', PHONE]] as const) {
    await page.setViewportSize(viewport);
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    // however short: until a transition has had its frame, a button has one scheme's ink on the other's ground
    await page.waitForFunction(() => document.getAnimations().every(animation => animation.playState !== 'running'));
    // the letter's frame runs no scripts, so none can look into it
    const { violations } = await new AxeBuilder({ page }).setLegacyMode().exclude('iframe').analyze();
    const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(node => `${node.target.join(' ')} (${node.failureSummary?.split('\n')[1]?.trim()})`).join('; ')}`);
    expect.soft(found, `${name}, ${colorScheme}, ${viewport.width} px`).toEqual([]);
  }
  for (const width of [320, PHONE.width, 768, DESK.width]) {
    await page.setViewportSize({ width, height: PHONE.height });
    const whole = await page.evaluate(() => document.documentElement.scrollWidth);
    expect.soft(whole, `${name} scrolls sideways at ${width} px`).toBeLessThanOrEqual(width);
  }
  await page.setViewportSize(DESK);
}
