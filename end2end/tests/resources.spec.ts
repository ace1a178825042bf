// Resources: made, and what people are limited to when they are invited.
import { expect, test } from '../support/check';
import { accept, anotherBrowser, signIn } from '../support/people';

test('a resource is made, and people are limited to it', async ({ page, acme, browser, server, extraHTTPHeaders }) => {
  const grace = acme.person('Grace Okafor');
  await signIn(page, acme.owner);
  await page.goto(acme.path('invitations/new'));
  await expect(page.getByRole('group', { name: 'Roles' })).toBeVisible();
  await expect(page.getByRole('group', { name: 'Limited to' })).toHaveCount(0);
  await page.goto(acme.path('resources'));
  await expect(page.getByRole('heading', { name: 'No resources yet' })).toBeVisible();
  for (const [name, id] of [['Garden app', 'app-1138'], ['Shed app', 'app-1139']] as const) {
    await page.getByRole('main').getByRole('link', { name: 'New resource' }).first().click();
    await page.getByLabel('Name').fill(name);
    await page.getByLabel('External id').fill(id);
    await page.getByRole('button', { name: 'Create resource' }).click();
    await expect(page.getByText(`Resource “${name}” created`)).toBeVisible();
  }
  await page.getByRole('link', { name: 'New resource' }).click();
  await page.getByLabel('Name').fill('Barn app');
  await page.getByLabel('External id').fill('app-1138');
  await page.getByRole('button', { name: 'Create resource' }).click();
  await expect(page.getByLabel('External id')).toHaveAccessibleDescription(/Another resource has this external id\./);
  await expect(page.getByLabel('Name')).toHaveValue('Barn app');

  await page.goto(acme.path('invitations/new'));
  await page.getByLabel('Email addresses', { exact: true }).fill(`${grace.name} <${grace.address}>`);
  await page.getByRole('group', { name: 'Limited to' }).getByRole('checkbox', { name: /^Garden app/ }).check();
  await page.getByRole('button', { name: /^Invite/ }).click();
  await page.getByRole('link', { name: grace.name }).click();
  await expect(page.getByRole('definition').filter({ hasText: 'Garden app' })).toBeVisible();
  // scripts edit roles and end in place, everything else on this page
  await page.goto(await page.getByRole('link', { name: 'Edit' }).getAttribute('href') ?? '');
  await page.getByRole('checkbox', { name: /^Garden app/ }).uncheck();
  await page.getByRole('checkbox', { name: /^Shed app/ }).check();
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('definition').filter({ hasText: 'Shed app' })).toBeVisible();

  const visitor = await anotherBrowser(browser, server.url, extraHTTPHeaders ?? {});
  await visitor.goto(await acme.linkFor(grace));
  await accept(visitor, grace, acme.name);
  await page.goto(acme.path('members'));
  await page.getByRole('link', { name: grace.name, exact: true }).click();
  await expect(page.getByRole('definition').filter({ hasText: 'Shed app' })).toBeVisible();

  await page.goto(acme.path('resources'));
  await page.getByRole('link', { name: 'Edit Shed app' }).click();
  await page.getByRole('link', { name: 'Delete…' }).click();
  await expect(page.getByText('Shed app can’t be deleted while someone is limited to it')).toBeVisible();
  await page.goto(acme.path('resources'));
  await page.getByRole('link', { name: 'Edit Garden app' }).click();
  await page.getByRole('link', { name: 'Delete…' }).click();
  await page.getByRole('button', { name: 'Delete Garden app' }).click();
  await expect(page.getByText('Resource “Garden app” deleted')).toBeVisible();
});

test('a plain member sees the resources and changes none', async ({ page, acme }) => {
  const alan = acme.person('Alan Pemberton');
  await acme.welcomes(alan);
  await signIn(page, alan);
  await page.goto(acme.path('resources'));
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Resources');
  await expect(page.getByRole('link', { name: 'New resource' })).toHaveCount(0);
  await page.goto(acme.path('resources/new'));
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('You don’t have permission to do this');
});
