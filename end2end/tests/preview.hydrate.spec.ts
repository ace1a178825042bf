// The mail of an invite beside its form, before anything is sent.
import type { Locator, Page } from '@playwright/test';
import { expect, test } from '../support/check';
import { slow } from '../support/network';
import { endSession, signIn, type Organization } from '../support/people';
import { readsWell } from '../support/reads';

const box = (page: Page) => page.getByLabel('Email addresses', { exact: true });
const message = (page: Page) => page.getByLabel('Personal message');
const button = (page: Page) => page.getByRole('button', { name: 'Preview', exact: true });
const panel = (page: Page) => page.getByRole('region', { name: 'Preview', exact: true });
const letter = (page: Page) => page.frameLocator('iframe[name="mail-preview"]');
const close = (page: Page) => panel(page).getByRole('button', { name: 'Close' });
const choice = (page: Page, name: string) => panel(page).getByRole('radio', { name, exact: true });
const row = (page: Page, name: string) => panel(page).getByRole('definition').nth(['From', 'To', 'Subject', 'First words'].indexOf(name));
// it may be loading, and a value that was read meanwhile would be lost with the page
const hasGround = (of: Locator, colour: string) => expect(of).toHaveCSS('background-color', colour);

async function opens(page: Page, acme: Organization): Promise<void> {
  await signIn(page, acme.owner);
  await page.goto(acme.path('invitations/new'));
  // before the scripts run, the button opens another tab
  await message(page).fill('x'.repeat(1_950));
  await expect(page.getByText('50 characters left')).toBeVisible();
  await message(page).fill('');
}

test('the mail is shown as it will be sent, and follows what is filled in', async ({ page, acme, server }) => {
  await opens(page, acme);
  const grace = acme.person('Grace Okafor');
  await message(page).fill('Come & do the plates with us.');
  await button(page).click();
  await expect(panel(page)).toBeFocused();
  await expect(panel(page).getByRole('status')).toHaveText('No email address is entered yet, so this goes to someone made up.');
  await expect(row(page, 'To')).toHaveText('somebody@example.com');
  await expect(letter(page).getByText('Come & do the plates with us.')).toBeVisible();

  await box(page).fill(`${grace.name} <${grace.address}>`);
  await expect(row(page, 'To')).toHaveText(grace.address);
  await expect(row(page, 'Subject')).toHaveText('Ada Byrne invites you to join Acme Press');
  await expect(row(page, 'First words')).toHaveText(/^As Member\. The invitation is open until /);
  await expect(panel(page).getByRole('status')).toBeEmpty();
  await expect(letter(page).getByText('This is for you, Grace Okafor.')).toBeVisible();

  await page.getByRole('checkbox', { name: /^Admin/ }).check();
  await expect(letter(page).getByText('Admin and Member', { exact: true })).toBeVisible();
  await page.getByRole('radio', { name: 'Only create links' }).check();
  await expect(panel(page).getByRole('status')).toHaveText('This is not sent, because you chose to only create links.');
  await page.getByRole('radio', { name: 'Email the invitations' }).check();
  await readsWell(page, 'a mail previewed');

  await choice(page, 'Plain text').check();
  const text = panel(page).getByRole('region', { name: 'The mail as plain text' });
  await expect(text).toContainText('See the invitation:');
  const shown = await text.innerText();
  await readsWell(page, 'a mail previewed as text');
  await close(page).click();
  await expect(button(page)).toBeFocused();
  await page.getByRole('button', { name: /^Invite/ }).click();
  await expect(page.getByText('1 person invited')).toBeVisible();
  const sent = await server.mailbox.next(grace.address);
  const lines = (mail: string) => mail.split('\n').map(line => line.trim()).filter(line => line && !/\/i\/|UTC/.test(line));
  for (const line of lines(shown)) expect(sent.text).toContain(line);
});

test('light and dark, phone and desktop differ, whatever the system prefers', async ({ page, acme }) => {
  await opens(page, acme);
  await button(page).click();
  const body = letter(page).locator('body');
  await expect(body.getByRole('heading', { level: 1 })).toBeVisible();
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme });
    await choice(page, 'Dark').check();
    await hasGround(body, 'rgb(13, 17, 22)');
    await choice(page, 'Light').check();
    await hasGround(body, 'rgb(247, 246, 244)');
  }
  const width = () => body.evaluate(() => innerWidth);
  expect(await width()).toBe(375);
  await choice(page, 'Desktop').check();
  expect(await width()).toBeGreaterThanOrEqual(640);
  for (const size of [320, 390, 1024, 1920]) {
    await page.setViewportSize({ width: size, height: 844 });
    expect(await width(), `${size} px`).toBeGreaterThanOrEqual(size === 320 ? 600 : 640);
  }
  await readsWell(page, 'a mail previewed as on a desktop');
});

