// The form of an invite says what would come of each address before anything is sent.
import type { Page } from '@playwright/test';
import { expect, test } from '../support/check';
import { slow } from '../support/network';
import { anotherBrowser, endSession, signIn, type Organization } from '../support/people';
import { readsWell } from '../support/reads';

const box = (page: Page) => page.getByLabel('Email addresses', { exact: true });
const button = (page: Page) => page.getByRole('button', { name: /^Invite/ });
const summary = (page: Page, words: string | RegExp) => page.getByRole('status').filter({ hasText: words });
const note = (page: Page, address: string) => page.getByRole('list', { name: 'Addresses to look at' }).getByRole('listitem').filter({ hasText: address });

async function opens(page: Page, acme: Organization): Promise<void> {
  await signIn(page, acme.owner);
  await page.goto(acme.path('invitations/new'));
}

test('each address says what would come of it, and the button whom it invites', async ({ page, acme }) => {
  await acme.invites(acme.person('Grace Okafor'));
  await opens(page, acme);
  const at = `${acme.slug}.example`;
  await box(page).fill(`joan@${at}; lee@${at}\ngrace@${at}\n${acme.owner.address}\nkim@gmial.com\nJOAN@${at}\nludmila@example,org`);
  await expect(summary(page, '2 ready, 2 to check, 3 left out')).toBeVisible();
  await expect(button(page)).toHaveText(/^Invite 3 people/);
  await expect(note(page, `grace@${at}`)).toContainText(/Already invited by .Ada Byrne. \(7 days left\)\./);
  await expect(note(page, acme.owner.address)).toContainText('Already a member (Owner).');
  await expect(note(page, `JOAN@${at}`)).toContainText('Written twice; invited once.');
  await expect(note(page, 'ludmila@example,org')).toContainText('There is a comma after the @.');
  await readsWell(page, 'recipients looked up');

  await page.getByRole('button', { name: 'Use kim@gmail.com' }).click();
  await expect(box(page)).toHaveValue(/kim@gmail\.com/);
  await expect(summary(page, '3 ready, 1 to check, 3 left out')).toBeVisible();

  await box(page).fill('');
  await expect(summary(page, /ready/)).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Invite', exact: true })).toBeVisible();
});

test('with the keyboard alone', async ({ page, acme }) => {
  await opens(page, acme);
  await box(page).focus();
  await page.keyboard.type('kim@gmial.com');
  await expect(summary(page, '0 ready, 1 to check')).toBeVisible();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: 'Use kim@gmail.com' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(box(page)).toHaveValue('kim@gmail.com');
  await expect(summary(page, '1 ready')).toBeVisible();
  await box(page).focus();
  await page.keyboard.press('Control+Enter');
  await expect(page.getByText('1 person invited')).toBeVisible();
});

test('on a slow network the last answer counts, and nobody has to wait for one', async ({ page, acme }) => {
  const grace = acme.person('Grace Okafor');
  await acme.invites(grace);
  await opens(page, acme);
  await slow(page);
  await box(page).fill(grace.address);
  await page.waitForRequest(/look_up/);
  await box(page).fill(`joan@${acme.slug}.example`);
  await expect(summary(page, '1 ready')).toBeVisible();
  await expect(note(page, grace.address)).toHaveCount(0);
  await box(page).fill(`lee@${acme.slug}.example`);
  await button(page).click();
  await expect(page.getByText('1 person invited')).toBeVisible({ timeout: 20_000 });
});

test('who is signed out in the middle is told, and loses nothing', async ({ page, acme, complaints }) => {
  await opens(page, acme);
  const other = await page.context().newPage();
  await other.goto(acme.path('invitations'));
  await endSession(other);
  const typed = `joan@${acme.slug}.example`;
  await box(page).fill(typed);
  await expect(summary(page, 'You are signed out.')).toBeVisible();
  const opened = page.context().waitForEvent('page');
  await page.getByRole('link', { name: 'Sign in in a new tab' }).click();
  await signIn(await opened, acme.owner);
  await expect(box(page)).toHaveValue(typed);
  await box(page).fill(`${typed}\nlee@${acme.slug}.example`);
  await expect(summary(page, '2 ready')).toBeVisible();
  await button(page).click();
  await expect(page.getByText('2 people invited')).toBeVisible();
  // the browser says of each refusal that it was one
  expect(complaints.filter(complaint => !/401/.test(complaint))).toEqual([]);
  complaints.length = 0;
});

test('without an answer the form still invites', async ({ page, acme, complaints }) => {
  await opens(page, acme);
  await page.route(/look_up/, route => route.abort());
  await box(page).fill(`joan@${acme.slug}.example`);
  await expect(summary(page, 'No response. Check your connection, then try again.')).toBeVisible();
  await expect(button(page)).toHaveText(/^Invite 1 person/);
  await button(page).click();
  await expect(page.getByText('1 person invited')).toBeVisible();
  complaints.length = 0;
});

test('what another tab and another browser have invited is known', async ({ page, acme, browser, server, extraHTTPHeaders }) => {
  await opens(page, acme);
  const [tab, elsewhere] = [await page.context().newPage(), await anotherBrowser(browser, server.url, extraHTTPHeaders ?? {})];
  await signIn(elsewhere, acme.owner);
  for (const [other, name] of [[tab, 'joan'], [elsewhere, 'lee']] as const) {
    await other.goto(acme.path('invitations/new'));
    await box(other).fill(`${name}@${acme.slug}.example`);
    await button(other).click();
    await expect(other.getByText('1 person invited')).toBeVisible();
  }
  await box(page).fill(`joan@${acme.slug}.example, lee@${acme.slug}.example`);
  await expect(summary(page, '0 ready, 2 left out')).toBeVisible();
});
