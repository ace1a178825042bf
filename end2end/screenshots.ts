// Pictures of every page, by day and by night, on a phone and on a desk: `npm run screenshots`, into the folder that SCREENSHOTS names.
import { test, type Browser, type Page } from '@playwright/test';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { link } from './support/mailbox';
import { PASSWORD, anotherBrowser, signIn, type Person } from './support/people';
import { Server } from './support/server';

const FOLDER = process.env.SCREENSHOTS ?? 'screenshots';
const WIDTHS = [390, 1280];
const SCHEMES = ['light', 'dark'] as const;
const ADA: Person = { name: 'Ada Byrne', address: 'ada@saltmarsh.example' };
const HOME = '/o/saltmarsh/invitations';

/** The page as it stands, four times. */
async function picture(page: Page, name: string): Promise<void> {
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: width < 600 ? 844 : 800 });
    for (const colorScheme of SCHEMES) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.screenshot({ path: join(FOLDER, `${name}-${width}-${colorScheme}.png`), fullPage: width < 600, animations: 'disabled' });
    }
  }
  await page.setViewportSize({ width: 1280, height: 800 });
}

async function invite(page: Page, recipients: string, message = ''): Promise<void> {
  await page.goto(`${HOME}/new`);
  await page.getByLabel('Email addresses', { exact: true }).fill(recipients);
  await page.getByLabel('Personal message').fill(message);
  await page.getByRole('button', { name: /^Invite/ }).click();
  await page.waitForURL(HOME);
}

/** A browser of somebody else's, with scripts. */
async function visitor(browser: Browser, server: Server): Promise<Page> {
  return (await browser.newContext({ baseURL: server.url })).newPage();
}

test('every page', async ({ browser }) => {
  mkdirSync(FOLDER, { recursive: true });
  const server = await Server.start({ before: { verb: ['seed', '--password-stdin', '--json'], input: PASSWORD } });
  const page = await visitor(browser, server);
  await outside(page);
  await signIn(page, ADA);
  await portal(page);
  await invitee(browser, server, page);
  await server.stop();

  const fresh = await Server.start({ mail: false });
  const first = await visitor(browser, fresh);
  await setUp(first, fresh);
  await fresh.stop();
});

async function outside(page: Page): Promise<void> {
  await page.goto('/sign-in');
  await picture(page, 'sign-in');
  await page.getByLabel('Email address').fill(ADA.address);
  await page.getByLabel('Password', { exact: true }).fill('a wrong password');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('alert').waitFor();
  await picture(page, 'sign-in-refused');
  await page.goto('/forgot-password');
  await picture(page, 'forgot-password');
  await page.goto('/no-such-page');
  await picture(page, 'no-such-page');
}

async function portal(page: Page): Promise<void> {
  await page.goto(HOME);
  await page.getByRole('row', { name: /Luca Ferrari/ }).waitFor();
  await picture(page, 'invitations');
  for (const name of ['Luca Ferrari', 'Clara Schumann-Weiß', 'Astrid Bergström']) await page.getByRole('checkbox', { name: `Select ${name}` }).check();
  await picture(page, 'invitations-selected');
  const ids = await page.getByRole('checkbox', { checked: true }).evaluateAll(boxes => boxes.map(box => (box as HTMLInputElement).value).filter(id => id !== 'on'));
  await page.getByRole('group', { name: 'Selected invitations' }).getByRole('button', { name: 'Revoke' }).click();
  await page.getByRole('button', { name: 'Undo' }).waitFor();
  await picture(page, 'undo');
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByText('3 invitations undone').waitFor();
  await page.goto(`${HOME}/revoke?${ids.map(id => `id=${id}`).join('&')}`);
  await page.getByRole('heading', { name: 'Revoke 3 invitations?' }).waitFor();
  await picture(page, 'revoke-many');
  await page.goto(`${HOME}?q=nobody`);
  await picture(page, 'nothing-found');

  await page.goto(`${HOME}/new`);
  await picture(page, 'invite');
  await page.getByLabel('Email addresses', { exact: true }).fill('Ewa Nowak <ewa@nowak.example>, ludmila@petrova.example\nada@saltmarsh.example; EWA@nowak.example\nludmila@example,org');
  await page.getByRole('button', { name: /^Invite/ }).click();
  await page.getByRole('heading', { name: 'Results' }).waitFor();
  await picture(page, 'invite-results');
  await page.goto(`${HOME}/new`);
  await page.getByRole('checkbox', { name: /^Member/ }).uncheck();
  await page.getByRole('button', { name: /^Invite/ }).click();
  await page.getByRole('alert').waitFor();
  await picture(page, 'invite-refused');

  for (const [name, who] of [['invitation-pending', 'Noor El-Sayed'], ['invitation-accepted', 'Bartholomew Featherstonehaugh-Cholmondeley'], ['invitation-failed', 'Gustavo Moreira'], ['invitation-declined', 'Charlotte Dubois']] as const) {
    await page.goto(`${HOME}?q=${encodeURIComponent(who)}`);
    await page.getByRole('cell').getByRole('link', { name: who }).click();
    await page.getByRole('heading', { level: 1, name: who }).waitFor();
    await picture(page, name);
    if (name !== 'invitation-pending') continue;
    await page.goto(`${page.url()}/edit`);
    await page.getByRole('heading', { level: 1, name: 'Edit invitation' }).waitFor();
    await picture(page, 'edit');
    await page.goBack();
    await page.goto(`${page.url()}/revoke`);
    await page.getByRole('heading', { level: 1, name: 'Revoke the invitation' }).waitFor();
    await picture(page, 'revoke');
  }

  await page.goto('/o/saltmarsh/members');
  await picture(page, 'members');
  await page.getByRole('row', { name: /Grace Okafor/ }).getByRole('link').first().click();
  await page.getByRole('heading', { level: 1, name: 'Grace Okafor' }).waitFor();
  await picture(page, 'member');
  await page.getByRole('link', { name: 'Remove…' }).click();
  await page.getByRole('heading', { level: 1, name: 'Remove Grace Okafor?' }).waitFor();
  await picture(page, 'remove');
  await page.goto('/o/saltmarsh/members/leave');
  await picture(page, 'leave-last-owner');

  await page.goto('/o/saltmarsh/outbox');
  await picture(page, 'outbox');
  await page.getByRole('row', { name: /luca@ferrari/ }).getByRole('link').click();
  await page.getByRole('navigation', { name: 'Form' }).waitFor();
  await picture(page, 'mail');
  await page.getByRole('navigation', { name: 'Form' }).getByRole('link', { name: 'Raw' }).click();
  await page.getByRole('region', { name: 'The letter as it is sent' }).waitFor();
  await picture(page, 'mail-raw');
}

