// Settings: what is wrong is told at its field, what is saved holds, and a change that comes too late is told.
import { expect, test } from '../support/check';
import { anotherBrowser, signIn } from '../support/people';

test('what is wrong is told at its field, and what was typed stays', async ({ page, acme }) => {
  await signIn(page, acme.owner);
  await page.goto(acme.path('settings'));
  await expect(page.getByLabel('Days that an invitation stays open')).toHaveValue('7');
  await page.getByLabel('Days until a reminder is sent').fill('9');
  await page.getByLabel('Domains that can be invited').fill('example.com\n\nno domain');
  await page.getByLabel('Where people can be sent after joining').fill('https://app.example/path');
  await page.getByRole('button', { name: 'Save settings' }).click();
  await expect(page.getByRole('alert').getByRole('link')).toHaveCount(3);
  await expect(page.getByLabel('Days until a reminder is sent')).toHaveAccessibleDescription(/Choose from 1 to 6 days/);
  await expect(page.getByLabel('Domains that can be invited')).toHaveAccessibleDescription(/Line 3: Write a domain like example\.com\./);
  await expect(page.getByLabel('Where people can be sent after joining')).toHaveAccessibleDescription(/Line 1: /);
  await expect(page.getByLabel('Domains that can be invited')).toHaveValue('example.com\n\nno domain');

  await page.getByLabel('Days until a reminder is sent').fill('3');
  await page.getByLabel('Domains that can be invited').fill('example.com');
  await page.getByLabel('Where people can be sent after joining').fill('https://app.example');
  await page.getByRole('button', { name: 'Save settings' }).click();
  await expect(page.getByText('Settings saved')).toBeVisible();
  await expect(page.getByLabel('Days until a reminder is sent')).toHaveValue('3');
  await page.goto(acme.path('invitations/new'));
  await page.getByLabel('Email addresses', { exact: true }).fill('grace@elsewhere.example');
  await page.getByRole('button', { name: /^Invite/ }).click();
  await expect(page.getByText('invites only people at example.com')).toBeVisible();
});

test('of two who save at once, the second is told what holds now', async ({ page, acme, browser, server, extraHTTPHeaders }) => {
  await signIn(page, acme.owner);
  await page.goto(acme.path('settings'));
  const other = await anotherBrowser(browser, server.url, extraHTTPHeaders ?? {});
  await signIn(other, acme.owner);
  await other.goto(acme.path('settings'));
  await other.getByLabel('Days that an invitation stays open').fill('30');
  await other.getByRole('button', { name: 'Save settings' }).click();
  await other.getByText('Settings saved').waitFor();
  await page.getByLabel('Name').fill('Acme Works');
  await page.getByRole('button', { name: 'Save settings' }).click();
  await expect(page.getByText('Somebody has changed this since you opened it')).toBeVisible();
  await expect(page.getByText('How long invitations stay open is now “30”.')).toBeVisible();
  await expect(page.getByLabel('Name')).toHaveValue('Acme Works');
  await page.getByLabel('Days that an invitation stays open').fill('30');
  await page.getByRole('button', { name: 'Save settings' }).click();
  await expect(page.getByText('Settings saved')).toBeVisible();
  await expect(page.getByRole('link', { name: 'Acme Works' }).first()).toBeVisible();
});
