// Every mail and what became of it; and the product without any mail server, from set-up to acceptance.
import { expect, listen, test } from '../support/check';
import { PASSWORD, anotherBrowser, signIn } from '../support/people';
import { Server } from '../support/server';

test('the outbox shows each mail with its state, and the letter in three forms', async ({ page, acme, server }) => {
  const grace = acme.person('Grace Okafor');
  await acme.invites(grace, { message: 'Come and do the plates with us.' });
  await server.mailbox.next(grace.address);
  await signIn(page, acme.owner);
  await page.goto(acme.path('outbox'));
  const row = page.getByRole('row', { name: new RegExp(grace.address) });
  await expect(row).toContainText('Sent');
  await row.getByRole('link').click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Ada Byrne invites you to join Acme Press');

  const letter = page.frameLocator('iframe');
  await expect(letter.getByText('Come and do the plates with us.')).toBeVisible();
  await expect(letter.getByRole('link', { name: 'See the invitation' })).toBeVisible();
  await page.getByRole('navigation', { name: 'Form' }).getByRole('link', { name: 'Text' }).click();
  await expect(page.getByRole('region', { name: 'The letter as plain text' })).toContainText('See the invitation:');
  await page.getByRole('navigation', { name: 'Form' }).getByRole('link', { name: 'Raw' }).click();
  await expect(page.getByRole('region', { name: 'The letter as it is sent' })).toContainText(`To: ${grace.address}`);
});

test('mails are found by state and address', async ({ page, acme }) => {
  const [grace, alan] = [acme.person('Grace Okafor'), acme.person('Alan Pemberton')];
  await acme.invites(grace);
  await acme.linkFor(grace);
  await acme.invites(alan);
  await acme.linkFor(alan);
  await signIn(page, acme.owner);
  await page.goto(acme.path('outbox'));
  await page.getByRole('navigation', { name: 'State' }).getByRole('link', { name: /^Sent/ }).click();
  await expect(page.getByRole('row', { name: /@/ })).toHaveCount(2);
  await page.getByLabel('Search by email address').fill('alan');
  await page.getByLabel('Search by email address').press('Enter');
  await expect(page.getByRole('row', { name: /@/ })).toHaveCount(1);
  await page.getByRole('navigation', { name: 'State' }).getByRole('link', { name: /^Failed/ }).click();
  await expect(page.getByRole('heading', { name: 'No email matches' })).toBeVisible();
  await page.getByRole('link', { name: 'Show all emails' }).click();
  await expect(page.getByRole('row', { name: /@/ })).toHaveCount(2);
});

test('with no mail server the whole way works by the link in the outbox', async ({ browser, javaScriptEnabled }) => {
  const server = await Server.start({ mail: false });
  const context = await browser.newContext({ baseURL: server.url, javaScriptEnabled });
  const complaints = listen(context, server.url);
  const page = await context.newPage();

  await page.goto(/http\S+\/setup\?token=\S+/.exec(server.output)![0]);
  await page.getByLabel('Organization').fill('Saltmarsh Press');
  await page.getByLabel('Your name').fill('Ada Byrne');
  await page.getByLabel('Your email address').fill('ada@saltmarsh.example');
  await page.getByLabel('Choose a password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Set up Vestibule' }).click();
  await expect(page.getByText('No mail server is set up, so nothing will be sent')).toBeVisible();

  await page.getByRole('link', { name: 'Invite people' }).first().click();
  await page.getByLabel('Email addresses', { exact: true }).fill('Grace Okafor <grace@okafor.example>');
  await page.getByRole('button', { name: /^Invite/ }).click();
  await expect(page.getByText('1 person invited')).toBeVisible();
  await expect(page.getByText('No email is sent. Copy each link from its page and hand it over yourself.')).toBeVisible();
  await expect(page.getByLabel('Link to copy')).toHaveValue(/\/i\//);

  await page.getByRole('link', { name: 'Outbox' }).filter({ visible: true }).click();
  const row = page.getByRole('row', { name: /grace@okafor\.example/ });
  await expect(row).toContainText('Queued');
  await expect(row).toContainText('Waiting for a mail server to be set up.');
  await row.getByRole('link').click();
  await page.getByRole('navigation', { name: 'Form' }).getByRole('link', { name: 'Text' }).click();
  const text = await page.getByRole('region', { name: 'The letter as plain text' }).innerText();
  const url = /^http\S+\/i\/\S+$/m.exec(text)![0];

  const grace = await anotherBrowser(browser, server.url, {});
  await grace.goto(url);
  await grace.getByLabel('Choose a password').fill(PASSWORD);
  await grace.getByRole('button', { name: 'Join Saltmarsh Press' }).click();
  await expect(grace.getByRole('heading', { level: 1 })).toContainText('You’re now a member of Saltmarsh Press');

  await page.goto('/o/saltmarsh-press/invitations');
  await expect(page.getByRole('row', { name: /Grace Okafor/ })).toContainText('Accepted');
  await grace.context().close();
  await context.close();
  await server.stop();
  expect([...complaints, ...server.errors()]).toEqual([]);
});
