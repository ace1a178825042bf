// What is done to invitations is done at once, and for ten seconds whoever did it can take it back.
import type { Page } from '@playwright/test';
import { expect, test } from '../support/check';
import { anotherBrowser, forgetSession, signIn } from '../support/people';

const row = (page: Page, name: string) => page.getByRole('row', { name: new RegExp(name) });
const undo = (page: Page) => page.getByRole('button', { name: 'Undo' });
const chosen = (page: Page) => page.getByRole('group', { name: 'Selected invitations' });

test('a revoked invitation is open again, with the same link', async ({ page, acme, javaScriptEnabled, browser, server, extraHTTPHeaders }) => {
  const grace = acme.person('Grace Okafor');
  const url = await acme.invitesByMail(grace);
  await signIn(page, acme.owner);
  await page.getByRole('link', { name: 'Grace Okafor' }).click();
  await page.getByRole('link', { name: 'Revoke' }).click();
  if (javaScriptEnabled === false) await page.getByRole('button', { name: 'Revoke' }).click();
  await expect(page.getByText('Invitation to Grace Okafor revoked')).toBeVisible();
  await expect(page.getByText('Revoked').first()).toBeVisible();
  await undo(page).click();
  await expect(page.getByText('The link works again.')).toBeVisible();
  await expect(page.getByText('Waiting for Grace')).toBeVisible();
  const elsewhere = await anotherBrowser(browser, server.url, extraHTTPHeaders ?? {});
  await elsewhere.goto(url);
  await expect(elsewhere.getByRole('heading', { level: 1 })).toHaveText('Ada Byrne invites you to join Acme Press');
});

test('a resent invitation keeps its earlier link, and no second email is sent', async ({ page, acme, server }) => {
  const grace = acme.person('Grace Okafor');
  const url = await acme.invitesByMail(grace);
  await signIn(page, acme.owner);
  await page.getByRole('link', { name: 'Grace Okafor' }).click();
  await page.getByRole('button', { name: /^Resend/ }).click();
  await expect(page.getByText('Resent. The earlier link no longer works')).toBeVisible();
  await undo(page).click();
  await expect(page.getByText('The earlier link works again, and no new email is sent.')).toBeVisible();
  await forgetSession(page);
  await page.goto(url);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Ada Byrne invites you to join Acme Press');
  expect(server.mailbox.letters(grace.address)).toHaveLength(1);
});

test('several at once, in the list', async ({ page, acme, javaScriptEnabled }) => {
  const people = ['Grace Okafor', 'Alan Pemberton', 'Joan Whitlock'].map(name => acme.person(name));
  await acme.invites(people.map(person => `${person.name} <${person.address}>`).join('; '));
  await signIn(page, acme.owner);
  for (const name of ['Grace Okafor', 'Joan Whitlock']) await page.getByRole('checkbox', { name: `Select ${name}` }).check();
  await chosen(page).getByRole('button', { name: 'Revoke' }).click();
  if (javaScriptEnabled === false) await page.getByRole('button', { name: 'Revoke 2' }).click();
  await expect(page.getByText('2 invitations revoked')).toBeVisible();
  await expect(row(page, 'Grace Okafor')).toContainText('Revoked');
  await undo(page).click();
  await expect(page.getByText('2 invitations undone')).toBeVisible();
  await expect(row(page, 'Grace Okafor')).toContainText('Pending');
  await expect(row(page, 'Joan Whitlock')).toContainText('Pending');
});
