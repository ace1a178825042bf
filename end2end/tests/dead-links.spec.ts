// A dead link is a page: what happened in plain words, before anything is typed, and the next step.
import { Program } from '../support/api';
import { expect, test } from '../support/check';
import { link } from '../support/mailbox';
import { accept, anotherBrowser } from '../support/people';

const moment = String.raw`[A-Z][a-z]+, \d{1,2} [A-Z][a-z]+, \d{2}:\d{2} UTC \((?:just now|\d+ minutes? ago)\)`;
const day = String.raw`\d{1,2} [A-Z][a-z]+`;

test('revoked: it was withdrawn, and when', async ({ page, acme }) => {
  const grace = acme.person('Grace Okafor');
  const url = await acme.invitesByMail(grace);
  await acme.revokes(grace);
  await page.goto(url);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('This invitation was withdrawn');
  await expect(page.getByText(new RegExp(`^Acme Press took it back on ${day}, before it was accepted\\. You have nothing to undo\\.$`))).toBeVisible();
  await expect(page.getByText('Ada Byrne')).toBeVisible();
  await expect(page.getByText(grace.address)).toHaveCount(0);
  await expect(page.getByLabel('Choose a password')).toHaveCount(0);
});

test('expired: until when it was open, and another can be asked for', async ({ page, acme, server }) => {
  const grace = acme.person('Grace Okafor');
  const program = await Program.of(acme);
  // nothing outside the server can move its clock, so this one is open for a moment only
  await program.call('POST', '/invitations', { email: grace.address, name: grace.name, expires_at: new Date(Date.now() + 3_000) });
  const url = link(await server.mailbox.next(grace.address), '/i/');
  await expect(async () => {
    await page.goto(url);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('This invitation has expired', { timeout: 500 });
  }).toPass();
  const sentence = 'You can ask for a new one. It is sent only to the invited address.';
  await expect(page.getByText(new RegExp(`^It was open until ${moment}\\. ${sentence}$`))).toBeVisible();
  await expect(page.getByText(grace.address)).toHaveCount(0);
  await page.getByRole('button', { name: 'Ask for a new invitation' }).click();
  await expect(page.getByText('If this invitation can be renewed, we’ve sent a new email to the invited address.')).toBeVisible();
  await page.goto(link(await server.mailbox.next(grace.address), '/i/'));
  await accept(page, grace, acme.name);
});

test('replaced: a newer mail has the link, and another can be asked for', async ({ page, acme, server }) => {
  const grace = acme.person('Grace Okafor');
  const url = await acme.invitesByMail(grace);
  await acme.resends(grace);
  const newer = await acme.linkFor(grace);
  expect(newer).not.toBe(url);

  await page.goto(url);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('A newer email has replaced this link');
  await expect(page.getByText(new RegExp(`^Look for the one sent on ${moment}, or ask for another\\.$`))).toBeVisible();
  await page.getByRole('button', { name: 'Ask for a new invitation' }).click();
  await expect(page.getByText('If this invitation can be renewed, we’ve sent a new email to the invited address.')).toBeVisible();

  // the same offer once more, to the invited address and to no other: who asked may be a stranger
  const again = await acme.linkFor(grace);
  expect(server.mailbox.letters(acme.owner.address)).toEqual([]);
  await page.goto(again);
  await accept(page, grace, acme.name);
});

test('accepted: sign in to go on', async ({ page, acme, browser, extraHTTPHeaders, server }) => {
  const grace = acme.person('Grace Okafor');
  const url = await acme.invitesByMail(grace);
  const elsewhere = await anotherBrowser(browser, server.url, extraHTTPHeaders ?? {});
  await elsewhere.goto(url);
  await accept(elsewhere, grace, acme.name);

  await page.goto(url);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('This invitation has been accepted');
  await expect(page.getByText('Sign in to continue.')).toBeVisible();
  await page.getByRole('link', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Sign in to Vestibule');
});

test('declined: and what to do if that was a mistake', async ({ page, acme }) => {
  const grace = acme.person('Grace Okafor');
  const url = await acme.invitesByMail(grace);
  await page.goto(url);
  await page.getByRole('link', { name: 'Decline the invitation' }).click();
  await page.getByRole('button', { name: 'Decline' }).click();
  await page.goto(url);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('This invitation was declined');
  await expect(page.getByText(new RegExp(`^That was on ${day}\\. If it was a mistake, ask Ada Byrne to invite you again\\.$`))).toBeVisible();
});

test('unknown: cut short, altered, or never made', async ({ page, acme }) => {
  const url = await acme.invitesByMail(acme.person('Grace Okafor'));
  for (const wrong of [url.slice(0, -5), `${url}x`, `${url.slice(0, -1)}${url.endsWith('A') ? 'B' : 'A'}`, '/i/never-made']) {
    await page.goto(wrong);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('This link leads nowhere');
    await expect(page.getByText('Part of it may be missing: copy the whole line from the mail, or open the mail again.')).toBeVisible();
  }
});

test('withdrawn while its page is open: the answer is not taken', async ({ page, acme }) => {
  const grace = acme.person('Grace Okafor');
  await page.goto(await acme.invitesByMail(grace));
  await expect(page.getByLabel('Choose a password')).toBeVisible();
  await acme.revokes(grace);
  await page.getByLabel('Choose a password').fill('hedgerow lantern oyster bramble');
  await page.getByRole('button', { name: 'Join Acme Press' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('This invitation was withdrawn');
});

test('without an opened link there is nothing to answer', async ({ page }) => {
  await page.goto('/accept');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Open the link from your mail again');
});
