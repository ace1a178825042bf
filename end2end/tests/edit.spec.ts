// Roles and end of several invitations are changed alike; with scripts in a dialog, without in a page.
import type { Page } from '@playwright/test';
import { expect, test } from '../support/check';
import { signIn } from '../support/people';

const row = (page: Page, name: string) => page.getByRole('row', { name: new RegExp(name) });
const chosen = (page: Page) => page.getByRole('group', { name: 'Selected invitations' });

test('several are changed alike, and changed back', async ({ page, acme }) => {
  await acme.invites(acme.person('Grace Okafor'));
  await acme.invites(acme.person('Alan Pemberton'), { roles: ['Admin'] });
  await signIn(page, acme.owner);
  for (const name of ['Grace Okafor', 'Alan Pemberton']) await page.getByRole('checkbox', { name: `Select ${name}` }).check();
  await chosen(page).getByRole('button', { name: 'Edit' }).click();
  await expect(page.getByRole('heading', { name: 'Edit 2 invitations' })).toBeVisible();
  await expect(page.getByRole('group', { name: 'Roles' })).toHaveAccessibleDescription(/They have different roles: Admin \(1\), Member \(1\)/);
  await page.getByRole('checkbox', { name: /^Owner/ }).check();
  await page.getByLabel('Expires after').selectOption('90 days from now');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('2 invitations updated')).toBeVisible();
  for (const name of ['Grace Okafor', 'Alan Pemberton']) await expect(row(page, name)).toContainText('Owner');
  await expect(row(page, 'Grace Okafor')).toContainText('90 days left');
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(page.getByText('2 invitations undone')).toBeVisible();
  await expect(row(page, 'Grace Okafor')).toContainText('Member');
  await expect(row(page, 'Alan Pemberton')).toContainText('Admin');
});

test('what can’t be saved is said, and what was chosen stays', async ({ page, acme, complaints }) => {
  for (const name of ['Grace Okafor', 'Alan Pemberton']) await acme.invites(acme.person(name));
  await signIn(page, acme.owner);
  for (const name of ['Grace Okafor', 'Alan Pemberton']) await page.getByRole('checkbox', { name: `Select ${name}` }).check();
  await chosen(page).getByRole('button', { name: 'Edit' }).click();
  await page.getByRole('checkbox', { name: /^Member/ }).uncheck();
  await page.getByLabel('Expires after').selectOption('90 days from now');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Choose at least one role.')).toBeVisible();
  await expect(page.getByLabel('Expires after')).toHaveValue('90');
  await page.getByRole('checkbox', { name: /^Admin/ }).check();
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('2 invitations updated')).toBeVisible();
  await expect(row(page, 'Alan Pemberton')).toContainText('Admin');
  // the browser says of the refusal that it was one
  expect(complaints.filter(complaint => !/^422: .*\/fn\/invitations\/edit$/.test(complaint))).toEqual([]);
  complaints.length = 0;
});
