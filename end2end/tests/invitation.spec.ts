// One invitation: what has happened to it, and what can be done.
import jsQR from 'jsqr';
import { PNG } from 'pngjs';
import { expect, test } from '../support/check';
import { accept, forgetSession, signIn } from '../support/people';

test('the timeline tells all that happened', async ({ page, acme }) => {
  const grace = acme.person('Grace Okafor');
  const url = await acme.invitesByMail(grace, { roles: ['Admin'], message: 'Come and do the plates with us.' });
  await signIn(page, acme.owner);
  await page.getByRole('link', { name: 'Grace Okafor' }).click();
  const timeline = page.getByRole('main').getByRole('list').first();
  await expect(timeline).toContainText('Waiting for Grace');
  await expect(timeline).toContainText('Ada Byrne invited Grace Okafor as Admin');
  await expect(timeline).toContainText('Email sent');
  await expect(page.getByRole('blockquote')).toContainText('Come and do the plates with us.');

  await forgetSession(page);
  await page.goto(url);
  await accept(page, grace, acme.name);
  await page.goto(acme.path('invitations'));
  await page.getByRole('link', { name: 'Grace Okafor' }).click();
  await expect(timeline).toContainText('Link opened');
  await expect(timeline).toContainText('Grace Okafor accepted');
  await expect(timeline).toContainText('Grace Okafor joined as Admin');
  await expect(timeline).not.toContainText('Waiting for');
});

test('resending makes a new link and voids the one before', async ({ page, acme }) => {
  const grace = acme.person('Grace Okafor');
  const url = await acme.invitesByMail(grace);
  await signIn(page, acme.owner);
  await page.getByRole('link', { name: 'Grace Okafor' }).click();
  await page.getByRole('button', { name: /^Resend/ }).click();
  await expect(page.getByRole('status').filter({ hasText: 'Resent. The earlier link no longer works' })).toContainText(`A new email goes to ${grace.address}.`);
  await expect(page.getByText('resent it; earlier links stopped working')).toBeVisible();
  expect(await acme.linkFor(grace)).not.toBe(url);
});

test('the offer is changed while it is open, and the link shows it as it is now', async ({ page, acme }) => {
  const grace = acme.person('Grace Okafor');
  const url = await acme.invitesByMail(grace);
  await signIn(page, acme.owner);
  await page.getByRole('link', { name: 'Grace Okafor' }).click();
  // scripts edit roles and end in place
  await page.goto(await page.getByRole('link', { name: 'Edit' }).getAttribute('href') ?? '');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Edit invitation to Grace Okafor');
  await page.getByRole('checkbox', { name: /^Member/ }).uncheck();
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('group', { name: 'Roles' })).toHaveAccessibleDescription(/Choose at least one role/);
  await page.getByRole('checkbox', { name: /^Admin/ }).check();
  await page.getByLabel('Personal message').fill('As admin, as we said.');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('The link stays the same, and shows what is offered now.')).toBeVisible();
  await expect(page.getByText('edited the invitation').first()).toBeVisible();

  await forgetSession(page);
  await page.goto(url);
  await expect(page.getByRole('definition').filter({ hasText: 'Admin' })).toBeVisible();
  await expect(page.getByRole('blockquote')).toContainText('As admin, as we said.');
});

test('revoking asks once, and names what will happen', async ({ page, acme }) => {
  const grace = acme.person('Grace Okafor');
  const url = await acme.invitesByMail(grace);
  await signIn(page, acme.owner);
  await page.getByRole('link', { name: 'Grace Okafor' }).click();
  // scripts do it in place, without a question
  const question = await page.getByRole('link', { name: 'Revoke' }).getAttribute('href') ?? '';
  await page.goto(question);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Revoke invitation to Grace Okafor?');
  await page.getByRole('link', { name: 'Cancel' }).click();
  await expect(page.getByText('Waiting for Grace')).toBeVisible();
  await page.goto(question);
  await page.getByRole('button', { name: 'Revoke' }).click();
  await expect(page.getByText('Invitation to Grace Okafor revoked')).toBeVisible();
  await expect(page.getByText('Ada Byrne revoked it; the link no longer works')).toBeVisible();
  await expect(page.getByRole('link', { name: 'Revoke' })).toHaveCount(0);
  await page.getByRole('link', { name: 'Invite again' }).click();
  await expect(page.getByLabel('Email addresses', { exact: true })).toHaveValue(grace.address);
  await forgetSession(page);
  await page.goto(url);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('This invitation was withdrawn');
});

test('whoever accepts first wins: a late revoke is told so and changes nothing', async ({ page, acme }) => {
  const grace = acme.person('Grace Okafor');
  const url = await acme.invitesByMail(grace);
  const desk = await acme.opens(grace);
  await desk.getByRole('link', { name: 'Revoke' }).click();
  await page.goto(url);
  await accept(page, grace, acme.name);
  await desk.getByRole('button', { name: 'Revoke' }).click();
  await expect(desk.getByText('Grace Okafor accepted this invitation before your change')).toBeVisible();
  await expect(desk.getByText('Nothing was changed.')).toBeVisible();
  await page.goto(acme.path('members'));
  await expect(page.getByRole('row', { name: /Grace Okafor/ })).toBeVisible();
});

test('the page of an invitation elsewhere is not there', async ({ page, acme, organization }) => {
  const brine = await organization('Brine & Sons');
  const grace = brine.person('Grace Okafor');
  await brine.invites(grace);
  const theirs = new URL((await brine.opens(grace)).url()).pathname.split('/').pop()!;
  await signIn(page, acme.owner);
  await page.goto(acme.path(`invitations/${theirs}`));
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('There is no such invitation');
  await expect(page.getByText('Grace')).toHaveCount(0);
});

test('a link is scanned from the screen, in either theme', async ({ page, acme }) => {
  const grace = acme.person('Grace Okafor');
  const url = await acme.handsLinkTo(grace);
  await signIn(page, acme.owner);
  await page.getByRole('link', { name: 'Grace Okafor' }).click();
  await page.getByText('Show QR code').click();
  const code = page.getByRole('img', { name: 'QR code of the link' });
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    const { data, width, height } = PNG.sync.read(await code.screenshot());
    expect(jsQR(new Uint8ClampedArray(data), width, height)?.data).toBe(url);
  }
});
