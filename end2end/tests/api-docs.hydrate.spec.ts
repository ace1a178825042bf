// The API's page: it shows every operation and can try one, with nothing loaded from elsewhere.
import { Program } from '../support/api';
import { expect, test } from '../support/check';

test('a developer reads the document and tries an operation', async ({ page, acme, server }) => {
  const program = await Program.of(acme);
  const elsewhere: string[] = [];
  page.on('request', request => {
    if (!request.url().startsWith(server.url) && !request.url().startsWith('data:')) elsewhere.push(request.url());
  });
  await page.goto('/api/docs/');
  await expect(page.getByText('Invite a person', { exact: true })).toBeVisible();
  await page.getByRole('button', { name: 'Authorize' }).first().click();
  await page.getByLabel('auth-bearer-value').fill(program.token);
  await page.getByRole('button', { name: 'Apply credentials' }).click();
  await page.getByRole('button', { name: 'Close', exact: true }).click();
  const operation = page.locator('#operations-organization-get_organization');
  await operation.getByRole('button', { name: /Read the organization/ }).first().click();
  await operation.getByPlaceholder('org').fill(acme.slug);
  await operation.getByRole('button', { name: 'Execute' }).click();
  await expect(operation.getByText('"name": "Acme Press"')).toBeVisible();
  expect(elsewhere).toEqual([]);
});
