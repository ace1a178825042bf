// The cast: organizations of one test's own, and the people who act in it.
import type { Browser, Page } from '@playwright/test';
import { randomUUID } from 'node:crypto';
import { link } from './mailbox';
import type { Server } from './server';

/** Everybody's, as no test is about choosing one. */
export const PASSWORD = 'hedgerow lantern oyster bramble';

export interface Person {
  name: string;
  address: string;
}

export interface Offer {
  roles?: string[];
  message?: string;
  /** Only a link is made, and nothing is mailed. */
  linkOnly?: boolean;
}

/** An organization with its owner, who acts from a desk of their own: another browser, without scripts. */
export class Organization {
  private atDesk: Promise<Page> | null = null;

  private constructor(
    readonly server: Server,
    private readonly open: () => Promise<Page>,
    readonly name: string,
    readonly slug: string,
    readonly owner: Person,
  ) {}

  static async create(server: Server, open: () => Promise<Page>, name: string, owner?: Person): Promise<Organization> {
    const slug = `acme-${randomUUID().slice(0, 8)}`;
    const { name: ownerName, address } = owner ?? { name: 'Ada Byrne', address: `ada@${slug}.example` };
    await server.run(
      ['organization', 'create', '--name', name, '--slug', slug, '--owner-name', ownerName, '--owner-email', address, '--owner-password-stdin', '--json'],
      PASSWORD,
    );
    return new Organization(server, open, name, slug, { name: ownerName, address });
  }

  /** Somebody of this test alone. */
  person(name: string): Person {
    return { name, address: `${name.split(' ')[0]!.toLowerCase()}@${this.slug}.example` };
  }

  /** The address of one of its pages. */
  path(page: string): string {
    return `/o/${this.slug}/${page}`;
  }

  /** Where the owner works, signed in. */
  desk(): Promise<Page> {
    this.atDesk ??= this.open().then(async page => {
      await signIn(page, this.owner);
      return page;
    });
    return this.atDesk;
  }

  /** The owner invites; several at once as one text. */
  async invites(whom: Person | string, offer: Offer = {}): Promise<void> {
    const desk = await this.desk();
    await desk.goto(this.path('invitations/new'));
    await desk.getByLabel('Email addresses', { exact: true }).fill(typeof whom === 'string' ? whom : `${whom.name} <${whom.address}>`);
    if (offer.roles) {
      for (const box of await desk.getByRole('group', { name: 'Roles' }).getByRole('checkbox').all()) await box.uncheck();
      for (const role of offer.roles) await desk.getByRole('group', { name: 'Roles' }).getByRole('checkbox', { name: new RegExp(`^${role}`) }).check();
    }
    if (offer.message) await desk.getByLabel('Personal message').fill(offer.message);
    if (offer.linkOnly) await desk.getByRole('radio', { name: 'Only create links' }).check();
    await desk.getByRole('button', { name: /^Invite/ }).click();
    await desk.getByText(/\d (person|people) invited/).waitFor();
  }

  /** The owner invites, and the mail brings the link. */
  async invitesByMail(whom: Person, offer: Offer = {}): Promise<string> {
    await this.invites(whom, offer);
    return this.linkFor(whom);
  }

  /** The owner makes a link to hand over. */
  async handsLinkTo(whom: Person, offer: Offer = {}): Promise<string> {
    await this.invites(whom, { ...offer, linkOnly: true });
    return (await this.desk()).getByLabel('Link to copy').inputValue();
  }

  /** The link in the next mail to somebody. */
  async linkFor(whom: Person): Promise<string> {
    return link(await this.server.mailbox.next(whom.address), '/i/');
  }

  /** Opens the page of somebody's invitation at the desk. */
  async opens(whom: Person): Promise<Page> {
    const desk = await this.desk();
    await desk.goto(this.path(`invitations?q=${encodeURIComponent(whom.address)}`));
    await desk.getByRole('cell').getByRole('link', { name: whom.name }).first().click();
    await desk.getByRole('heading', { level: 1, name: whom.name }).waitFor();
    return desk;
  }

  async resends(whom: Person): Promise<void> {
    const desk = await this.opens(whom);
    await desk.getByRole('button', { name: /^Resend/ }).click();
    await desk.getByText('The earlier link no longer works').waitFor();
  }

  async revokes(whom: Person): Promise<void> {
    const desk = await this.opens(whom);
    await desk.getByRole('link', { name: 'Revoke' }).click();
    await desk.getByRole('button', { name: 'Revoke' }).click();
    await desk.getByText(`Invitation to ${whom.name} revoked`).waitFor();
  }

  /** Somebody is invited and accepts, in a browser of their own. */
  async welcomes(whom: Person, offer: Offer = {}): Promise<void> {
    const url = await this.invitesByMail(whom, offer);
    const page = await this.open();
    await page.goto(url);
    await accept(page, whom, this.name);
    await page.context().close();
  }
}

/** Accepts on an open invitation's page, as somebody new. */
export async function accept(page: Page, whom: Person, organization: string): Promise<void> {
  await page.getByLabel('Your name').fill(whom.name);
  await page.getByLabel('Choose a password').fill(PASSWORD);
  await page.getByRole('button', { name: `Join ${organization}` }).click();
  await page.getByRole('heading', { level: 1, name: /^You’re now a member of/ }).waitFor();
}

/** Signs in by the form, from wherever the page is, and waits until that is done. */
export async function signIn(page: Page, person: Person): Promise<void> {
  await page.goto('/sign-in');
  await page.getByLabel('Email address').fill(person.address);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(url => url.pathname !== '/sign-in');
}

/** Waits until the page's scripts run. */
export const scripted = (page: Page): Promise<void> => page.locator('[data-opens=keys]:not([disabled])').first().waitFor({ state: 'attached' });

/** Ends the session behind the page's back, which stays as it is. */
export async function endSession(page: Page): Promise<void> {
  await page.evaluate(() => fetch('/sign-out', { method: 'POST', headers: { 'Content-Type': 'application/x-www-form-urlencoded' } }));
}

/** Forgets who is signed in. The page is left first, because what it reads again in this moment would be refused. */
export async function forgetSession(page: Page): Promise<void> {
  await page.goto('about:blank');
  await page.context().clearCookies();
}

/** A browser without scripts, for what happens beside the scene. */
export async function anotherBrowser(browser: Browser, baseURL: string, headers: Record<string, string>): Promise<Page> {
  const context = await browser.newContext({ baseURL, javaScriptEnabled: false, extraHTTPHeaders: headers });
  return context.newPage();
}
