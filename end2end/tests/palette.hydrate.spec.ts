// The search palette: with the mouse, with the keyboard alone, on a slow network, signed out in the middle, and offline.
import type { Page } from '@playwright/test';
import { expect, test } from '../support/check';
import { slow } from '../support/network';
import { endSession, scripted, signIn, type Organization } from '../support/people';
import { readsWell } from '../support/reads';

const palette = (page: Page) => page.getByRole('dialog', { name: 'Search' });
const field = (page: Page) => palette(page).getByRole('combobox');
const result = (page: Page, name: string | RegExp) => palette(page).getByRole('option', { name });
const chosen = (page: Page) => palette(page).getByRole('option', { selected: true });
/** What it says of the search. */
const says = (page: Page, words: string) => expect(palette(page).getByRole('status')).toHaveText(words, { useInnerText: true });

async function opens(page: Page, acme: Organization): Promise<void> {
  await signIn(page, acme.owner);
  await page.goto(acme.path('members'));
  await scripted(page);
}

test('with the mouse', async ({ page, acme }) => {
  await acme.invites(acme.person('Grace Okafor'));
  await opens(page, acme);
  await page.getByRole('link', { name: 'Search' }).click();
  await expect(field(page)).toBeFocused();
  await expect(result(page, 'Audit log')).toBeVisible();
  await readsWell(page, 'the palette, empty');
  await field(page).fill('okafor');
  await says(page, '1 result');
  await expect(palette(page).getByRole('group', { name: 'Invitations' })).toContainText('Pending, 7 days left');
  await readsWell(page, 'the palette, with results');
  await field(page).fill('nobody at all');
  await says(page, 'Nothing found for “nobody at all”. Try a part of a name or of an address.');
  await readsWell(page, 'the palette, nothing found');
  await page.mouse.click(5, 700);
  await expect(palette(page)).toBeHidden();
  await page.getByRole('link', { name: 'Search' }).click();
  await expect(field(page)).toHaveValue('');
  await field(page).fill('grace');
  await result(page, /Grace Okafor/).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Grace Okafor' })).toBeVisible();
});

test('with the keyboard alone', async ({ page, acme }) => {
  await opens(page, acme);
  const box = page.getByRole('searchbox');
  await box.focus();
  await page.keyboard.press('Control+k');
  await expect(field(page)).toBeFocused();
  await expect(chosen(page)).toHaveText(/Invitations/);
  await expect(field(page)).toHaveAttribute('aria-activedescendant', 'palette-0');
  await page.keyboard.press('ArrowUp');
  await expect(chosen(page)).toHaveText(/Leave the organization/);
  await expect(chosen(page)).toBeInViewport();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await expect(chosen(page)).toHaveText(/Members/);
  await page.keyboard.press('End');
  await expect(chosen(page)).toHaveText(/Leave the organization/);
  await page.keyboard.press('Home');
  await expect(chosen(page)).toHaveText(/Invitations/);
  // single letters are typed, and not shortcuts
  await page.keyboard.type('in?');
  await expect(field(page)).toHaveValue('in?');
  await page.keyboard.press('Escape');
  await expect(palette(page)).toBeHidden();
  await expect(box).toBeFocused();
  // and once more
  await page.keyboard.press('Meta+k');
  await expect(field(page)).toHaveValue('');
  await page.keyboard.type('audit');
  await says(page, '1 result');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: 'Audit log' })).toBeVisible();
});

test('an address that nobody has is invited', async ({ page, acme }) => {
  await opens(page, acme);
  await page.keyboard.press('Control+k');
  await page.keyboard.type(`kim@${acme.slug}.example`);
  await expect(chosen(page)).toHaveText(new RegExp(`Invite kim@${acme.slug}.example`));
  await page.keyboard.press('Enter');
  await expect(page.getByLabel('Email addresses', { exact: true })).toHaveValue(`kim@${acme.slug}.example`);
});

test('on a slow network it says that it searches, and the last answer counts', async ({ page, acme }) => {
  await opens(page, acme);
  await slow(page, 1_000);
  await page.keyboard.press('Control+k');
  await says(page, 'Searching…');
  await field(page).fill('audit');
  await page.waitForRequest(/search\/find/);
  await field(page).fill('settings');
  await expect(chosen(page)).toHaveText(/Settings/);
  await says(page, '1 result');
  await expect(result(page, 'Audit log')).toHaveCount(0);
  // who doesn't wait gets the page with the same results
  await field(page).fill('outbox');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/search\?q=outbox$/);
  await expect(page.getByRole('main').getByRole('link', { name: 'Outbox' })).toBeVisible({ timeout: 20_000 });
});

test('who is signed out in the middle is told, and goes on after signing in', async ({ page, acme, complaints }) => {
  await opens(page, acme);
  await page.keyboard.press('Control+k');
  await expect(result(page, 'Settings')).toBeVisible();
  await endSession(page);
  await field(page).fill('settings');
  await says(page, 'You are signed out. Sign in in a new tab, then go on here. Nothing on this page is lost.');
  await readsWell(page, 'the palette, signed out');
  const opened = page.context().waitForEvent('page');
  await page.getByRole('link', { name: 'Sign in in a new tab' }).click();
  await signIn(await opened, acme.owner);
  await field(page).fill('setting');
  await expect(chosen(page)).toHaveText(/Settings/);
  // the browser says of each refusal that it was one
  expect(complaints.filter(complaint => !/401/.test(complaint))).toEqual([]);
  complaints.length = 0;
});

test('without an answer it says so, and the page still searches', async ({ page, acme, complaints }) => {
  await opens(page, acme);
  await page.route(/search\/find/, route => route.abort());
  await page.keyboard.press('Control+k');
  await field(page).fill('settings');
  await says(page, 'No response. Check your connection, then try again.');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/search\?q=settings$/);
  complaints.length = 0;
});

test('on a phone it opens from the menu, and the focus returns there', async ({ page, acme }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await opens(page, acme);
  const menu = page.locator('summary').filter({ hasText: /^Menu$/ });
  await menu.click();
  await page.getByRole('link', { name: 'Search' }).click();
  await expect(field(page)).toBeFocused();
  await palette(page).getByRole('button', { name: 'Close' }).click();
  await expect(palette(page)).toBeHidden();
  await expect(menu).toBeFocused();
});
