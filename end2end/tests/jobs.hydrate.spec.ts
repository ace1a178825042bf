// All that match are resent or revoked in the background: the person follows it from page to page, and cancels it.
import type { Page } from '@playwright/test';
import { expect, test } from '../support/check';
import { scripted, signIn } from '../support/people';
import { readsWell } from '../support/reads';

const job = (page: Page) => page.locator('.job');
/** So many addresses, one a line. */
const people = (count: number, kind: string, slug: string) => Array.from({ length: count }, (_, n) => `${kind}${n}@${slug}.example`).join('\n');

test('a job follows from page to page and is cancelled with the keyboard', async ({ page, acme }) => {
  // so many that the rest waits for the limit on sending
  for (const kind of ['one', 'two']) await acme.invites(people(300, kind, acme.slug));
  await signIn(page, acme.owner);
  await page.getByRole('link', { name: 'Resend all that match' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Resend all 600 invitations that match?');
  await readsWell(page, 'resending all');
  await page.getByRole('button', { name: 'Resend 600 invitations' }).click();
  await scripted(page);
  await expect(job(page)).toContainText('The rest waits until more emails can be sent');
  await page.goto(acme.path('members'));
  await expect(job(page)).toContainText('Resending 600 invitations');
  await readsWell(page, 'a job that waits');
  await scripted(page);
  await page.getByRole('button', { name: /^Cancel: Resending/ }).focus();
  await page.keyboard.press('Enter');
  await expect(job(page)).toContainText('You cancelled the rest.');
  await readsWell(page, 'a job that is over');
  await page.getByRole('button', { name: /^Dismiss/ }).focus();
  await page.keyboard.press('Enter');
  await expect(job(page)).toHaveCount(0);
  await page.goto(acme.path('outbox'));
  await expect(job(page)).toHaveCount(0);
});

test('the end of a job is said without loading the page, and nothing is asked afterwards', async ({ page, acme }) => {
  await acme.invites(people(400, 'one', acme.slug));
  await signIn(page, acme.owner);
  await page.goto(acme.path('invitations/matching?act=revoke'));
  const calls: string[] = [];
  page.on('request', request => { if (request.url().includes('/fn/')) calls.push(request.url()); });
  await page.getByRole('button', { name: 'Revoke 400 invitations' }).click();
  await expect(job(page)).toContainText('400 invitations revoked');
  await expect(page.getByRole('link', { name: /^Revoked/ }).first()).toContainText('400');
  const asked = calls.length;
  await page.goto(acme.path('members'));
  await scripted(page);
  await expect(job(page)).toContainText('400 invitations revoked');
  expect(calls).toHaveLength(asked);
});