test('the button of the letter leads to a page that says what it is', async ({ page, acme }) => {
  await opens(page, acme);
  await button(page).click();
  const opened = page.context().waitForEvent('page');
  await letter(page).getByRole('link', { name: 'See the invitation' }).click();
  await expect((await opened).getByRole('heading', { level: 1 })).toHaveText('This was only a preview');
});

test('with the keyboard alone', async ({ page, acme }) => {
  await opens(page, acme);
  await box(page).focus();
  await page.keyboard.type('grace@example.com');
  await button(page).focus();
  await page.keyboard.press('Enter');
  await expect(panel(page)).toBeFocused();
  await expect(row(page, 'To')).toHaveText('grace@example.com');
  await page.keyboard.press('Tab');
  await expect(close(page)).toBeFocused();
  await page.keyboard.press('Tab');
  for (const name of ['Phone', 'Desktop', 'Plain text']) {
    await expect(choice(page, name)).toBeFocused();
    await expect(choice(page, name)).toBeChecked();
    if (name !== 'Plain text') await page.keyboard.press('ArrowRight');
  }
  await page.keyboard.press('Tab');
  await expect(choice(page, 'Light')).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(panel(page).getByRole('region', { name: 'The mail as plain text' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(panel(page)).toBeHidden();
  await expect(button(page)).toBeFocused();

  // whoever types goes on typing
  await page.keyboard.press('Enter');
  await expect(panel(page)).toBeFocused();
  await message(page).focus();
  await page.keyboard.press('Escape');
  await expect(panel(page)).toBeHidden();
  await expect(message(page)).toBeFocused();
});

test('the frame adds nothing to the history of the tab', async ({ page, acme }) => {
  await opens(page, acme);
  const before = await page.evaluate(() => history.length);
  await button(page).click();
  for (const word of ['One', 'Two', 'Three']) {
    await message(page).fill(word);
    await expect(letter(page).getByText(word)).toBeVisible();
  }
  expect(await page.evaluate(() => history.length)).toBe(before);
});

test('on a slow network the last answer counts, and inviting does not wait', async ({ page, acme }) => {
  await opens(page, acme);
  await slow(page);
  await box(page).fill(`grace@${acme.slug}.example`);
  await button(page).click();
  await expect(panel(page).getByRole('status')).toHaveText('One moment…');
  await message(page).fill('One');
  await page.waitForRequest(/fn\/invitations\/preview/);
  await message(page).fill('Two');
  await expect(letter(page).getByText('Two')).toBeVisible({ timeout: 20_000 });
  await message(page).fill('Three');
  await page.getByRole('button', { name: /^Invite/ }).click();
  await expect(page.getByText('1 person invited')).toBeVisible({ timeout: 20_000 });
});

test('what can’t be sent is said, and the last mail stays', async ({ page, acme, complaints }) => {
  await opens(page, acme);
  await button(page).click();
  await expect(row(page, 'To')).toHaveText('somebody@example.com');
  await message(page).fill('See https://evil.example');
  await expect(panel(page).getByRole('status')).toHaveText(/^This can’t be sent as it is\. In its first week/);
  await expect(row(page, 'To')).toHaveText('somebody@example.com');
  await message(page).fill('See you');
  await expect(letter(page).getByText('See you')).toBeVisible();
  await expect(panel(page).getByRole('status')).toHaveText(/^No email address/);
  // the browser says of each refusal that it was one
  expect(complaints.filter(complaint => !/422/.test(complaint))).toEqual([]);
  complaints.length = 0;
});

test('who is signed out in the middle is told, and loses nothing', async ({ page, acme, complaints }) => {
  await opens(page, acme);
  await button(page).click();
  await expect(row(page, 'To')).toHaveText('somebody@example.com');
  const other = await page.context().newPage();
  await other.goto(acme.path('invitations'));
  await endSession(other);
  await message(page).fill('Come and do the plates.');
  await expect(panel(page).getByRole('status')).toContainText('You are signed out.');
  const opened = page.context().waitForEvent('page');
  await panel(page).getByRole('link', { name: 'Sign in in a new tab' }).click();
  await signIn(await opened, acme.owner);
  await message(page).press('End');
  await message(page).pressSequentially('!');
  await expect(letter(page).getByText('Come and do the plates.!')).toBeVisible();
  // the browser says of each refusal that it was one
  expect(complaints.filter(complaint => !/401/.test(complaint))).toEqual([]);
  complaints.length = 0;
});
