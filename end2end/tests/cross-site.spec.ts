// No other site may act in a visitor's name. To a browser 127.0.0.1 and localhost are two sites.
import { once } from 'node:events';
import { createServer, type Server as Site } from 'node:http';
import { expect, test } from '../support/check';
import { anotherBrowser, signIn } from '../support/people';

/** A page on another site whose one button posts a form to ours. */
function foreignForm(action: string, fields: Record<string, string>): Promise<{ site: Site; url: string }> {
  const inputs = Object.entries(fields).map(([name, value]) => `<input type="hidden" name="${name}" value="${value}">`);
  return foreignSite(`<form method="post" action="${action}">${inputs.join('')}<button>Win a prize</button></form>`);
}

/** Another site with this on its one page. */
async function foreignSite(body: string): Promise<{ site: Site; url: string }> {
  const html = `<!doctype html><title>Win</title>${body}`;
  const site = createServer((_, answer) => answer.setHeader('content-type', 'text/html').end(html)).listen(0, '127.0.0.1');
  await once(site, 'listening');
  const address = site.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { site, url: `http://localhost:${address.port}/` };
}

test('a form of another site is refused, and nothing is changed', async ({ browser, extraHTTPHeaders, acme, server }) => {
  const victim = await anotherBrowser(browser, server.url, extraHTTPHeaders ?? {});
  await signIn(victim, acme.owner);
  const { site, url } = await foreignForm(`${server.url}${acme.path('invitations/new')}`, { recipients: 'mallory@evil.example', notify: 'true' });
  await victim.goto(url);
  await victim.getByRole('button', { name: 'Win a prize' }).click();
  await expect(victim.getByRole('heading', { level: 1 })).toHaveText('This came from another site');
  await victim.goto(acme.path('invitations'));
  await expect(victim.getByRole('heading', { name: 'Nobody has been invited yet' })).toBeVisible();
  site.close();
});

test('another site cannot accept for whoever opened a link', async ({ browser, extraHTTPHeaders, acme, server }) => {
  const grace = acme.person('Grace Okafor');
  const victim = await anotherBrowser(browser, server.url, extraHTTPHeaders ?? {});
  await victim.goto(await acme.invitesByMail(grace));
  const { site, url } = await foreignForm(`${server.url}/accept/decline`, { reason: 'No.' });
  await victim.goto(url);
  await victim.getByRole('button', { name: 'Win a prize' }).click();
  await expect(victim.getByRole('heading', { level: 1 })).toHaveText('This came from another site');
  const desk = await acme.opens(grace);
  await expect(desk.getByText('Waiting for Grace')).toBeVisible();
  site.close();
});

test('no page of ours is shown inside of another site', async ({ browser, extraHTTPHeaders, acme, server }) => {
  const victim = await anotherBrowser(browser, server.url, extraHTTPHeaders ?? {});
  await signIn(victim, acme.owner);
  const link = await acme.invitesByMail(acme.person('Grace Okafor'));
  const pages = ['/sign-in', acme.path('invitations'), link, '/healthz'].map(path => new URL(path, server.url).href);
  const { site, url } = await foreignSite(pages.map(page => `<iframe src="${page}"></iframe>`).join(''));
  const refused = pages.map(page => victim.waitForEvent('requestfailed', request => request.url() === page || request.redirectedFrom()?.url() === page));
  await victim.goto(url);
  for (const failure of await Promise.all(refused)) expect(failure.failure()?.errorText).toBe('net::ERR_BLOCKED_BY_RESPONSE');
  for (const frame of victim.frames().slice(1)) expect(await frame.content()).not.toContain('Vestibule');
  site.close();
});
