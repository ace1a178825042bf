// Roles of the organization's own: made, given, changed, and deleted once nobody has them.
import { expect, test } from '../support/check';
import { anotherBrowser, signIn } from '../support/people';

test('a role is made, given, changed, and deleted once nobody has it', async ({ page, acme }) => {
  const grace = acme.person('Grace Okafor');
  await signIn(page, acme.owner);
  await page.goto(acme.path('roles'));
  const row = (name: RegExp) => page.getByRole('row', { name });
  await expect(row(/^Owner/)).toContainText('Built in');
  await expect(row(/^Owner/)).toContainText('All');
  await expect(row(/^Owner/).getByRole('link', { name: /Edit/ })).toHaveCount(0);
  await row(/^Admin/).getByRole('link', { name: 'View Admin' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Admin');
  await expect(page.getByRole('listitem').filter({ hasText: 'Invite people' })).toBeVisible();
  await page.goto(acme.path('roles'));
  await page.getByRole('link', { name: 'New role' }).click();
  await page.getByRole('button', { name: 'Create role' }).click();
  await expect(page.getByLabel('Name')).toHaveAccessibleDescription(/Write a name\./);
  await expect(page.getByRole('textbox', { name: 'Key' })).toHaveAccessibleDescription(/from the name\.$/);
  await page.getByLabel('Name').fill('Billing reader');
  await page.getByLabel('Invite people').check();
  await page.getByRole('button', { name: 'Create role' }).click();
  await expect(page.getByText('Role “Billing reader” created')).toBeVisible();
  await expect(row(/Billing reader/)).toContainText('billing-reader');
  await expect(row(/Billing reader/)).toContainText('3 of 9 permissions');

  await acme.invites(grace, { roles: ['Billing reader'] });
  await row(/Billing reader/).getByRole('link', { name: 'Edit Billing reader' }).click();
  await page.getByRole('link', { name: 'Delete…' }).click();
  await expect(page.getByText('It belongs to 1 open invitation.')).toBeVisible();
  await page.getByRole('link', { name: 'See the invitations' }).click();
  await expect(page.getByRole('row', { name: /Grace Okafor/ })).toBeVisible();
  await acme.revokes(grace);

  await page.goto(acme.path('roles'));
  await row(/Billing reader/).getByRole('link', { name: 'Edit Billing reader' }).click();
  await page.getByLabel('Name').fill('Billing');
  await page.getByLabel('Invite people').uncheck();
  await page.getByRole('button', { name: 'Save role' }).click();
  await expect(page.getByText('Role “Billing” updated')).toBeVisible();
  await expect(row(/^Billing/)).toContainText('2 of 9 permissions');
  await row(/^Billing/).getByRole('link', { name: 'Edit Billing' }).click();
  await page.getByRole('link', { name: 'Delete…' }).click();
  await page.getByRole('button', { name: 'Delete Billing' }).click();
  await expect(page.getByText('Role “Billing” deleted')).toBeVisible();
  await expect(row(/^Billing/)).toHaveCount(0);
});

test('of two who change a role at once, the second is told', async ({ page, acme, browser, server, extraHTTPHeaders }) => {
  await signIn(page, acme.owner);
  await page.goto(acme.path('roles/new'));
  await page.getByLabel('Name').fill('Billing');
  await page.getByRole('button', { name: 'Create role' }).click();
  await page.getByRole('link', { name: 'Edit Billing' }).click();
  const other = await anotherBrowser(browser, server.url, extraHTTPHeaders ?? {});
  await signIn(other, acme.owner);
  await other.goto(page.url());
  await other.getByLabel('Name').fill('Billing team');
  await other.getByRole('button', { name: 'Save role' }).click();
  await other.getByText('Role “Billing team” updated').waitFor();
  await page.getByLabel('Name').fill('Bills');
  await page.getByRole('button', { name: 'Save role' }).click();
  await expect(page.getByText('Somebody has changed this since you opened it')).toBeVisible();
  await expect(page.getByText('The name is now “Billing team”.')).toBeVisible();
  await expect(page.getByLabel('Name')).toHaveValue('Bills');
  await page.getByRole('button', { name: 'Save role' }).click();
  await expect(page.getByText('Role “Bills” updated')).toBeVisible();
});
