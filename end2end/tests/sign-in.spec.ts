// Signing in and out, a forgotten password, and the way between organizations.
import { expect, test } from '../support/check';
import { link } from '../support/mailbox';
import { PASSWORD, signIn } from '../support/people';

test('a member signs in, comes where they wanted to go, and signs out', async ({ page, acme }) => {
  await page.goto(acme.path('members'));
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Sign in to Vestibule');
  await page.getByLabel('Email address').fill(acme.owner.address);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page).toHaveURL(acme.path('members'));
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Members');

  await page.getByText(acme.owner.address).filter({ visible: true }).first().click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Sign in to Vestibule');
  await page.goto(acme.path('members'));
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Sign in to Vestibule');
});

test('an unknown address and a wrong password are answered alike', async ({ page, acme }) => {
  const answers: string[] = [];
  for (const address of [acme.owner.address, `nobody@${acme.slug}.example`]) {
    await page.goto('/sign-in');
    await page.getByLabel('Email address').fill(address);
    await page.getByLabel('Password', { exact: true }).fill('a wrong password');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect(page.getByRole('alert')).toContainText('That email address and password don’t match');
    await expect(page.getByLabel('Email address')).toHaveValue(address);
    await expect(page.getByLabel('Password', { exact: true })).toHaveValue('');
    answers.push(await page.getByRole('main').innerText());
  }
  expect(answers[0]).toBe(answers[1]);
});

test('a forgotten password is chosen anew by the mailed link, which works once', async ({ page, acme, server }) => {
  await page.goto('/sign-in');
  await page.getByRole('link', { name: 'Forgotten password' }).click();
  await page.getByLabel('Email address').fill(acme.owner.address);
  await page.getByRole('button', { name: 'Email me a link' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Check your email');

  const letter = await server.mailbox.next(acme.owner.address);
  const url = link(letter, '/choose-password');
  await page.goto(url);
  expect(page.url()).not.toContain('token');
  await expect(page.getByText(`For ${acme.owner.address}.`)).toBeVisible();
  await page.getByLabel('New password').fill('short');
  await page.getByRole('button', { name: 'Set password' }).click();
  await expect(page.getByLabel('New password')).toHaveAccessibleDescription(/Use at least 12 characters\. This has 5\./);
  await page.getByLabel('New password').fill('another five words in a row');
  await page.getByRole('button', { name: 'Set password' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Invitations');

  expect((await server.mailbox.next(acme.owner.address)).subject).toMatch(/password/i);
  await page.goto(url);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('This link is used up');
});

test('a forgotten password of a stranger is answered the same, and mails nobody', async ({ page, acme, server }) => {
  const stranger = `nobody@${acme.slug}.example`;
  await page.goto('/forgot-password');
  await page.getByLabel('Email address').fill(stranger);
  await page.getByRole('button', { name: 'Email me a link' }).click();
  await expect(page.getByText('If this email address has an account, we’ve sent it an email.')).toBeVisible();
  // the owner's letter, asked for later, is the sign that this one would have come
  await page.goto('/forgot-password');
  await page.getByLabel('Email address').fill(acme.owner.address);
  await page.getByRole('button', { name: 'Email me a link' }).click();
  await server.mailbox.next(acme.owner.address);
  expect(server.mailbox.letters(stranger)).toEqual([]);
});

test('who belongs to several organizations chooses, and changes over', async ({ page, acme, organization }) => {
  const brine = await organization('Brine & Sons', acme.owner);
  await signIn(page, acme.owner);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Your organizations');
  const list = page.getByRole('navigation', { name: 'Your organizations' });
  await expect(list.getByRole('link')).toHaveText(['Acme Press', 'Brine & Sons']);
  await list.getByRole('link', { name: 'Brine & Sons' }).click();
  await expect(page).toHaveURL(brine.path('invitations'));
  await page.getByRole('link', { name: 'Switch organization' }).click();
  await list.getByRole('link', { name: 'Acme Press' }).click();
  await expect(page).toHaveURL(acme.path('invitations'));
});

test('an organization that one does not belong to is not there', async ({ page, acme, organization }) => {
  const brine = await organization('Brine & Sons');
  await signIn(page, acme.owner);
  await page.goto(brine.path('invitations'));
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('There is no such organization');
  await expect(page.getByText('Brine')).toHaveCount(0);
});

test('a sign-in leads only to pages of this host', async ({ page, acme, server }) => {
  for (const next of ['//evil.example', 'https://evil.example/', '/\\evil.example']) {
    await page.goto(`/sign-in?next=${encodeURIComponent(next)}`);
    await page.getByLabel('Email address').fill(acme.owner.address);
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect(page).toHaveURL(`${server.url}${acme.path('invitations')}`);
    await page.context().clearCookies();
  }
});
