// Keys of the API: made in the portal, shown once, revoked.
import { expect, test } from '../support/check';
import { signIn } from '../support/people';

test('a key is made, shown once, and works until it is revoked', async ({ page, acme, server }) => {
  await signIn(page, acme.owner);
  await page.goto(acme.path('keys'));
  await expect(page.getByRole('heading', { name: 'No API keys yet' })).toBeVisible();
  await page.getByRole('main').getByRole('link', { name: 'New key' }).first().click();
  await page.getByRole('button', { name: 'Create key' }).click();
  await expect(page.getByLabel('Name')).toHaveAccessibleDescription(/Write a name\./);
  await page.getByLabel('Name').fill('The app');
  await expect(page.getByLabel('Invite people')).toBeChecked();
  await page.getByRole('button', { name: 'Create key' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Key The app created');
  const token = await page.getByLabel('Key', { exact: true }).inputValue();
  const ask = () => fetch(`${server.url}/api/v1/organizations/${acme.slug}`, { headers: { authorization: `Bearer ${token}` } });
  expect((await ask()).status).toBe(200);
  await page.getByRole('link', { name: 'Done' }).click();
  const row = page.getByRole('row', { name: /The app/ });
  await expect(row).toContainText('3 of 9 permissions');
  await row.getByRole('link', { name: 'Revoke… The app' }).click();
  await page.getByRole('button', { name: 'Revoke The app' }).click();
  await expect(page.getByText('Key The app revoked')).toBeVisible();
  await expect(page.getByRole('row', { name: /The app/ })).toContainText('Revoked');
  expect((await ask()).status).toBe(401);
});
