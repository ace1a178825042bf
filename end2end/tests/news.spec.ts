// What has just happened comes first: in the title of the page, which is read when it opens, and in the focus.
import { expect, test } from '../support/check';
import { signIn } from '../support/people';

test('a form that is refused or done says so first', async ({ page, acme }) => {
  await signIn(page, acme.owner);
  await page.goto(acme.path('settings'));
  await expect(page).toHaveTitle('Settings · Acme Press');
  await page.getByLabel('Days until a reminder is sent').fill('9');
  await page.getByLabel('Domains that can be invited').fill('no domain');
  await page.getByRole('button', { name: 'Save settings' }).click();
  await expect(page).toHaveTitle('2 problems – Settings · Acme Press');
  await expect(page.getByRole('alert')).toBeFocused();
  await page.getByLabel('Domains that can be invited').fill('');
  await page.getByRole('button', { name: 'Save settings' }).click();
  await expect(page).toHaveTitle('1 problem – Settings · Acme Press');
  await expect(page.getByLabel('Days until a reminder is sent')).toBeFocused();
  await page.getByLabel('Days until a reminder is sent').fill('');
  await page.getByRole('button', { name: 'Save settings' }).click();
  await expect(page).toHaveTitle('Settings saved – Settings · Acme Press');
  await expect(page.getByRole('status').filter({ hasText: 'Settings saved' })).toBeFocused();
  await page.goto(acme.path('settings'));
  await expect(page).toHaveTitle('Settings · Acme Press');
});

test('the results of an invitation come first', async ({ page, acme }) => {
  await signIn(page, acme.owner);
  await page.goto(acme.path('invitations/new'));
  await page.getByLabel('Email addresses', { exact: true }).fill(`grace@${acme.slug}.example\nno address`);
  await page.getByRole('button', { name: /^Invite/ }).click();
  await expect(page).toHaveTitle('1 invited, 1 to check – Invite people · Acme Press');
  await expect(page.getByRole('status').filter({ has: page.getByRole('heading', { name: 'Results' }) })).toBeFocused();
});

test('signing in with a wrong password says so first', async ({ page, acme }) => {
  await page.goto('/sign-in');
  await page.getByLabel('Email address').fill(acme.owner.address);
  await page.getByLabel('Password', { exact: true }).fill('a wrong password');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page).toHaveTitle('That email address and password don’t match – Sign in · Vestibule');
  await expect(page.getByRole('alert')).toBeFocused();
});
