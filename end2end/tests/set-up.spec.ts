// The first start: the terminal's link makes the first owner, once, and nothing is reachable before.
import { expect, listen, test as withCast } from '../support/check';
import { PASSWORD } from '../support/people';
import { Server } from '../support/server';

// a server that nobody has set up
const test = withCast.extend<{ fresh: Server; link: string }>({
  fresh: async ({}, use) => {
    const server = await Server.start();
    await use(server);
    await server.stop();
  },
  baseURL: ({ fresh }, use) => use(fresh.url),
  server: [async ({}, use) => use(null as never), { scope: 'worker' }],
  complaints: [async ({ context, fresh, javaScriptEnabled }, use) => {
    const complaints = listen(context, fresh.url, javaScriptEnabled);
    await use(complaints);
    expect([...complaints, ...fresh.errors()]).toEqual([]);
  }, { auto: true }],
  link: ({ fresh }, use) => use(/^\s*(http\S+\/setup\?token=\S+)\s*$/m.exec(fresh.output)?.[1] ?? 'no link was printed'),
});

test('the link in the terminal makes the first owner and organization', async ({ page, link }) => {
  await page.goto(link);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Set up Vestibule');
  await page.getByLabel('Organization').fill('Saltmarsh Press');
  await page.getByLabel('Your name').fill('Ada Byrne');
  await page.getByLabel('Your email address').fill('ada@saltmarsh.example');
  await page.getByLabel('Choose a password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Set up Vestibule' }).click();
  await expect(page).toHaveURL('/o/saltmarsh-press/invitations');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Invitations');
  await expect(page.getByRole('heading', { name: 'Nobody has been invited yet' })).toBeVisible();
});

test('the link works once', async ({ page, context, link }) => {
  await page.goto(link);
  await page.getByLabel('Organization').fill('Saltmarsh Press');
  await page.getByLabel('Your name').fill('Ada Byrne');
  await page.getByLabel('Your email address').fill('ada@saltmarsh.example');
  await page.getByLabel('Choose a password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Set up Vestibule' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Invitations');
  await context.clearCookies();
  await page.goto(link);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Vestibule is set up');
  await page.getByRole('link', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Sign in to Vestibule');
});

test('nothing is reachable before, and no password opens it', async ({ page }) => {
  await page.goto('/');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Vestibule is not set up yet');
  await expect(page.getByText('The setup link was printed where Vestibule was started.')).toBeVisible();
  await page.goto('/setup');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Vestibule is not set up yet');
  await page.goto('/setup?token=vss_guessed');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('This link leads nowhere');
  for (const [address, password] of [['admin@vestibule.example', 'admin'], ['admin', 'admin'], ['vestibule@localhost', 'vestibule']]) {
    await page.goto('/sign-in');
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Vestibule is not set up yet');
    await expect(page.getByLabel('Password')).toHaveCount(0);
    const answer = await page.request.post('/sign-in', { form: { email: address!, password: password! } });
    expect(answer.status()).toBe(422);
    expect(await answer.text()).toContain('That email address and password don’t match');
  }
});

test('what is refused keeps what was typed, and says what to do', async ({ page, link }) => {
  await page.goto(link);
  await page.getByLabel('Organization').fill('Saltmarsh Press');
  await page.getByLabel('Short name for URLs').fill('Salt Marsh!');
  await page.getByLabel('Your name').fill('Ada Byrne');
  await page.getByLabel('Your email address').fill('ada@saltmarsh.example');
  await page.getByLabel('Choose a password').fill('too short');
  await page.getByRole('button', { name: 'Set up Vestibule' }).click();
  const summary = page.getByRole('alert');
  await expect(summary).toBeFocused();
  await expect(summary).toContainText('Use at least 12 characters. This has 9.');
  await expect(page.getByLabel('Choose a password')).toHaveAccessibleDescription(/Use at least 12 characters\. This has 9\./);
  await expect(page.getByLabel('Choose a password')).toHaveValue('');
  await expect(page.getByLabel('Organization')).toHaveValue('Saltmarsh Press');
  await expect(page.getByLabel('Short name for URLs')).toHaveValue('Salt Marsh!');
  await expect(page.getByLabel('Your email address')).toHaveValue('ada@saltmarsh.example');
});
