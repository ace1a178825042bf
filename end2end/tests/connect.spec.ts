// A vendor's client is connected: its key made by keyboard alone, its secret copied once, refused once it is revoked.
import { expect, test } from '../support/check';
import { signIn } from '../support/people';

test('a client is connected by keyboard, and works until its key is revoked', async ({ page, context, acme, server, javaScriptEnabled }) => {
  const scripts = javaScriptEnabled !== false;
  if (scripts) await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const copied = () => page.evaluate(() => navigator.clipboard.readText());
  await signIn(page, acme.owner);
  await page.getByRole('navigation', { name: 'Portal' }).getByRole('link', { name: 'Connect a client' }).press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Connect a client');
  await page.getByRole('navigation', { name: 'Client' }).getByRole('link', { name: 'Clerk' }).press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Connect a client for Clerk');
  await expect(page.getByRole('navigation', { name: 'Client' }).getByRole('link', { name: 'Clerk' })).toHaveAttribute('aria-current', 'page');
  await expect(page.getByRole('region', { name: /^Invite with @clerk/ })).toContainText('<organization_id>');
  const name = page.getByLabel('Name');
  await expect(name).toHaveValue('Clerk');

  await name.fill('');
  await name.press('Enter');
  await expect(page.getByRole('alert')).toContainText('One field needs another look');
  await expect(page.getByRole('alert')).toBeFocused();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(name).toBeInViewport();
  await expect(name).toHaveAccessibleDescription(/Write a name\./);
  await expect(page.getByLabel('Invite people')).toBeChecked();
  await name.fill('Website');
  await name.press('Enter');

  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Key Website created');
  await expect(page.getByRole('status').filter({ hasText: 'You won’t see these secrets again' })).toBeVisible();
  const base = await page.getByLabel('Base URL').inputValue();
  expect(base).toBe(`${server.url}/clerk`);
  const secret = await page.getByLabel('Secret key').inputValue();
  const organization = await page.getByLabel('Organization id').inputValue();
  const program = page.getByRole('region', { name: /^Invite with @clerk/ });
  await expect(program).toContainText(`organizationId: "${organization}"`);
  await expect(page.getByRole('main')).not.toContainText(secret);
  await page.getByLabel('Secret key').focus();
  await page.keyboard.press('Tab');
  if (scripts) {
    await expect(page.getByRole('button', { name: 'Copy Secret key' })).toBeFocused();
    await page.keyboard.press('Enter');
    await expect.poll(copied).toBe(secret);
    await page.getByRole('button', { name: /^Copy Invite with @clerk/ }).press('Enter');
    await expect.poll(copied).toBe(await program.textContent());
  } else {
    await expect(page.getByRole('button', { name: 'Copy Secret key' })).toBeHidden();
    await expect(page.getByLabel('Organization id')).toBeFocused();
  }

  const ask = (path: string) => fetch(`${server.url}${path}`, { headers: { authorization: `Bearer ${secret}` } });
  const invitations = `/clerk/v1/organizations/${organization}/invitations`;
  expect((await ask(invitations)).status).toBe(200);
  expect((await ask(`/api/v1/organizations/${acme.slug}`)).status).toBe(401);
  await page.getByRole('link', { name: 'Done' }).press('Enter');
  await expect(page.getByRole('row', { name: /Website/ })).toContainText('For Clerk');
  await page.getByRole('link', { name: 'Revoke… Website' }).press('Enter');
  await page.getByRole('button', { name: 'Revoke Website' }).press('Enter');
  await expect(page.getByText('Key Website revoked')).toBeVisible();
  expect((await ask(invitations)).status).toBe(401);
});

test('each kind of key leads to the other', async ({ page, acme }) => {
  await signIn(page, acme.owner);
  await page.goto(acme.path('keys/new'));
  await page.getByRole('main').getByRole('link', { name: 'Connect a client' }).click();
  await page.getByRole('navigation', { name: 'Client' }).getByRole('link', { name: 'A program of your own' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('New API key');
});