async function invitee(browser: Browser, server: Server, desk: Page): Promise<void> {
  const ewa: Person = { name: 'Ewa Nowak', address: 'ewa.nowak@nowak.example' };
  await invite(desk, `${ewa.name} <${ewa.address}>`, 'Your notes on the hedgerow plates were a joy. Come and do the rest with us?');
  const url = link(await server.mailbox.next(ewa.address), '/i/');
  const page = await visitor(browser, server);
  await page.goto(url);
  await picture(page, 'accept-new');
  await page.goto('/accept/decline');
  await picture(page, 'decline');
  await page.goto(`${url}x`);
  await picture(page, 'unknown-link');
  await desk.goto(`${HOME}?q=ewa.nowak`);
  await desk.getByRole('cell').getByRole('link').click();
  const shared = await desk.getByLabel('Link to copy').inputValue();
  const other = await visitor(browser, server);
  await other.goto(shared);
  await picture(other, 'shared-link');
  await other.getByRole('button', { name: 'Email me a code' }).click();
  await other.getByLabel('Code').fill('000000');
  await other.getByRole('button', { name: 'Continue' }).click();
  await other.getByText('That is not the code').waitFor();
  await picture(other, 'code-wrong');
  await signIn(page, { name: 'Joan Whitlock', address: 'joan@saltmarsh.example' });
  await page.goto(url);
  await picture(page, 'accept-wrong-account');
  await page.context().clearCookies();
  await desk.getByRole('button', { name: /^Resend/ }).click();
  await desk.getByText('The earlier link no longer works').waitFor();
  await picture(desk, 'invitation-resent');
  await page.goto(url);
  await picture(page, 'replaced');
  await page.getByRole('button', { name: 'Ask for a new invitation' }).click();
  await page.getByText('we’ve sent a new email').waitFor();
  await picture(page, 'asked-again');
  await desk.getByRole('link', { name: 'Revoke' }).click();
  await desk.getByText(/^Invitation to .* revoked/).waitFor();
  await page.goto(url);
  await picture(page, 'withdrawn');

  // somebody known to the installation, invited by another organization
  await server.run(['organization', 'create', '--name', 'Brine & Sons', '--owner-name', 'Ida Brine', '--owner-email', 'ida@brine.example', '--owner-password-stdin'], PASSWORD);
  const ida = await anotherBrowser(browser, server.url, {});
  await signIn(ida, { name: 'Ida Brine', address: 'ida@brine.example' });
  await ida.goto('/o/brine-sons/invitations/new');
  await ida.getByLabel('Email addresses', { exact: true }).fill(ADA.address);
  await ida.getByRole('button', { name: /^Invite/ }).click();
  const known = link(await server.mailbox.next(ADA.address).then(letter => (letter.text.includes('/i/') ? letter : server.mailbox.next(ADA.address))), '/i/');
  await page.goto(known);
  await picture(page, 'accept-known');
  await page.getByLabel('Your password for').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in to join' }).click();
  await page.getByRole('button', { name: 'Join Brine & Sons' }).waitFor();
  await picture(page, 'accept-signed-in');
  await page.getByRole('button', { name: 'Join Brine & Sons' }).click();
  await page.waitForURL(/welcome/);
  await picture(page, 'welcome');
  await page.goto('/organizations');
  await picture(page, 'organizations');
}

async function setUp(page: Page, server: Server): Promise<void> {
  await page.goto(/http\S+\/setup\?token=\S+/.exec(server.output)![0]);
  await picture(page, 'set-up');
  await page.getByLabel('Organization').fill('Saltmarsh Press');
  await page.getByLabel('Your name').fill('Ada Byrne');
  await page.getByLabel('Your email address').fill(ADA.address);
  await page.getByLabel('Choose a password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Set up Vestibule' }).click();
  await page.getByRole('heading', { name: 'Nobody has been invited yet' }).waitFor();
  await picture(page, 'nobody-yet');
}
