// What is done in place: with the keyboard alone, on a slow network, signed out in the middle, in several tabs and browsers.
import type { Page } from '@playwright/test';
import { expect, test } from '../support/check';
import { slow } from '../support/network';
import { endSession, scripted, signIn } from '../support/people';
import { readsWell } from '../support/reads';

const row = (page: Page, name: string) => page.getByRole('row', { name: new RegExp(name) });
const undo = (page: Page) => page.getByRole('button', { name: 'Undo' });
const chosen = (page: Page) => page.getByRole('group', { name: 'Selected invitations' });

test('with the keyboard alone', async ({ page, acme }) => {
  await acme.invites(acme.person('Grace Okafor'));
  await signIn(page, acme.owner);
  await scripted(page);
  await page.keyboard.press('j');
  await page.keyboard.press('x');
  await chosen(page).getByRole('button', { name: 'Revoke' }).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByText('Invitation to Grace Okafor revoked')).toBeVisible();
  await readsWell(page, 'an act that can be undone');
  await page.keyboard.press('z');
  await expect(page.getByText('The link works again.')).toBeVisible();
  await expect(row(page, 'Grace Okafor')).toContainText('Pending');
});

test('on a slow network one press is enough, and the page says that it works', async ({ page, acme }) => {
  await acme.invites(acme.person('Grace Okafor'));
  await signIn(page, acme.owner);
  await page.getByRole('link', { name: 'Grace Okafor' }).click();
  await scripted(page);
  await slow(page, 2_000);
  const calls: string[] = [];
  page.on('request', request => { if (request.url().includes('/fn/')) calls.push(request.url()); });
  await page.getByRole('button', { name: /^Resend/ }).dblclick();
  await expect(page.getByText('Resending…').filter({ visible: true })).toBeVisible();
  await expect(page.getByText('Resent. The earlier link no longer works')).toBeVisible();
  expect(calls).toHaveLength(1);
});

test('who is signed out in the middle is told, and nothing is done', async ({ page, acme, complaints }) => {
  await acme.invites(acme.person('Grace Okafor'));
  await signIn(page, acme.owner);
  await page.getByRole('link', { name: 'Grace Okafor' }).click();
  await scripted(page);
  await endSession(page);
  await page.getByRole('link', { name: 'Revoke' }).click();
  await expect(page.getByText('You are signed out.')).toBeVisible();
  await expect((await acme.opens(acme.person('Grace Okafor'))).getByText('Waiting for Grace')).toBeVisible();
  // the browser says of each refusal that it was one
  expect(complaints.filter(complaint => !/401/.test(complaint))).toEqual([]);
  complaints.length = 0;
});

test('two tabs and two browsers see what was done, and only one takes it back', async ({ page, acme, browser, server, extraHTTPHeaders, complaints }) => {
  await acme.invites(acme.person('Grace Okafor'));
  await signIn(page, acme.owner);
  const tab = await page.context().newPage();
  const elsewhere = await (await browser.newContext({ baseURL: server.url, extraHTTPHeaders: extraHTTPHeaders ?? {} })).newPage();
  const listening = [tab, elsewhere].map(other => other.waitForRequest(/\/feed$/));
  await tab.goto(acme.path('invitations'));
  await signIn(elsewhere, acme.owner);
  await Promise.all(listening);
  await page.getByRole('checkbox', { name: 'Select Grace Okafor' }).check();
  await chosen(page).getByRole('button', { name: 'Revoke' }).click();
  for (const other of [tab, elsewhere]) await expect(row(other, 'Grace Okafor')).toContainText('Revoked');
  await expect(undo(tab)).toHaveCount(0);
  await undo(page).click();
  for (const other of [page, tab, elsewhere]) await expect(row(other, 'Grace Okafor')).toContainText('Pending');
  expect(complaints).toEqual([]);
});
