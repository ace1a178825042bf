// One's own account: the password, and where one is signed in.
import { expect, test } from '../support/check';
import { PASSWORD, signIn } from '../support/people';

test('a password is changed, and everywhere else one is signed out', async ({ page, acme, browser }) => {
  const elsewhere = await (await browser.newContext()).newPage();
  await signIn(elsewhere, acme.owner);
  await signIn(page, acme.owner);
  await page.goto('/profile');
  await expect(page.getByRole('listitem').filter({ hasText: 'This browser' })).toBeVisible();
  await page.getByLabel('Current password').fill('not this one');
  await page.getByLabel('New password').fill('marigold pewter sextant');
  await page.getByRole('button', { name: 'Change password' }).click();
  await expect(page.getByLabel('Current password')).toHaveAccessibleDescription(/This isn’t your current password/);
  await page.getByLabel('Current password').fill(PASSWORD);
  await page.getByLabel('New password').fill('marigold pewter sextant');
  await page.getByRole('button', { name: 'Change password' }).click();
  await expect(page.getByRole('status').filter({ hasText: 'You are signed out everywhere else' })).toBeVisible();
  await elsewhere.goto(acme.path('members'));
  await expect(elsewhere.getByRole('heading', { level: 1 })).toHaveText('Sign in to Vestibule');
  await elsewhere.context().close();
});

test('a session is ended from another browser', async ({ page, acme, browser }) => {
  const elsewhere = await (await browser.newContext()).newPage();
  await signIn(elsewhere, acme.owner);
  await signIn(page, acme.owner);
  await page.goto('/profile');
  await page.getByRole('listitem').filter({ hasText: 'Last used' }).first().getByRole('button', { name: 'Sign out' }).click();
  await expect(page.getByText('Signed out of 1 other session')).toBeVisible();
  await elsewhere.goto(acme.path('members'));
  await expect(elsewhere.getByRole('heading', { level: 1 })).toHaveText('Sign in to Vestibule');
  await elsewhere.context().close();
});

test('what was typed survives the end of the session', async ({ page, acme }) => {
  await signIn(page, acme.owner);
  await page.goto(acme.path('invitations/new'));
  const typed = `Grace <grace@${acme.slug}.example>\njoan@${acme.slug}.example`;
  const recipients = page.getByRole('textbox', { name: 'Email addresses' });
  await recipients.fill(typed);
  await page.getByLabel('Personal message').fill('Come & do the plates');
  await page.context().clearCookies();
  await page.getByRole('button', { name: /^Invite/ }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('You were signed out');
  await page.getByLabel('Email address').fill(acme.owner.address);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in and go back' }).click();
  await expect(page.getByRole('status').filter({ hasText: 'Nothing has been done yet' })).toBeVisible();
  await expect(recipients).toHaveValue(typed);
  await expect(page.getByLabel('Personal message')).toHaveValue('Come & do the plates');
  await page.getByRole('button', { name: /^Invite/ }).click();
  await expect(page.getByText('2 people invited')).toBeVisible();
});
