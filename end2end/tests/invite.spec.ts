// Inviting one person or many, from whatever was pasted.
import type { Page } from '@playwright/test';
import { expect, test } from '../support/check';
import { link } from '../support/mailbox';
import { forgetSession, signIn } from '../support/people';

/** The line about one address, in just these letters, among the results. */
const result = (page: Page, address: string) =>
  page.getByRole('status').filter({ has: page.getByRole('heading', { name: 'Results' }) }).getByRole('listitem').filter({ hasText: new RegExp(`: ${address.replace(/[.+]/g, '\\$&')}`) });

test('many addresses at once, in any shape that people paste', async ({ page, acme, server }) => {
  const at = `${acme.slug}.example`;
  await signIn(page, acme.owner);
  await page.getByRole('link', { name: 'Invite people' }).first().click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Invite people');
  await page.getByLabel('Email addresses', { exact: true }).fill(
    `Grace Okafor <grace@${at}>; "Herrera, Tomás" <tomas@${at}>,\n  MEI-LING@${at} \nalan@${at}, joan@${at}\n\nzoe@bücher.${at}`,
  );
  await page.getByRole('button', { name: /^Invite/ }).click();
  await expect(page).toHaveURL(acme.path('invitations'));
  await expect(page.getByRole('status').filter({ hasText: '6 people invited' })).toContainText('The emails are on their way.');
  await expect(page.getByRole('row', { name: /Herrera, Tomás/ })).toContainText(`tomas@${at}`);
  await expect(page.getByRole('row', { name: /Grace Okafor/ })).toContainText('Pending');
  for (const name of ['grace', 'tomas', 'alan', 'joan']) {
    const letter = await server.mailbox.next(`${name}@${at}`);
    expect(letter.subject).toBe('Ada Byrne invites you to join Acme Press');
  }
});

test('each address has its result, and only those to be put right stay in the box', async ({ page, acme }) => {
  const at = `${acme.slug}.example`;
  await acme.invites(acme.person('Grace Okafor'));
  await signIn(page, acme.owner);
  await page.goto(acme.path('invitations/new'));
  await page.getByLabel('Email addresses', { exact: true }).fill(`alan@${at}\ngrace@${at}\n${acme.owner.address}\nALAN@${at}\nludmila@example,org\nno address\n`);
  await page.getByRole('checkbox', { name: /^Admin/ }).check();
  await page.getByLabel('Personal message').fill('Come and do the plates with us.');
  await page.getByLabel('Expires after').selectOption({ label: '30 days' });
  await page.getByRole('button', { name: /^Invite/ }).click();

  await expect(result(page, `alan@${at}`)).toContainText('Invited:');
  await expect(result(page, `grace@${at}`)).toContainText('Already invited by');
  await expect(result(page, acme.owner.address)).toContainText('Already a member (Owner).');
  await expect(result(page, `ALAN@${at}`)).toContainText('Written twice; invited once.');
  await expect(result(page, 'ludmila@example,org')).toContainText('There is a comma after the @. Write a full stop instead.');
  await expect(page.getByLabel('Email addresses', { exact: true })).toHaveValue(/ludmila@example,org/);
  await expect(page.getByLabel('Email addresses', { exact: true })).not.toHaveValue(new RegExp(`alan|grace|ada`));
  await expect(page.getByRole('checkbox', { name: /^Admin/ })).toBeChecked();
  await expect(page.getByLabel('Personal message')).toHaveValue('Come and do the plates with us.');
  await expect(page.getByLabel('Expires after')).toHaveValue('30');

  await page.getByLabel('Email addresses', { exact: true }).fill('ludmila@example.org');
  await page.getByRole('button', { name: /^Invite/ }).click();
  await expect(page.getByText('1 person invited')).toBeVisible();
});

test('an empty form says what it wants, and keeps the rest', async ({ page, acme }) => {
  await signIn(page, acme.owner);
  await page.goto(acme.path('invitations/new'));
  await page.getByRole('checkbox', { name: /^Member/ }).uncheck();
  await page.getByLabel('Personal message').fill('Come and do the plates with us.');
  await page.getByRole('button', { name: /^Invite/ }).click();
  await expect(page.getByRole('alert')).toContainText('Some fields need another look');
  await expect(page.getByLabel('Email addresses', { exact: true })).toHaveAttribute('aria-invalid', 'true');
  await expect(page.getByRole('group', { name: 'Roles' })).toHaveAccessibleDescription(/role/i);
  await expect(page.getByLabel('Personal message')).toHaveValue('Come and do the plates with us.');
  await expect(page.getByRole('checkbox', { name: /^Member/ })).not.toBeChecked();
});

test('the roles, the words and the end are what the invitee reads', async ({ page, acme, server }) => {
  const grace = acme.person('Grace Okafor');
  await signIn(page, acme.owner);
  await page.goto(acme.path('invitations/new'));
  await page.getByLabel('Email addresses', { exact: true }).fill(`Grace Okafor <${grace.address}>`);
  await page.getByRole('checkbox', { name: /^Admin/ }).check();
  await page.getByLabel('Personal message').fill('Your notes were a joy.\nCome and do the rest?');
  await page.getByLabel('Expires after').selectOption({ label: '1 day' });
  await page.getByRole('button', { name: /^Invite/ }).click();
  await expect(page.getByText('1 person invited')).toBeVisible();
  await expect(page.getByRole('row', { name: /Grace Okafor/ })).toContainText('Expires tomorrow');
  const letter = await server.mailbox.next(grace.address);
  expect(letter.text).toContain('Your notes were a joy.');
  expect(letter.text).toMatch(/Admin and Member|Member and Admin/);
  await forgetSession(page);
  await page.goto(link(letter, '/i/'));
  await expect(page.getByRole('definition').filter({ hasText: /Admin and Member|Member and Admin/ })).toBeVisible();
  await expect(page.getByRole('blockquote')).toContainText('Your notes were a joy.');
});

test('only a link is made, and it is there to copy', async ({ page, acme, server }) => {
  const grace = acme.person('Grace Okafor');
  await signIn(page, acme.owner);
  await page.goto(acme.path('invitations/new'));
  await page.getByLabel('Email addresses', { exact: true }).fill(grace.address);
  await page.getByRole('radio', { name: 'Only create links' }).check();
  await page.getByRole('button', { name: /^Invite/ }).click();
  await expect(page.getByText('No email is sent. Copy each link from its page and hand it over yourself.')).toBeVisible();
  await expect(page.getByLabel('Link to copy')).toHaveValue(new RegExp(`^${server.url}/i/`));
  await expect(page.getByText('Link only').first()).toBeVisible();
  expect(server.mailbox.letters(grace.address)).toEqual([]);
});
