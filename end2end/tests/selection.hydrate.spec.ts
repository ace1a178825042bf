// What is selected in the list of invitations, on this page and on others. Without scripts, another page is another form.
import type { Page } from '@playwright/test';
import { expect, test } from '../support/check';
import { signIn } from '../support/people';

const rows = (page: Page) => page.getByRole('table').getByRole('rowgroup').last().getByRole('row');

test('what is selected stays selected on other pages, and is resent together', async ({ page, acme }) => {
  const addresses = Array.from({ length: 60 }, (_, number) => `person-${String(number).padStart(2, '0')}@${acme.slug}.example`);
  await acme.invites(addresses.join('\n'));
  await signIn(page, acme.owner);
  const bar = page.getByRole('group', { name: 'Selected invitations' });
  await rows(page).nth(3).getByRole('checkbox').check();
  await page.getByRole('link', { name: 'Older' }).click();
  await expect(rows(page)).toHaveCount(10);
  await expect(bar).toContainText('1 selected');
  await page.getByRole('checkbox', { name: 'Select all on this page' }).check();
  await expect(bar).toContainText('11 selected');
  await page.getByRole('link', { name: 'Newer' }).click();
  await expect(rows(page)).toHaveCount(50);
  await expect(page.getByRole('checkbox', { checked: true })).toHaveCount(1);
  await bar.getByRole('button', { name: 'Resend' }).click();
  await expect(page.getByText('11 invitations resent')).toBeVisible();
  await expect(bar).toBeHidden();
});

test('another filter begins a new selection', async ({ page, acme }) => {
  await acme.invites(acme.person('Grace Okafor'));
  await acme.invites(acme.person('Alan Pemberton'));
  await signIn(page, acme.owner);
  const bar = page.getByRole('group', { name: 'Selected invitations' });
  await page.getByRole('checkbox', { name: 'Select Grace Okafor' }).check();
  await expect(bar).toContainText('1 selected');
  await page.getByRole('navigation', { name: 'Status' }).getByRole('link', { name: /^Pending/ }).click();
  await expect(page.getByRole('navigation', { name: 'Status' }).getByRole('link', { name: /^Pending/ })).toHaveAttribute('aria-current', 'page');
  await expect(bar).toBeHidden();
  await expect(page.getByRole('checkbox', { name: 'Select Grace Okafor' })).not.toBeChecked();
  await page.goBack();
  await expect(page.getByRole('navigation', { name: 'Status' }).getByRole('link', { name: /^All/ })).toHaveAttribute('aria-current', 'page');
});

test('all that match are selected, and what is done to them is asked first', async ({ page, acme }) => {
  const addresses = Array.from({ length: 60 }, (_, number) => `person-${String(number).padStart(2, '0')}@${acme.slug}.example`);
  await acme.invites(addresses.join('\n'));
  await signIn(page, acme.owner);
  const bar = page.getByRole('group', { name: 'Selected invitations' });
  const all = bar.getByRole('button', { name: 'Select all 60 that match' });
  await rows(page).first().getByRole('checkbox').check();
  await expect(all).toBeHidden();
  await page.getByRole('checkbox', { name: 'Select all on this page' }).check();
  await expect(bar).toContainText('50 selected');
  await all.click();
  await expect(bar).toContainText('60 selected');
  await expect(page.getByRole('status').getByText('60 selected')).toBeAttached();
  await page.getByRole('link', { name: 'Older' }).click();
  await expect(rows(page)).toHaveCount(10);
  await expect(rows(page).getByRole('checkbox', { checked: true })).toHaveCount(10);
  await rows(page).first().getByRole('checkbox').uncheck();
  await expect(bar).toContainText('59 selected');
  await bar.getByRole('button', { name: 'Clear' }).click();
  await expect(bar).toBeHidden();
  await page.getByRole('checkbox', { name: 'Select all on this page' }).check();
  await all.click();
  await bar.getByRole('link', { name: 'Revoke all…' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Revoke all 60 invitations that match?');
});
